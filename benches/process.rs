//! A peer in a process of its own: one line of JSON there, one line back.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::de::DeserializeOwned;
use serde_json::Value;

/// A Python that answers questions.
pub struct Process {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// What it said of itself when it was ready.
    pub version: String,
}

impl Process {
    /// Starts a script of this folder, which needs some packages, under the Python that an environment variable names;
    /// `prepare` adds arguments and variables.
    ///
    /// # Errors
    /// Why there is no peer, as a sentence.
    pub fn start(
        variable: &str,
        script: &str,
        needs: &str,
        prepare: impl FnOnce(&mut Command),
    ) -> Result<Self, String> {
        let python = std::env::var(variable).map_err(|_| format!("{variable} names no Python"))?;
        let script = format!("{}/benches/{script}", env!("CARGO_MANIFEST_DIR"));
        let mut command = Command::new(&python);
        command.arg(&script).stdin(Stdio::piped()).stdout(Stdio::piped());
        prepare(&mut command);
        let mut child = command.spawn().map_err(|error| format!("{python} does not start: {error}"))?;
        let questions = child.stdin.take().ok_or("it has no input")?;
        let mut answers = BufReader::new(child.stdout.take().ok_or("it has no output")?);
        let mut ready = String::new();
        let version = answers.read_line(&mut ready).ok().and_then(|_| ready.strip_prefix("ready: "));
        let Some(version) = version.map(|version| version.trim().to_owned()) else {
            // A child that is not waited for stays as a name in the system's table.
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("{python} {script} failed; does it have {needs}?"));
        };
        Ok(Self { child, questions, answers, version })
    }

    /// # Panics
    /// If the peer dies, or answers something else.
    pub fn ask<T: DeserializeOwned>(&mut self, question: &Value) -> T {
        writeln!(self.questions, "{question}").expect("the peer listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the peer answers");
        serde_json::from_str(&answer).expect("the peer answers what it was asked")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
