//! JAX in a process of its own: one line of JSON there, one line back.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use lethe::model::Parameters;
use serde::Deserialize;
use serde_json::json;

use crate::work::{RATE, Work};

/// `benches/jax_peer.py` under the Python that `LETHE_PYTHON` names.
pub struct Jax {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// Its version and device, as a phrase.
    pub version: String,
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
        let python = std::env::var("LETHE_PYTHON").map_err(|_| "LETHE_PYTHON names no Python".to_owned())?;
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/jax_peer.py");
        let mut command = Command::new(&python);
        command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
        if on_processor {
            command.env("JAX_PLATFORMS", "cpu");
        }
        let mut child = command.spawn().map_err(|error| format!("{python} does not start: {error}"))?;
        let questions = child.stdin.take().ok_or("it has no input")?;
        let mut answers = BufReader::new(child.stdout.take().ok_or("it has no output")?);
        let mut ready = String::new();
        let version = answers.read_line(&mut ready).ok().and_then(|_| ready.strip_prefix("ready: "));
        let Some(version) = version.map(|version| version.trim().to_owned()) else {
            // A child that is not waited for stays as a name in the system's table.
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("{python} {script} failed; does it have jax and numpy?"));
        };
        Ok(Self { child, questions, answers, version, given: Vec::new() })
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
        writeln!(self.questions, "{question}").expect("the JAX peer listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the JAX peer answers");
        serde_json::from_str(&answer).expect("the JAX peer answers with seconds and loss")
    }
}

impl Drop for Jax {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
