//! google/neural-tangents in a process of its own: one line of JSON there, one line back.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::work::Work;

/// `benches/ntk_peer.py` under the Python that `LETHE_NTK_PYTHON` names.
pub struct NeuralTangents {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// Its versions, as a phrase.
    pub version: String,
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
        let python = std::env::var("LETHE_NTK_PYTHON").map_err(|_| "LETHE_NTK_PYTHON names no Python".to_owned())?;
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/ntk_peer.py");
        let mut command = Command::new(&python);
        command.arg(script).env("JAX_PLATFORMS", "cpu").env("TF_CPP_MIN_LOG_LEVEL", "3");
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.map_err(|error| format!("{python} does not start: {error}"))?;
        let questions = child.stdin.take().ok_or("it has no input")?;
        let mut answers = BufReader::new(child.stdout.take().ok_or("it has no output")?);
        let mut ready = String::new();
        let version = answers.read_line(&mut ready).ok().and_then(|_| ready.strip_prefix("ready: "));
        let Some(version) = version.map(|version| version.trim().to_owned()) else {
            // A child that is not waited for stays as a name in the system's table.
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("{python} {script} failed; does it have neural-tangents?"));
        };
        Ok(Self { child, questions, answers, version, given: Vec::new() })
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
        writeln!(self.questions, "{question}").expect("the peer listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the peer answers");
        serde_json::from_str(&answer).expect("the peer answers with seconds and a row")
    }
}

impl Drop for NeuralTangents {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
