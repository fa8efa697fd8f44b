//! `lethe sweep run`.

use super::file::{Named, Sweep};
use super::local;
use super::state::{self, State};
use crate::error::{Problem, Problems};
use crate::native::cli::Failure;
use crate::native::llama::finetune;
use crate::native::lock;

/// Variables by which clusters tell a task its index: of Slurm's arrays, of Kubernetes' Indexed Jobs.
const INDICES: [&str; 2] = ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX"];

/// Arguments of `lethe sweep run`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    sweep: Named,
    /// Run the one of this index; where neither this nor -j is given, that of SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX.
    #[arg(long, value_name = "N", conflicts_with = "jobs")]
    index: Option<usize>,
    /// Run all that are not done on this machine, so many at a time.
    #[arg(short, long, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Refuse a sweep whose plan has another name: its file has changed since.
    #[arg(long, value_name = "NAME")]
    plan: Option<String>,
    /// Stop as if asked to when standard input ends, which it does with whoever began this.
    #[arg(long, hide = true)]
    ends_with_input: bool,
}

/// Runs one of a sweep's runs, or all of them here. What is done is left alone, what was interrupted goes on.
///
/// # Errors
/// A wrong sweep file, settings or index; a stop that was asked for, with everything saved; what the run could not do.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let sweep = arguments.sweep.read()?;
    if let Some(plan) = arguments.plan.as_ref().filter(|plan| **plan != sweep.plan()) {
        let accepted = format!("{}, the plan of {} as it is now", sweep.plan(), sweep.path.display());
        return Err(Problems(vec![Problem::new("--plan", plan, accepted)]).into());
    }
    match arguments.jobs {
        Some(jobs) => local::run(&sweep, usize::from(jobs)),
        None => one(&sweep, index(&sweep, arguments.index)?, arguments.ends_with_input),
    }
}

fn one(sweep: &Sweep, index: usize, ends_with_input: bool) -> Result<(), Failure> {
    let folder = sweep.folder_of(index);
    eprintln!("run {index}, {}: {}", sweep.names[index], sweep.label(index));
    if matches!(State::of(&folder), State::Done { .. }) {
        eprintln!("it is done");
        return Ok(());
    }
    if let Some(who) = lock::holder(&folder) {
        return Err(Failure::Interrupted(format!("{who} works on it; the same command goes on when that has ended")));
    }
    if ends_with_input {
        std::thread::spawn(|| {
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            finetune::stop();
        });
    }
    let done = state::forget(&folder).and_then(|()| finetune::run(&sweep.settings(index), &folder, false));
    match &done {
        Err(Failure::Input(problems)) => state::keep(&folder, &problems.to_string()),
        Err(Failure::Other(why)) if lock::holder(&folder).is_none() => state::keep(&folder, why),
        _ => {}
    }
    done
}

fn index(sweep: &Sweep, given: Option<usize>) -> Result<usize, Problems> {
    let last = sweep.names.len() - 1;
    let accepted = || format!("a whole number from 0 to {last}");
    let (field, value) = match given {
        Some(index) => ("--index", index.to_string()),
        None => {
            let told = INDICES.iter().find_map(|name| Some((*name, std::env::var(name).ok()?)));
            told.ok_or_else(|| {
                let accepted = format!("--index N, -j N, or one of {}", INDICES.join(", "));
                Problems(vec![Problem::new("index", "missing", accepted)])
            })?
        }
    };
    let index = value.parse::<usize>().ok().filter(|index| *index <= last);
    index.ok_or_else(|| Problems(vec![Problem::new(field, &value, accepted())]))
}
