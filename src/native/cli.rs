//! Arguments, exit codes and the way errors are told.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};

use super::llama;
use super::{associations, curriculum, laws, run, sweep, theory, verify};
use crate::error::{Problem, Problems};
use crate::record::BUILD;

/// Lethe: what does a network forget when it learns something new?
#[derive(Parser)]
#[command(name = "lethe", version = BUILD, about, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run an experiment.
    Run(RunArguments),
    /// Rerun a link that has a fingerprint, or a record, and say whether the result is the same.
    ///
    /// Exits with 0 if it is (exactly or within tolerance), with 1 if it differs.
    Verify {
        /// A link (quote it) or a record.
        #[arg(value_name = "LINK|RECORD.json")]
        what: String,
        /// What computes.
        #[arg(long, value_enum, default_value_t = DeviceChoice::Cpu)]
        device: DeviceChoice,
        /// Print one JSON object and nothing else on standard output.
        #[arg(long)]
        json: bool,
    },
    /// Tell the least old-task loss that a prescribed schedule can come to, by budget; `run` trains them.
    Curriculum(curriculum::Arguments),
    /// Say what the kernel of one network knows of its fine-tuning: limits, modes, predicted and trained curves.
    Theory(theory::Arguments),
    /// Fit scaling laws of forgetting to anyone's runs, and advise by them.
    #[command(subcommand)]
    Laws(laws::Command),
    /// Who forgets what: complete a matrix of tasks and upstream examples.
    #[command(subcommand)]
    Associations(associations::Command),
    /// Language models: train a base model on the language world.
    #[command(subcommand)]
    Llama(llama::Command),
    /// Many fine-tunings that differ in a few settings, on one machine or on a cluster.
    #[command(subcommand)]
    Sweep(sweep::Command),
}

/// Arguments of `lethe run`.
#[derive(clap::Args)]
pub struct RunArguments {
    /// A link (quote it) or a file of settings.
    #[arg(value_name = "LINK|SPEC.toml")]
    pub what: String,
    /// What computes.
    #[arg(long, value_enum, default_value_t = DeviceChoice::Cpu)]
    pub device: DeviceChoice,
    /// Write record.json, series.csv, the figures (SVG) and schedules that were prescribed (TOML) here.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print the record as one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
    /// Write data, targets, weights, batches and initial parameters per seed as .npy.
    #[arg(long, value_name = "DIR")]
    pub export_inputs: Option<PathBuf>,
    /// Write the run as reference curves for the page.
    #[arg(long, value_name = "FILE")]
    pub reference: Option<PathBuf>,
}

impl RunArguments {
    /// That what only fused networks have is not asked of another experiment.
    ///
    /// # Errors
    /// The option that is.
    pub fn refuse_inputs_and_reference(&self, experiment: &str) -> Result<(), Problems> {
        let given = [("--export-inputs", self.export_inputs.is_some()), ("--reference", self.reference.is_some())];
        match given.into_iter().find(|(_, is_given)| *is_given) {
            None => Ok(()),
            Some((option, _)) => {
                let accepted = format!("no {option} with the experiment {experiment}");
                Err(Problems(vec![Problem::new(option, "given", accepted)]))
            }
        }
    }
}

/// What computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceChoice {
    /// The fused CPU engine, the same bits everywhere.
    #[default]
    Cpu,
    /// The fused GPU engine by Vulkan, Metal or DirectX: the same within a tolerance.
    Gpu,
    /// The same by CUDA, in a build with the feature `cuda`.
    Cuda,
}

impl DeviceChoice {
    /// The word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Gpu => "gpu",
            Self::Cuda => "cuda",
        }
    }
}

/// Why a command stopped.
#[derive(Debug)]
pub enum Failure {
    /// The input is wrong; trying again cannot help.
    Input(Problems),
    /// It stopped before its end, in a sentence, and can be carried on.
    Interrupted(String),
    /// Anything else, in a sentence.
    Other(String),
    /// It ran, and the answer is no.
    No,
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::Input(problems)
    }
}

/// Runs the command line.
pub fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Verify { what, device, json } => verify::verify(&what, device, json),
        Command::Curriculum(arguments) => curriculum::curriculum(&arguments),
        Command::Theory(arguments) => theory::theory(&arguments),
        Command::Laws(command) => laws::laws(&command),
        Command::Associations(command) => associations::associations(&command),
        Command::Llama(command) => llama::llama(&command),
        Command::Sweep(command) => sweep::sweep(&command),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::No) => ExitCode::from(1),
        Err(Failure::Other(text)) => {
            eprintln!("error: {text}");
            ExitCode::from(1)
        }
        Err(Failure::Interrupted(text)) => {
            eprintln!("interrupted: {text}");
            ExitCode::from(3)
        }
        Err(Failure::Input(problems)) => {
            for problem in &problems.0 {
                eprintln!("error: {problem}");
            }
            ExitCode::from(2)
        }
    }
}
