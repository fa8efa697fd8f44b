//! PyTorch as a peer.

use lethe::record::base64url;
use serde::Deserialize;
use serde_json::json;

use crate::process::Process;
use crate::work::{RATE, Work};

/// `benches/deep_peer.py` under the Python that `LETHE_TORCH_PYTHON` names.
pub struct Torch {
    process: Process,
}

/// What it took, and the mean loss at the end.
#[derive(Deserialize)]
pub struct Answer {
    pub seconds: f64,
    pub loss: f64,
}

impl Torch {
    /// Starts it on so many threads.
    ///
    /// # Errors
    /// Why there is no peer, as a sentence.
    pub fn start(threads: usize) -> Result<Self, String> {
        let prepare = |command: &mut std::process::Command| {
            command.arg(threads.to_string());
        };
        Ok(Self { process: Process::start("LETHE_TORCH_PYTHON", "deep_peer.py", "torch", prepare)? })
    }

    /// Its version.
    pub fn version(&self) -> &str {
        &self.process.version
    }

    /// Trains the same networks from the same start.
    ///
    /// # Panics
    /// If the peer dies.
    pub fn train(&mut self, work: &Work) -> Answer {
        let bytes =
            |values: &[f32]| base64url::write(&values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>());
        let question = json!({
            "activation": work.mlp.activation,
            "block": work.mlp.block,
            "depth": work.mlp.depth,
            "width": work.mlp.width,
            "steps": work.steps,
            "rate": RATE,
            "x": bytes(&work.x),
            "y": bytes(&work.y),
            "starts": bytes(&work.starts.concat()),
        });
        self.process.ask(&question)
    }
}
