//! `lethe laws fit`.

use serde_json::{Map, Value, json};

use super::super::cli::Failure;
use super::super::run;
use super::input::{Input, Runs};
use super::{resamples, told};
use crate::error::{Problem, Problems};
use crate::laws::{
    Bootstrap, Collapse, FamilyBreak, HeldOut, HoldOut, Intervals, JointFit, LinearLaw, PowerFit, ReplayFit, Response,
    family_breaks_the_law, fit_joint_law, fit_linear_law, fit_power_law, fit_replay_law, identification_warnings,
    interval_warnings, predict_held_out, ranks_collapse,
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
pub struct Found {
    pub runs: Runs,
    pub linear: LinearLaw,
    pub joint: Option<JointFit>,
    pub power: Option<[PowerFit; 2]>,
    pub replay: Option<ReplayFit>,
    pub held_out: Option<HeldOut>,
    pub intervals: Option<Intervals>,
    pub collapse: Option<Collapse>,
    pub families: Vec<FamilyBreak>,
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
    let found = find(arguments, rule)?;
    if arguments.json {
        say!("{}", run::json(&as_json(&found))?);
    } else {
        told::tell(&found);
    }
    Ok(())
}

fn find(arguments: &Arguments, rule: Option<HoldOut>) -> Result<Found, Failure> {
    let runs = arguments.input.read()?;
    let robust = runs.robust;
    let (observations, told) = runs.observations.comparable();
    let observations = &observations;
    let mut warnings = runs.notes.clone();
    warnings.extend(told);
    if observations.is_empty() {
        let accepted = format!("observations at {} steps or more; --warm-up says how many are left out", runs.warm_up);
        let value = format!("{} read, all before", runs.read);
        return Err(Problems(vec![Problem::new("steps", &value, accepted)]).into());
    }
    let linear = fit_linear_law(observations)?;
    let joint = match (arguments.law, fit_joint_law(observations, robust)) {
        (Some(Law::Linear | Law::Power | Law::Replay), _) => None,
        (_, Ok(fit)) => Some(fit),
        (Some(Law::Joint), Err(problems)) => return Err(problems.into()),
        (None, Err(problems)) => {
            warnings.extend(problems.0.iter().map(|problem| format!("The joint law is left out: {problem}.")));
            None
        }
    };
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
    if let Some(fit) = &joint {
        warnings.extend(identification_warnings(fit, observations));
    }
    if replay.is_some_and(|fit| !fit.by_model_size) {
        warnings.push(
            "Base models of one size only, or of sizes not told: alpha and B of the replay law hang on replay alone and \
             trade off against each other."
                .to_owned(),
        );
    }
    let held_out = match (rule, &joint) {
        (Some(rule), _) => Some(predict_held_out(observations, rule, robust)?),
        (None, Some(_)) => {
            match HoldOut::usual(observations).map(|rule| predict_held_out(observations, rule, robust)) {
                Some(Ok(held_out)) => Some(held_out),
                Some(Err(problems)) => {
                    warnings.extend(problems.0.iter().map(|problem| format!("Nothing was held out: {problem}.")));
                    None
                }
                None => None,
            }
        }
        (None, None) => None,
    };
    let bootstrap = Bootstrap::new(observations, joint.as_ref()).filter(|_| arguments.bootstrap > 0);
    if bootstrap.is_none() && arguments.bootstrap > 0 {
        let runs = observations.present().len();
        warnings.push(format!("No intervals: they are made by resampling runs, and {runs} runs are fewer than 6."));
    }
    let intervals = bootstrap.map(|bootstrap| bootstrap.intervals(&resamples(&bootstrap, arguments.bootstrap)));
    warnings.extend(intervals.iter().flat_map(interval_warnings));
    let collapse = ranks_collapse(observations);
    if let Err(problems) = &collapse {
        warnings.extend(problems.0.iter().map(|problem| format!("Whether ranks collapse was not tested: {problem}.")));
    }
    let families = family_breaks_the_law(&runs.observations).unwrap_or_default();
    for broken in families.iter().filter(|family| family.breaks() == Some(true)) {
        warnings.push(format!(
            "The family {} breaks the linear law of {}: {:+.4} nats of forgetting beyond it, {:.1} times its noise.",
            broken.family, broken.reference, broken.offset, broken.ratio
        ));
    }
    let collapse = collapse.ok();
    Ok(Found { runs, linear, joint, power, replay, held_out, intervals, collapse, families, warnings })
}

/// The object of `--json`; numbers that are infinite become null.
fn as_json(found: &Found) -> Value {
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
    let intervals = found.intervals.as_ref().map(|intervals| {
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
        "observations": found.runs.observations.len(),
        "runs": found.runs.observations.present().len(),
        "warm_up": {"steps": found.runs.warm_up, "left_out": found.runs.left_out},
        "loss": found.runs.robust,
        "linear": found.linear,
        "joint": joint,
        "power": found.power.map(|[fine_tuning, forgetting]| json!({"fine_tuning": fine_tuning, "forgetting": forgetting})),
        "replay": found.replay,
        "held_out": found.held_out,
        "intervals": intervals,
        "collapse": found.collapse,
        "families": found.families,
        "warnings": found.warnings,
    })
}
