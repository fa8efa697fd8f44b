//! Quadratic penalties, taken implicitly.
//!
//! A penalty lambda sum_i c_i (theta_i - theta_0i)^2 on top of the loss pulls at every parameter. An explicit step of it
//! overshoots where 2 lr lambda c > 1. After the step of the loss alone the penalty's own is therefore taken
//! implicitly: theta becomes the minimiser of |theta - theta'|^2 / (2 rate) + lambda sum_i c_i (theta_i - theta_0i)^2, a
//! proximal step, which is
//!
//! theta = theta_0 + keep (theta' - theta_0), keep_i = 1 / (1 + 2 rate_i lambda c_i).
//!
//! Any lambda is stable, an infinite one does not move, and where gradient descent comes to rest the gradient of the
//! penalised loss is 0. rate_i is the learning rate with the parameterisation's factor for that parameter; under
//! momentum it is 1 / (1 - beta) times that, as the step of a gradient that lasts, so that the place of rest is the
//! same. Adam's steps have no such place: there the pull is decoupled from the gradient's scaling, as decoupled weight
//! decay is (Loshchilov & Hutter 1711.05101).

use super::base::Base;
use crate::error::Problem;
use crate::model::Parameters;
use crate::train::Tether;

/// The tether of a penalty; `weights` are the c_i, in the order of [`Parameters::iter`].
pub fn tether(
    name: &str,
    base: &Base<'_>,
    strength: f64,
    weights: impl Iterator<Item = f64>,
) -> Result<Tether, Problem> {
    let (rate, scale) = (base.long_run_rate(), f64::from(base.mlp.rate_scale()));
    let last = base.mlp.parameter_count() - 1;
    let keep: Vec<f32> = weights
        .enumerate()
        .map(|(i, weight)| {
            let rate = if i == last { rate } else { rate * scale };
            // Infinity times nothing is nothing: what does not matter is free.
            if rate * weight == 0.0 { 1.0 } else { (1.0 / (1.0 + 2.0 * rate * weight * strength)) as f32 }
        })
        .collect();
    let keep = Parameters::from_row(&base.mlp, &keep).ok_or_else(|| base.misshapen(name))?;
    Ok(Tether { anchor: base.parameters.clone(), keep })
}
