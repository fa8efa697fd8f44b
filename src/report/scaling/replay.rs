//! What replay changes, in words.

use crate::figure::number::{percent, short, signed};
use crate::laws::{Observations, Robust, fit_replay_law};
use crate::report::Statement;

/// Means at the last step of the runs of one replay fraction.
struct Ends {
    replay: f64,
    fine_tuning_loss: f64,
    forgetting: f64,
}

/// What replay takes off and what it costs, and the law of it where the runs suffice; nothing where it was not varied.
pub fn statement(observations: &Observations) -> Option<Statement> {
    let fractions = observations.different(|row| row.replay.unwrap_or(0.0));
    let &last = observations.different(|row| row.steps).last()?;
    let ends: Vec<Ends> = fractions.into_iter().filter_map(|replay| ends(observations, replay, last)).collect();
    let (first, others) = ends.split_first()?;
    if others.is_empty() {
        return None;
    }
    let of = |end: &Ends| {
        format!(
            "{} of replay {} nats of forgetting and {} of fine-tuning loss",
            percent(end.replay),
            signed(end.forgetting - first.forgetting),
            signed(end.fine_tuning_loss - first.fine_tuning_loss)
        )
    };
    let each: Vec<String> = others.iter().map(of).collect();
    let mut text =
        format!("After {} steps, against {} of replay: {}.", short(last), percent(first.replay), each.join("; "));
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

fn ends(observations: &Observations, replay: f64, steps: f64) -> Option<Ends> {
    let rows: Vec<_> = observations
        .rows()
        .iter()
        .map(|(_, row)| row)
        .filter(|row| row.replay.unwrap_or(0.0) == replay && row.steps == steps)
        .collect();
    let mean = |of: fn(&&crate::laws::Observation) -> f64| rows.iter().map(of).sum::<f64>() / rows.len() as f64;
    (!rows.is_empty()).then(|| Ends {
        replay,
        fine_tuning_loss: mean(|row| row.fine_tuning_loss),
        forgetting: mean(|row| row.forgetting),
    })
}
