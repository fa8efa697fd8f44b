//! `lethe sweep plan`.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::file::{Named, Sweep};
use super::{kubernetes, slurm};
use crate::error::Problems;
use crate::native::cli::Failure;
use crate::native::llama::finetune;
use crate::native::{files, run};

/// Arguments of `lethe sweep plan`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    sweep: Named,
    /// Print one JSON object, with the settings of every run, and nothing else on standard output.
    #[arg(long)]
    json: bool,
    /// Write a script for `sbatch`: an array with one task for each run.
    #[arg(long, value_name = "FILE")]
    slurm: Option<PathBuf>,
    /// One more `#SBATCH` line of that script, such as `--gpus=1` or `--time=4:00:00`; as often as needed.
    #[arg(long, value_name = "OPTION", allow_hyphen_values = true, requires = "slurm")]
    sbatch: Vec<String>,
    /// Write an Indexed Job for `kubectl apply -f`, as JSON.
    #[arg(long, value_name = "FILE", requires_all = ["image", "volume"])]
    kubernetes: Option<PathBuf>,
    /// The container image that has `lethe`.
    #[arg(long, value_name = "IMAGE")]
    image: Option<String>,
    /// The persistent volume claim that holds this folder: sweep file, model, data and runs.
    #[arg(long, value_name = "CLAIM")]
    volume: Option<String>,
    /// GPUs of each pod.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "kubernetes")]
    gpus: u32,
    /// Runs that go on at once on a cluster.
    #[arg(long, value_name = "N", default_value_t = 8)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    at_once: u32,
}

/// Tells the runs of a sweep, and writes what a cluster runs them by.
///
/// # Errors
/// A wrong sweep file, or a file that cannot be written.
pub fn plan(arguments: &Arguments) -> Result<(), Failure> {
    let sweep = arguments.sweep.read()?;
    check(&sweep)?;
    if let Some(file) = &arguments.slurm {
        let script = slurm::script(&sweep, &program()?, arguments.at_once, &arguments.sbatch)?;
        files::write(file, script.as_bytes())?;
        // Slurm begins no task whose output it cannot open.
        let failed = |error| Failure::Other(format!("cannot make {}: {error}", sweep.folder.display()));
        std::fs::create_dir_all(&sweep.folder).map_err(failed)?;
    }
    if let Some(file) = &arguments.kubernetes {
        let pod = kubernetes::Pod {
            image: arguments.image.as_deref().unwrap_or_default(),
            claim: arguments.volume.as_deref().unwrap_or_default(),
            gpus: arguments.gpus,
        };
        let job = kubernetes::job(&sweep, &pod, arguments.at_once)?;
        files::write(file, format!("{job:#}\n").as_bytes())?;
    }
    if arguments.json { tell_json(&sweep) } else { tell(&sweep, arguments) }
}

/// The first run whose settings cannot be run, if there is one: the others may share what is wrong.
fn check(sweep: &Sweep) -> Result<(), Problems> {
    for index in 0..sweep.names.len() {
        finetune::check(&sweep.settings(index)).map_err(|mut problems| {
            let place = format!("run {index} ({})", sweep.label(index));
            problems.0.iter_mut().for_each(|problem| problem.accepted = format!("{}; in {place}", problem.accepted));
            problems
        })?;
    }
    Ok(())
}

fn tell_json(sweep: &Sweep) -> Result<(), Failure> {
    let runs: Vec<serde_json::Value> = (0..sweep.names.len())
        .map(|index| {
            let chosen: serde_json::Map<String, serde_json::Value> =
                sweep.chosen(index).into_iter().map(|(axis, value)| (axis.to_owned(), value.into())).collect();
            let settings = sweep.settings(index);
            json!({"index": index, "name": sweep.names[index], "chosen": chosen, "settings": settings})
        })
        .collect();
    say!("{}", run::json(&json!({"plan": sweep.plan(), "folder": sweep.folder, "runs": runs}))?);
    Ok(())
}

fn tell(sweep: &Sweep, arguments: &Arguments) -> Result<(), Failure> {
    for (index, name) in sweep.names.iter().enumerate() {
        say!("{index:>6}  {name}  {}", sweep.label(index));
    }
    let count = sweep.names.len();
    say!("\n{count} runs in {}; plan {}", sweep.folder.display(), sweep.plan());
    for (file, how) in [(&arguments.slurm, "sbatch"), (&arguments.kubernetes, "kubectl apply -f")] {
        if let Some(file) = file {
            say!("{how} {}", file.display());
        }
    }
    Ok(())
}

/// This program.
fn program() -> Result<PathBuf, Failure> {
    std::env::current_exe().map_err(|error| Failure::Other(format!("cannot tell where this program is: {error}")))
}

/// A path as it is from any folder.
///
/// # Errors
/// A current folder that is gone.
pub fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path)
        .map_err(|error| Failure::Other(format!("cannot tell where {} is: {error}", path.display())))
}
