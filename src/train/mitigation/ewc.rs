//! `ewc`: elastic weight consolidation.

use super::{Base, Cost, Mitigation, Strength, Treatment, in_training, no_replay, penalty, told};
use crate::error::Problem;
use crate::train::Restraint;

/// Loss L_new + lambda sum_i F_i (theta_i - theta_0i)^2, the penalty taken implicitly: see `penalty`.
///
/// F is [`importance`]. The paper's penalty is lambda/2 sum_i F'_i (..)^2 with the Fisher information F' of a
/// likelihood; for the Gaussian of variance 1/2, whose negative logarithm is the squared error of this loss, F' = 2 F
/// and both lambdas are one. lambda = 1 is then the diagonal of the old task's own loss, to second order, around a
/// network that has learnt it. At infinity every parameter with F > 0 stays, and outputs at old inputs to first order
/// with it; a ReLU that is shut for all old inputs has F = 0, is free, and can open later.
pub const EWC: Mitigation = Mitigation {
    name: "ewc",
    title: "elastic weight consolidation",
    sentence: told(
        "A spring on every parameter pulls it back to where fine-tuning began, the harder the more the old task's \
               outputs depend on it.",
    ),
    source: told("Kirkpatrick et al. 2017, 1612.00796"),
    strength: Strength::with_old_examples(f64::INFINITY, "lambda, the weight of the penalty"),
    replay: no_replay,
    prepare: in_training(|base, lambda| {
        let weights = importance(base)?;
        let tether = Some(penalty::tether("ewc", base, lambda, weights.into_iter())?);
        Ok(Treatment { restraint: Restraint { tether, forbidden: Vec::new() }, ..Treatment::plain() })
    }),
    cost: |setting, _| Cost::kept(setting, 2 * setting.mlp.parameter_count(), 1.0),
};

/// Points whose gradients are in memory at one time.
const TOGETHER: usize = 16;

/// F_i = the mean over old inputs of (df/dtheta_i)^2: the diagonal Fisher information of a Gaussian likelihood of
/// variance 1, in the order of [`crate::model::Parameters::iter`]
///
/// # Errors
/// Gradients are not finite.
pub fn importance(base: &Base<'_>) -> Result<Vec<f64>, Problem> {
    let mut sums = vec![0.0; base.mlp.parameter_count()];
    for points in base.old_inputs.chunks(TOGETHER * base.mlp.inputs) {
        for row in base.rows("ewc", points)? {
            sums.iter_mut().zip(row).for_each(|(sum, gradient)| *sum += gradient * gradient);
        }
    }
    let count = base.setting().old_examples as f64;
    sums.iter_mut().for_each(|sum| *sum /= count);
    Ok(sums)
}
