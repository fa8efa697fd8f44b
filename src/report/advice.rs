//! Advice on a budget of forgetting, in words.

use crate::figure::number::{percent, significant};
use crate::laws::Advice;
use crate::stats::Interval;

/// What to do, and what is predicted of it, with 95 % intervals.
pub fn advised(advice: &Advice) -> String {
    let best = &advice.best;
    // Losses differ in their third digit.
    let loss = |value: f64| significant(value, 4);
    let between = |interval: &Interval, shown: &dyn Fn(f64) -> String| {
        format!(" ({} to {})", shown(interval.low), shown(interval.high))
    };
    let steps = |value: f64| significant(value.round(), 6);
    format!(
        "Tune {} parameters for {} steps{} with {} replay{}. Predicted: fine-tuning loss {}{}, forgetting {}{} of {} \
         allowed. In brackets: 95 % intervals.",
        significant(best.parameters, 6),
        steps(best.steps),
        between(&advice.steps, &steps),
        if best.replay == 0.0 { "no".to_owned() } else { percent(best.replay) },
        advice.replay.map_or_else(String::new, |replay| between(&replay, &percent)),
        loss(best.fine_tuning_loss),
        between(&advice.fine_tuning_loss, &loss),
        loss(best.forgetting),
        between(&advice.forgetting, &loss),
        loss(advice.budget),
    )
}
