//! `lethe laws advise`.

use serde_json::json;

use super::super::cli::Failure;
use super::super::run;
use super::super::spread::spread;
use super::input::Input;
use super::told::short;
use crate::error::{Problem, Problems};
use crate::figure::number::percent;
use crate::laws::{Advice, Pilot, PilotResample};
use crate::report::advised;

/// Arguments of `lethe laws advise`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    input: Input,
    /// The most forgetting allowed, in the units of the file's column: nats.
    #[arg(long, value_name = "NATS")]
    forgetting_budget: f64,
    /// Resamples of the runs for the intervals.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    bootstrap: usize,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    json: bool,
}

/// Advises, or refuses and says why.
///
/// # Errors
/// Wrong input, or [`Failure::No`] for a refusal.
pub fn advise(arguments: &Arguments) -> Result<(), Failure> {
    let budget = arguments.forgetting_budget;
    let mut problems = Vec::new();
    if !budget.is_finite() {
        problems.push(Problem::new("--forgetting-budget", &budget.to_string(), "a finite number of nats"));
    }
    if !(100..=100_000).contains(&arguments.bootstrap) {
        problems.push(Problem::new(
            "--bootstrap",
            &arguments.bootstrap.to_string(),
            "a whole number from 100 to 100000",
        ));
    }
    if !problems.is_empty() {
        return Err(Problems(problems).into());
    }
    let runs = arguments.input.read()?;
    let advice = Pilot::new(&runs.observations, runs.robust).and_then(|pilot| {
        let resamples: Vec<Option<PilotResample>> = spread(arguments.bootstrap, |index| pilot.resample(index));
        pilot.advise(budget, &resamples)
    });
    runs.notes.iter().for_each(|note| eprintln!("warning: {note}"));
    match advice {
        Ok(advice) => {
            if arguments.json {
                say!("{}", run::json(&json!({"advice": advice, "refusal": null}))?);
            } else {
                tell(&advice);
            }
            Ok(())
        }
        Err(refusal) => {
            if arguments.json {
                say!("{}", run::json(&json!({"advice": null, "refusal": refusal}))?);
            } else {
                say!("no advice: {}", refusal.reason);
            }
            Err(Failure::No)
        }
    }
}

fn tell(advice: &Advice) {
    say!("{}\n", advised(advice));
    say!("{:>14}  {:>8}  {:>8}  {:<18}forgetting", "parameters", "steps", "replay", "fine-tuning loss");
    for one in &advice.candidates {
        say!(
            "{:>14}  {:>8.0}  {:>8}  {:<18}{}",
            one.parameters,
            one.steps,
            percent(one.replay),
            short(one.fine_tuning_loss),
            short(one.forgetting)
        );
    }
    for warning in &advice.warnings {
        eprintln!("warning: {warning}");
    }
}
