//! PyTorch in a process of its own: one line of JSON there, one line back.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use lethe::record::base64url;
use serde::Deserialize;
use serde_json::json;

use crate::work::{RATE, Work};

/// `benches/deep_peer.py` under the Python that `LETHE_TORCH_PYTHON` names.
pub struct Torch {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// Its version.
    pub version: String,
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
        let python =
            std::env::var("LETHE_TORCH_PYTHON").map_err(|_| "LETHE_TORCH_PYTHON names no Python".to_owned())?;
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/deep_peer.py");
        let mut command = Command::new(&python);
        command.args([script, &threads.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("{python} does not start: {error}"))?;
        let questions = child.stdin.take().ok_or("it has no input")?;
        let mut answers = BufReader::new(child.stdout.take().ok_or("it has no output")?);
        let mut ready = String::new();
        let version = answers.read_line(&mut ready).ok().and_then(|_| ready.strip_prefix("ready: "));
        let Some(version) = version.map(|version| version.trim().to_owned()) else {
            // A child that is not waited for stays as a name in the system's table.
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("{python} {script} failed; does it have torch?"));
        };
        Ok(Self { child, questions, answers, version })
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
        writeln!(self.questions, "{question}").expect("the PyTorch peer listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the PyTorch peer answers");
        serde_json::from_str(&answer).expect("the PyTorch peer answers with seconds and loss")
    }
}

impl Drop for Torch {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
