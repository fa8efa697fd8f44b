//! `lethe curriculum`.

use serde_json::json;

use super::cli::Failure;
use super::{files, run};
use crate::error::{Problem, Problems};
use crate::experiments::Job;
use crate::experiments::front::{FrontPoint, front};
use crate::figure::number::{percent, short};

/// Arguments of `lethe curriculum`.
#[derive(clap::Args)]
pub struct Arguments {
    /// A link (quote it) or a file of settings of the experiment `curriculum`; its budget is not taken.
    #[arg(value_name = "LINK|SPEC.toml")]
    what: String,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    json: bool,
}

/// Budgets of the Pareto front.
const FRONT: [f64; 7] = [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3];

/// Tells the least old-task loss that the kernel of the first seed can be made to predict, by budget; trains
/// nothing beyond pre-training.
///
/// # Errors
/// Wrong input; a network that has no kernel.
pub fn curriculum(arguments: &Arguments) -> Result<(), Failure> {
    let (link, warnings) = files::spec(&arguments.what)?;
    run::warn(&warnings);
    let spec = &link.spec;
    if !spec.experiment.prescribes() {
        let name = spec.experiment.name();
        return Err(Problems(vec![Problem::new("experiment", name, "curriculum, which prescribes schedules")]).into());
    }
    let job = Job { seed: spec.seeds[0], width: spec.widths[0] };
    let fronts = front(spec, job, &FRONT).map_err(|why| Failure::Other(format!("seed {}: {why}", job.seed)))?;
    if arguments.json {
        let printed = json!({"spec": **spec, "seed": job.seed, "fronts": fronts});
        say!("{}", run::json(&printed)?);
        return Ok(());
    }
    say!("least predicted old-task loss by budget, on seed {}, width {}", job.seed, job.width);
    say!("{:<24}{}", "", FRONT.map(|budget| format!("{:<12}", percent(budget))).concat());
    for front in &fronts {
        let value = |point: &FrontPoint| point.predicted.map_or_else(|| "none".to_owned(), |p| short(p.of(front.goal)));
        let points = front.points.iter().map(|point| format!("{:<12}", value(point)));
        say!("{:<24}{}", front.goal.when(), points.collect::<String>());
    }
    Ok(())
}
