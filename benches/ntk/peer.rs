//! google/neural-tangents as a peer.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::process::Process;
use crate::work::Work;

/// `benches/ntk_peer.py` under the Python that `LETHE_NTK_PYTHON` names.
pub struct NeuralTangents {
    process: Process,
    /// The sizes of the network that it was given last.
    given: Vec<usize>,
}

/// What it took, compilation aside, and the kernel's first row.
#[derive(Deserialize)]
pub struct Answer {
    pub seconds: f64,
    pub row: Vec<f64>,
}

impl NeuralTangents {
    /// Starts it on the processor.
    ///
    /// # Errors
    /// Why there is no peer, as a sentence.
    pub fn start() -> Result<Self, String> {
        let process = Process::start("LETHE_NTK_PYTHON", "ntk_peer.py", "neural-tangents", |command| {
            command.env("JAX_PLATFORMS", "cpu").env("TF_CPP_MIN_LOG_LEVEL", "3").stderr(std::process::Stdio::null());
        })?;
        Ok(Self { process, given: Vec::new() })
    }

    /// Its versions, as a phrase.
    pub fn version(&self) -> &str {
        &self.process.version
    }

    /// Computes the same kernel, in one of its ways.
    ///
    /// # Panics
    /// If the peer dies.
    pub fn kernel(&mut self, work: &Work, way: &str) -> Answer {
        let sizes: Vec<usize> = work.layers.iter().map(|layer| layer.weights.nrows()).collect();
        let layers = || -> Vec<Value> {
            let layer = |layer: &lethe::kernel::Layer<f32>| {
                json!({
                    "weights": layer.weights.iter().collect::<Vec<_>>(),
                    "shape": layer.weights.shape(),
                    "bias": layer.bias.to_vec(),
                })
            };
            work.layers.iter().map(layer).collect()
        };
        let again = self.given == sizes;
        let question = json!({
            "x": work.x.iter().collect::<Vec<_>>(),
            "layers": if again { Value::Null } else { layers().into() },
            "way": way,
        });
        self.given = sizes;
        self.process.ask(&question)
    }
}
