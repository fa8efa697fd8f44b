//! `lethe sweep status`.

use serde_json::{Value, json};

use super::file::Named;
use super::state::State;
use crate::native::cli::Failure;
use crate::native::run;

/// Arguments of `lethe sweep status`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    sweep: Named,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    json: bool,
}

/// Tells how far every run is.
///
/// # Errors
/// A wrong sweep file.
pub fn status(arguments: &Arguments) -> Result<(), Failure> {
    let sweep = arguments.sweep.read()?;
    let states: Vec<State> = (0..sweep.names.len()).map(|index| State::of(&sweep.folder_of(index))).collect();
    if arguments.json {
        let runs: Vec<Value> = states
            .iter()
            .enumerate()
            .map(|(index, state)| {
                let mut run = json!(state);
                run["index"] = index.into();
                run["name"] = sweep.names[index].as_str().into();
                run
            })
            .collect();
        say!("{}", run::json(&json!({"plan": sweep.plan(), "folder": sweep.folder, "runs": runs}))?);
        return Ok(());
    }
    for (index, state) in states.iter().enumerate() {
        say!("{index:>6}  {}  {:<32}  {}", sweep.names[index], state.told(), sweep.label(index));
    }
    say!("\n{}", counted(&states));
    Ok(())
}

/// How many runs are in which state: `3 done, 1 running`.
pub fn counted(states: &[State]) -> String {
    let names = ["done", "running", "interrupted", "failed", "not begun"];
    let counts = names.map(|name| (name, states.iter().filter(|state| state.name() == name).count()));
    let parts: Vec<String> =
        counts.iter().filter(|(_, count)| *count > 0).map(|(name, count)| format!("{count} {name}")).collect();
    format!("{} of {} runs", parts.join(", "), states.len())
}
