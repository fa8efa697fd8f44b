//! How far predictions have moved, over more positions and larger vocabularies than memory holds logits of.

use core::ops::AddAssign;

use burn::module::Module;
use burn_tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::Divergence;
use crate::metrics::batches::{LOGITS, at, batches, log_probabilities};
use crate::model::llama::{Llama, Mode};

/// A stretch of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// What a model is given.
    pub inputs: Vec<u32>,
    /// What follows each of these tokens. As long as `inputs`.
    pub targets: Vec<u32>,
    /// The first position that counts; those before it are context.
    pub from: usize,
}

/// Sums over positions, in nats but for counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sums {
    pub positions: usize,
    /// Of the entropies of the base's predictions.
    pub entropy: f64,
    /// Of KL(p_base || p).
    pub kl: f64,
    /// Of the negative log-likelihoods of the targets by the base.
    pub base_nll: f64,
    /// The same by the other model.
    pub nll: f64,
    /// Positions at which both have the same likeliest token.
    pub agreeing: usize,
}

impl AddAssign for Sums {
    fn add_assign(&mut self, more: Self) {
        self.positions += more.positions;
        self.entropy += more.entropy;
        self.kl += more.kl;
        self.base_nll += more.base_nll;
        self.nll += more.nll;
        self.agreeing += more.agreeing;
    }
}

impl Sums {
    /// Their means. The soft cross-entropy is the base's entropy and KL together.
    pub fn means(&self) -> Divergence {
        let count = self.positions.max(1) as f64;
        Divergence {
            soft_cross_entropy: (self.entropy + self.kl) / count,
            kl: self.kl / count,
            nll_rise: (self.nll - self.base_nll) / count,
            agreement: self.agreeing as f64 / count,
        }
    }
}

/// How far the predictions of `tuned` in each window are from those of `base`: one model in two modes, or two models on
/// one device. Logits of `at_once` numbers are held at a time, by default 2^24; the sums do not depend on it but by
/// rounding. `told` hears how many more windows are done, and answers whether to go on; `None` if not.
///
/// # Shapes
/// `[windows]`
///
/// # Panics
/// If a window's targets are not as many as its inputs, a token is beyond a vocabulary, or the vocabularies differ.
pub fn divergences(
    base: (&Llama, &Mode),
    tuned: (&Llama, &Mode),
    windows: &[Window],
    at_once: Option<usize>,
    told: &mut dyn FnMut(usize) -> bool,
) -> Option<Vec<Sums>> {
    assert!(windows.iter().all(|window| window.inputs.len() == window.targets.len()), "a target for each input");
    let models = [(base.0.valid(), base.1), (tuned.0.valid(), tuned.1)];
    let vocabulary = models[0].0.config().vocab_size;
    assert_eq!(vocabulary, models[1].0.config().vocab_size, "two models of one vocabulary");
    let together = (at_once.unwrap_or(LOGITS) / vocabulary).max(1);
    let texts: Vec<&[u32]> = windows.iter().map(|window| &window.inputs[..]).collect();
    let mut sums = vec![Sums::default(); windows.len()];
    for batch in batches(models[0].0.config(), &texts) {
        let hidden = models.each_ref().map(|(model, mode)| model.hidden(&batch.sequences, mode));
        let mut read = Vec::new();
        for (member, &place) in batch.places.iter().enumerate() {
            let window = &windows[place];
            let positions = window.from..window.inputs.len();
            read.extend(positions.map(|position| (batch.row(member, position), window.targets[position], place)));
        }
        for part in read.chunks(together) {
            let rows: Vec<usize> = part.iter().map(|&(row, ..)| row).collect();
            let [base, tuned] = [0, 1].map(|which| log_probabilities(&models[which].0, &hidden[which], &rows));
            let found = row_sums(base, tuned, part.iter().map(|&(_, target, _)| target)).into_data();
            let values: Vec<f64> = found.iter::<f64>().collect();
            for (&(.., place), row) in part.iter().zip(values.chunks_exact(5)) {
                sums[place] += Sums {
                    positions: 1,
                    entropy: row[0],
                    kl: row[1],
                    base_nll: row[2],
                    nll: row[3],
                    agreeing: usize::from(row[4] > 0.5),
                };
            }
        }
        if !told(batch.places.len()) {
            return None;
        }
    }
    Some(sums)
}

/// Entropy, KL, both negative log-likelihoods and whether the likeliest tokens agree.
///
/// # Shapes
/// - `base`, `tuned`: `[rows, vocabulary]`, logarithms of probabilities
/// - `targets`: `[rows]`
/// - result: `[rows, 5]`
fn row_sums(base: Tensor<2>, tuned: Tensor<2>, targets: impl Iterator<Item = u32> + Clone) -> Tensor<2> {
    let agreement = base.clone().argmax(1).equal(tuned.clone().argmax(1)).float();
    let nlls = [&base, &tuned].map(|model| at(model, targets.clone()).neg());
    let probabilities = base.clone().exp();
    let entropy = (probabilities.clone() * base.clone()).sum_dim(1).neg();
    let kl = (probabilities * (base - tuned)).sum_dim(1);
    let [base_nll, nll] = nlls;
    Tensor::cat(vec![entropy, kl, base_nll, nll, agreement], 1)
}
