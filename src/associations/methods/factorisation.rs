//! Biased matrix factorisation, from one decomposition of the training rows.

use super::als;
use super::row_space::{Entries, RowSpace};
use super::{Known, Method, Model};
use crate::associations::Training;
use crate::associations::effects::Effects;
use crate::associations::spectrum::Spectrum;
use crate::seed::Seed;

/// z_ij = mean + u_i + v_j + p_i . q_j.
///
/// The least squares of complete training rows have a closed form: whatever the factors are, biases of rows and columns
/// absorb all that they share with constants, so the factors are the first singular vectors of the doubly centred
/// matrix. Gradient descent goes there in a thousand passes. Where entries are missing, alternating least squares go on
/// from there.
///
/// A new row is completed by the u and p that are most probable given its entries, with the noise that the factors
/// leave in the training rows and with the mean and covariance that u and p have over them: without that prior, six
/// numbers fitted to thirty noisy entries would predict worse than they need to. Each q is shrunk by the share of noise
/// in its singular value, 1 - noise N / s^2.
///
/// Sources: Koren, Bell & Volinsky 2009, IEEE Computer 42(8) (the model); Tipping & Bishop 1999, J. R. Statist. Soc. B
/// 61, 611 (the prior).
#[derive(Clone, Copy, Debug)]
pub struct Factorisation {
    /// Factors, at most: fewer where training rows have no more to say.
    pub factors: usize,
}

impl Method for Factorisation {
    fn name(&self) -> &'static str {
        "factorisation"
    }

    fn fit<'a>(&self, training: &Training<'a>) -> Box<dyn Model + 'a> {
        let (effects, spectrum) = (training.effects(), training.residual_spectrum());
        let rank = spectrum.rank(self.factors);
        let space = if training.is_complete() {
            closed_form(training, effects, spectrum, rank)
        } else {
            als::fit(training, effects, spectrum, rank)
        };
        Box::new(Learned(space))
    }
}

/// A model that completes rows by a [`RowSpace`].
pub(super) struct Learned(pub RowSpace);

impl Model for Learned {
    fn complete(&self, observed: &Known, _: Seed) -> Vec<f64> {
        self.0.complete(observed)
    }
}

fn closed_form(training: &Training<'_>, effects: &Effects, spectrum: &Spectrum, rank: usize) -> RowSpace {
    let noise = noise(spectrum, rank, training.columns());
    let kept =
        |k: usize| (1.0 - noise * training.columns() as f64 / (spectrum.values[k] * spectrum.values[k])).max(0.0);
    let kept: Vec<f64> = (0..rank).map(kept).collect();
    let (theta, features) = coordinates(training, effects, spectrum, &kept);
    let base = effects.columns.iter().map(|column| effects.mean + column).collect();
    RowSpace::of(base, &theta, features, rank + 1, Entries::Values { noise })
}

/// The variance of what `rank` factors leave of M x N doubly centred entries, by its degrees of freedom,
/// (M - 1 - rank)(N - 1 - rank); 0 where there are none.
pub(super) fn noise(spectrum: &Spectrum, rank: usize, columns: usize) -> f64 {
    let left: f64 = spectrum.values[rank..].iter().map(|value| value * value).sum();
    let free = |length: usize| length.saturating_sub(1 + rank) as f64;
    let degrees = free(spectrum.values.len()) * free(columns);
    if degrees > 0.0 { left / degrees } else { 0.0 }
}

/// (u_i, p_i) with p of variance 1 over rows, and (1, q_j) with each singular value in q times its `kept` share.
pub(super) fn coordinates(
    training: &Training<'_>,
    effects: &Effects,
    spectrum: &Spectrum,
    kept: &[f64],
) -> (Vec<f64>, Vec<f64>) {
    let rank = kept.len();
    let root = (training.rows().max(2) as f64 - 1.0).sqrt();
    let mut theta = Vec::with_capacity(training.rows() * (rank + 1));
    for (row, effect) in effects.rows.iter().enumerate() {
        theta.push(*effect);
        theta.extend((0..rank).map(|k| spectrum.left[(row, k)] * root));
    }
    let scales: Vec<f64> = (0..rank).map(|k| spectrum.values[k] * kept[k] / root).collect();
    let right = spectrum.right(training, Some(effects), rank);
    let mut features = Vec::with_capacity(training.columns() * (rank + 1));
    for column in 0..training.columns() {
        features.push(1.0);
        features.extend(right[column * rank..][..rank].iter().zip(&scales).map(|(v, scale)| v * scale));
    }
    (theta, features)
}
