//! `lethe curriculum`.

use serde_json::{Value, json};

use super::cli::Failure;
use super::{files, run};
use crate::error::{Problem, Problems};
use crate::experiments::analysis::Analysis;
use crate::experiments::analysis::prescription::Terms;
use crate::experiments::curriculum::Losses;
use crate::experiments::run::planner::losses;
use crate::experiments::{Goal, Job};
use crate::figure::number::{percent, short};
use crate::kernel::optimum::{Objective, Outcome};
use crate::report::theory::BUDGETS;

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
    let terms = Terms { budget: spec.replay[0], segments: spec.segments as usize, id_slack: spec.id_slack };
    let fronts = Analysis::of(spec, job).and_then(|analysis| analysis.front(terms, &BUDGETS));
    let fronts = fronts.map_err(|why| Failure::Other(format!("seed {}: {why}", job.seed)))?;
    let fronts: Vec<(Goal, Vec<Option<Losses>>)> =
        fronts.into_iter().map(|(objective, found)| (goal(objective), found.iter().map(predicted).collect())).collect();
    if arguments.json {
        let point = |(budget, predicted): (&f64, &Option<Losses>)| json!({"budget": budget, "predicted": predicted});
        let front = |(goal, found): &(Goal, Vec<Option<Losses>>)| {
            let points: Vec<Value> = BUDGETS.iter().zip(found).map(point).collect();
            json!({"goal": goal, "points": points})
        };
        let fronts: Vec<Value> = fronts.iter().map(front).collect();
        say!("{}", run::json(&json!({"spec": **spec, "seed": job.seed, "fronts": fronts}))?);
        return Ok(());
    }
    say!("least predicted old-task loss by budget, on seed {}, width {}", job.seed, job.width);
    say!("{:<24}{}", "", BUDGETS.map(|budget| format!("{:<12}", percent(budget))).concat());
    for (goal, found) in &fronts {
        let value = |p: &Option<Losses>| p.map_or_else(|| "none".to_owned(), |p| short(p.of(*goal)));
        say!("{:<24}{}", goal.when(), found.iter().map(|p| format!("{:<12}", value(p))).collect::<String>());
    }
    Ok(())
}

fn goal(objective: Objective) -> Goal {
    match objective {
        Objective::End => Goal::End,
        Objective::Average => Goal::Average,
        Objective::Worst => Goal::Worst,
    }
}

fn predicted(found: &Option<Outcome>) -> Option<Losses> {
    found.as_ref().map(losses)
}
