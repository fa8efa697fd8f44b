//! SciPy in a process of its own, told the observations and how often each run is in each resample.

use std::io::Write;
use std::process::{Command, Stdio};

use lethe::laws::Observations;
use serde_json::{Value, json};

/// How long `benches/laws_peer.py` takes for the same resamples, imports aside, under the Python that
/// `LETHE_LAWS_PYTHON` names.
///
/// # Errors
/// Why there is no peer, as a sentence.
pub fn seconds(observations: &Observations, weights: &[Vec<u32>]) -> Result<f64, String> {
    let python = std::env::var("LETHE_LAWS_PYTHON").map_err(|_| "LETHE_LAWS_PYTHON names no Python".to_owned())?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/laws_peer.py");
    let column = |of: fn(&lethe::laws::Observation) -> f64| -> Vec<f64> {
        observations.rows().iter().map(|(_, row)| of(row)).collect()
    };
    let question = json!({
        "run": observations.rows().iter().map(|(run, _)| run).collect::<Vec<_>>(),
        "parameters": column(|row| row.parameters),
        "steps": column(|row| row.steps),
        "fine_tuning_loss": column(|row| row.fine_tuning_loss),
        "forgetting": column(|row| row.forgetting),
        "weights": weights,
    });
    let mut command = Command::new(&python);
    for threads in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"] {
        command.env(threads, "1");
    }
    let child = command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child = child.map_err(|error| format!("{python} does not start: {error}"))?;
    let mut input = child.stdin.take().ok_or("it has no input")?;
    input.write_all(question.to_string().as_bytes()).map_err(|error| error.to_string())?;
    drop(input);
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    let answer: Option<Value> = serde_json::from_slice(&output.stdout).ok();
    let seconds = answer.and_then(|answer| answer["seconds"].as_f64());
    seconds.ok_or_else(|| format!("{python} {script} failed; does it have scipy?"))
}
