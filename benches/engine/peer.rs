//! JAX as a peer.

use lethe::model::Parameters;
use serde::Deserialize;
use serde_json::json;

use crate::process::Process;
use crate::work::{RATE, Work};

/// `benches/jax_peer.py` under the Python that `LETHE_PYTHON` names.
pub struct Jax {
    process: Process,
    /// The networks that it was given last.
    given: Vec<Parameters>,
}

/// What it took, compilation aside, and the mean loss at the end.
#[derive(Deserialize)]
pub struct Answer {
    pub seconds: f64,
    pub loss: f64,
}

impl Jax {
    /// Starts it on the processor, or wherever it likes best.
    ///
    /// # Errors
    /// Why there is no peer, as a sentence.
    pub fn start(on_processor: bool) -> Result<Self, String> {
        let process = Process::start("LETHE_PYTHON", "jax_peer.py", "jax and numpy", |command| {
            if on_processor {
                command.env("JAX_PLATFORMS", "cpu");
            }
        })?;
        Ok(Self { process, given: Vec::new() })
    }

    /// Its version and device, as a phrase.
    pub fn version(&self) -> &str {
        &self.process.version
    }

    /// Trains the same networks from the same start.
    ///
    /// # Panics
    /// If the peer dies.
    pub fn train(&mut self, work: &Work) -> Answer {
        let again = self.given == work.starts;
        if !again {
            self.given.clone_from(&work.starts);
        }
        let question = json!({
            "activation": work.mlp.activation,
            "steps": work.steps,
            "rate": RATE,
            "x": work.examples.x,
            "y": work.examples.y,
            // Thousands of networks take longer to write down than to train.
            "starts": if again { None } else { Some(&work.starts) },
        });
        self.process.ask(&question)
    }
}
