//! `lethe laws fit`.

use serde_json::{Map, Value, json};

use super::super::cli::Failure;
use super::super::run;
use super::input::{Input, Runs};
use super::{resamples, told};
use crate::error::{Problem, Problems};
use crate::laws::{
    Bootstrap, Found, HoldOut, Intervals, Joint, PowerFit, ReplayFit, Response, fit_power_law, fit_replay_law,
    interval_warnings,
};

/// Arguments of `lethe laws fit`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    input: Input,
    /// The law to fit beside the linear one; the joint law where it can be, unless told.
    #[arg(long, value_enum)]
    law: Option<Law>,
    /// Resamples of the runs for the intervals; 0 for none.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    bootstrap: usize,
    /// What is held out, fitted without, and predicted: parameters>NUMBER, steps>NUMBER or largest=COUNT. The two
    /// largest numbers of parameters where at least five differ, unless told.
    #[arg(long, value_name = "RULE")]
    hold_out: Option<String>,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    json: bool,
}

/// Which law.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Law {
    /// Forgetting against fine-tuning loss: a line.
    Linear,
    /// Each loss alone against parameters and steps: a shifted power law.
    Power,
    /// Both losses with a shared exponent, as in the paper.
    Joint,
    /// Forgetting against data, size of the model and replay.
    Replay,
}

/// Most resamples.
const MOST_RESAMPLES: usize = 100_000;

/// All that was found.
pub struct Fitted {
    pub runs: Runs,
    pub found: Found,
    pub power: Option<[PowerFit; 2]>,
    pub replay: Option<ReplayFit>,
    pub intervals: Option<Intervals>,
    pub warnings: Vec<String>,
}

/// Fits laws to runs and tells them.
///
/// # Errors
/// Wrong input, or runs to which the law that was asked for cannot be fitted.
pub fn fit(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.bootstrap > MOST_RESAMPLES {
        let accepted = format!("a whole number from 0 to {MOST_RESAMPLES}");
        return Err(Problems(vec![Problem::new("--bootstrap", &arguments.bootstrap.to_string(), accepted)]).into());
    }
    let rule =
        arguments.hold_out.as_deref().map(HoldOut::read).transpose().map_err(|problem| Problems(vec![problem]))?;
    let fitted = find(arguments, rule)?;
    if arguments.json {
        say!("{}", run::json(&as_json(&fitted))?);
    } else {
        told::tell(&fitted);
    }
    Ok(())
}

fn find(arguments: &Arguments, rule: Option<HoldOut>) -> Result<Fitted, Failure> {
    let runs = arguments.input.read()?;
    let robust = runs.robust;
    let mut warnings = runs.notes.clone();
    if runs.observations.is_empty() {
        let accepted = format!("observations at {} steps or more; --warm-up says how many are left out", runs.warm_up);
        let value = format!("{} read, all before", runs.read);
        return Err(Problems(vec![Problem::new("steps", &value, accepted)]).into());
    }
    let joint = match arguments.law {
        Some(Law::Linear | Law::Power | Law::Replay) => Joint::LeftOut,
        Some(Law::Joint) => Joint::Surely,
        None => Joint::IfPossible,
    };
    let found = Found::of(&runs.observations, robust, joint, rule)?;
    warnings.extend(found.warnings.clone());
    let observations = &found.observations;
    let power = match arguments.law {
        Some(Law::Power) => Some([
            fit_power_law(observations, Response::FineTuningLoss, robust)?,
            fit_power_law(observations, Response::Forgetting, robust)?,
        ]),
        _ => None,
    };
    let replay = match arguments.law {
        Some(Law::Replay) => Some(fit_replay_law(&runs.observations, robust)?),
        _ => None,
    };
    if replay.is_some_and(|fit| !fit.by_model_size) {
        warnings.push(
            "Base models of one size only, or of sizes not told: alpha and B of the replay law hang on replay alone and \
             trade off against each other."
                .to_owned(),
        );
    }
    let bootstrap = Bootstrap::new(observations, found.joint.as_ref()).filter(|_| arguments.bootstrap > 0);
    if bootstrap.is_none() && arguments.bootstrap > 0 {
        let runs = observations.present().len();
        warnings.push(format!("No intervals: they are made by resampling runs, and {runs} runs are fewer than 6."));
    }
    let intervals = bootstrap.map(|bootstrap| bootstrap.intervals(&resamples(&bootstrap, arguments.bootstrap)));
    warnings.extend(intervals.iter().flat_map(interval_warnings));
    Ok(Fitted { runs, found, power, replay, intervals, warnings })
}

/// The object of `--json`; numbers that are infinite become null.
fn as_json(fitted: &Fitted) -> Value {
    let found = &fitted.found;
    let joint = found.joint.as_ref().map(|fit| {
        let parameters: Map<String, Value> =
            fit.parameters().named().iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        json!({
            "parameters": parameters,
            "r2_fine_tuning": fit.r2_fine_tuning,
            "r2_forgetting": fit.r2_forgetting,
            "rmse_fine_tuning": fit.rmse_fine_tuning,
            "rmse_forgetting": fit.rmse_forgetting,
            "noise_fine_tuning": fit.noise(Response::FineTuningLoss),
            "noise_forgetting": fit.noise(Response::Forgetting),
            "condition": fit.condition,
            "curves": fit.law,
        })
    });
    let intervals = fitted.intervals.as_ref().map(|intervals| {
        let joint = intervals.joint.as_ref().map(|joint| -> Map<String, Value> {
            joint.iter().map(|(name, interval)| (name.clone(), json!(interval))).collect()
        });
        json!({
            "resamples": intervals.resamples,
            "runs": intervals.runs,
            "linear": intervals.linear,
            "joint": joint,
            "joint_resamples": intervals.joint_resamples,
        })
    });
    json!({
        "observations": fitted.runs.observations.len(),
        "runs": fitted.runs.observations.present().len(),
        "warm_up": {"steps": fitted.runs.warm_up, "left_out": fitted.runs.left_out},
        "loss": fitted.runs.robust,
        "linear": found.linear,
        "joint": joint,
        "power": fitted.power.map(|[fine_tuning, forgetting]| json!({"fine_tuning": fine_tuning, "forgetting": forgetting})),
        "replay": fitted.replay,
        "held_out": found.held_out,
        "intervals": intervals,
        "collapse": found.collapse,
        "stopping_points": found.stopping,
        "families": found.families,
        "warnings": fitted.warnings,
    })
}
