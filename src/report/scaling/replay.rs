//! What replay changes, in words.

use crate::figure::number::{percent, short, signed};
use crate::laws::{Observation, Observations, Robust, fit_replay_law, replay_of};
use crate::report::Statement;

/// Most fractions that are told one by one.
const MOST: usize = 8;

/// What replay takes off and what it costs, and the law of it where the runs suffice; nothing where it was not varied.
pub fn statement(observations: &Observations) -> Option<Statement> {
    let fractions = observations.different(replay_of);
    let (&least, more) = fractions.split_first()?;
    let each: Vec<String> = more.iter().take(MOST).filter_map(|&replay| against(observations, least, replay)).collect();
    if each.is_empty() {
        return None;
    }
    let mut text = format!("Against {} of replay, at the last common step: {}.", percent(least), each.join("; "));
    let mut values = Vec::new();
    match fit_replay_law(observations, Robust::Squares) {
        Ok(fit) => {
            text.push_str(&format!(
                " Replay law (Bethune et al., arXiv 2502.06042): R2 {}, beta {}, alpha {}, B {}; 1 % of replay counts as \
                 a model {} times as large.",
                short(fit.r2),
                short(fit.law.beta),
                short(fit.law.alpha),
                short(fit.law.b),
                short(fit.law.effective_size(0.01))
            ));
            values.extend([("r2", fit.r2), ("beta", fit.law.beta), ("alpha", fit.law.alpha), ("b", fit.law.b)]);
            if !fit.by_model_size {
                text.push_str(" Its bases have one size, so that alpha and B trade off against each other.");
            }
        }
        Err(problems) => text.push_str(&format!(" The replay law was not fitted: {problems}.")),
    }
    values.retain(|(_, value): &(&str, f64)| value.is_finite());
    Some(Statement { id: "replay", text, values })
}

/// What one fraction changes against the least, over all kinds of runs that have both: equal tuned parameters, family and
/// base, at the last step that both have.
fn against(observations: &Observations, least: f64, replay: f64) -> Option<String> {
    let mut kinds: Vec<(f64, Option<f64>, Option<&str>)> = Vec::new();
    let kind = |run: usize, row: &Observation| {
        (row.parameters, row.model_parameters, observations.runs()[run].family.as_deref())
    };
    for (run, row) in observations.rows().iter().filter(|(_, row)| replay_of(row) == replay) {
        if !kinds.contains(&kind(*run, row)) {
            kinds.push(kind(*run, row));
        }
    }
    let differences = kinds.into_iter().filter_map(|own| {
        let rows = |fraction: f64| {
            let of_kind = observations.rows().iter().filter(move |(run, row)| kind(*run, row) == own);
            of_kind.map(|(_, row)| row).filter(move |row| replay_of(row) == fraction)
        };
        let common = |row: &&Observation| rows(least).any(|other| other.steps == row.steps);
        let last = rows(replay).filter(common).map(|row| row.steps).fold(0.0, f64::max);
        let mean = |fraction: f64, of: fn(&Observation) -> f64| {
            let values: Vec<f64> = rows(fraction).filter(|row| row.steps == last).map(of).collect();
            (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
        };
        let change = |of: fn(&Observation) -> f64| Some(mean(replay, of)? - mean(least, of)?);
        Some([change(|row| row.forgetting)?, change(|row| row.fine_tuning_loss)?])
    });
    let differences: Vec<[f64; 2]> = differences.collect();
    let mean = |of: usize| differences.iter().map(|both| both[of]).sum::<f64>() / differences.len() as f64;
    (!differences.is_empty()).then(|| {
        format!(
            "{} of replay {} nats of forgetting and {} of fine-tuning loss, in the mean of {} ways of tuning",
            percent(replay),
            signed(mean(0)),
            signed(mean(1)),
            differences.len()
        )
    })
}
