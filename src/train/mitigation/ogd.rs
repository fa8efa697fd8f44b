//! `ogd`: orthogonal gradient descent.

use super::{Base, Cost, Mitigation, Strength, Treatment, in_training, no_replay, told};
use crate::error::Problem;
use crate::model::Parameters;
use crate::train::Restraint;

/// Every step is made orthogonal to df/dtheta, taken at theta_0, of stored old examples.
///
/// Those outputs then move only to second order in the way that the parameters have gone. The stored examples lie
/// evenly in the order of the old ones. It is the step that is projected, after any factors of the parameterisation
/// and of the optimiser.
pub const OGD: Mitigation = Mitigation {
    name: "ogd",
    title: "orthogonal gradient descent",
    sentence: told("Steps are kept out of the directions in which the answers to stored old examples would change."),
    source: told("Farajtabar et al. 2020, 1910.07104"),
    strength: Strength::whole("the number of old examples whose gradients are stored", |setting| {
        setting.old_examples as f64
    }),
    replay: no_replay,
    prepare: in_training(|base, count| {
        let rows = base.rows("ogd", &stored(base, count as usize))?;
        let pack = |row: Vec<f64>| {
            let row: Vec<f32> = row.into_iter().map(|value| value as f32).collect();
            Parameters::from_row(&base.mlp, &row).ok_or_else(|| base.misshapen("ogd"))
        };
        let forbidden = basis(rows).into_iter().map(pack).collect::<Result<_, Problem>>()?;
        Ok(Treatment { restraint: Restraint { tether: None, forbidden }, ..Treatment::plain() })
    }),
    cost: |setting, count| {
        let parameters = setting.mlp.parameter_count();
        let directions = (count as usize).min(parameters);
        Cost::kept(setting, directions * parameters, 2.0 * directions as f64)
    },
};

/// A direction shorter than this part of its gradient, once the others are taken out, is rounding: engines' gradients
/// are good to 1e-7 and their sums to 1e-6.
pub const TOLERANCE: f64 = 1e-5;

/// An orthonormal basis of what some rows span: modified Gram-Schmidt in double precision, every row gone through
/// twice, and those dropped of which less than [`TOLERANCE`] is left.
pub fn basis(rows: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut found: Vec<Vec<f64>> = Vec::new();
    for mut row in rows {
        let size = product(&row, &row).sqrt();
        for earlier in found.iter().chain(&found) {
            let along = product(&row, earlier);
            row.iter_mut().zip(earlier).for_each(|(value, earlier)| *value -= along * earlier);
        }
        let left = product(&row, &row).sqrt();
        if left > TOLERANCE * size {
            row.iter_mut().for_each(|value| *value /= left);
            found.push(row);
        }
    }
    found
}

/// `count` of the old examples, evenly.
fn stored(base: &Base<'_>, count: usize) -> Vec<f32> {
    let (all, inputs) = (base.setting().old_examples, base.mlp.inputs);
    let points = (0..count).map(|k| k * all / count * inputs);
    points.flat_map(|at| &base.old_inputs[at..at + inputs]).copied().collect()
}
