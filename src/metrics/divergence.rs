//! How far one language model's predictions have moved from another's: [`Reference`] holds a base's predictions at some
//! positions, [`streaming`] holds none.

pub mod streaming;

use crate::model::llama::likeliest;

/// The predictions of a base model at some positions, to which others are held.
#[derive(Clone, Debug)]
pub struct Reference {
    vocabulary: usize,
    /// `[positions, vocabulary]`
    probabilities: Vec<f32>,
    /// `[positions]`
    targets: Vec<usize>,
    likeliest: Vec<u32>,
    /// Mean entropy of the predictions, nats.
    pub entropy: f64,
    /// Mean negative log-likelihood of the targets, nats.
    pub nll: f64,
}

/// How far another model's predictions are from a reference; means over positions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Divergence {
    /// -sum_v p_base(v) log p(v), nats (Kalajdzievski, arXiv 2401.05605, section 3.1, soft targets).
    pub soft_cross_entropy: f64,
    /// KL(p_base || p), nats.
    pub kl: f64,
    /// Negative log-likelihood of the targets less the base's, nats.
    pub nll_rise: f64,
    /// Share of positions at which both have the same likeliest token (of equally likely ones the first).
    pub agreement: f64,
}

impl Reference {
    /// From a base's logits.
    ///
    /// # Shapes
    /// - `logits`: `[positions, vocabulary]`
    /// - `targets`: `[positions]`
    ///
    /// # Panics
    /// If the shapes do not fit, or a target is beyond the vocabulary.
    pub fn new(logits: &[f32], targets: &[u32]) -> Self {
        let vocabulary = logits.len() / targets.len().max(1);
        assert_eq!(vocabulary * targets.len(), logits.len(), "a row of logits for each target");
        let targets: Vec<usize> = targets.iter().map(|&target| target as usize).collect();
        let mut probabilities = Vec::with_capacity(logits.len());
        let (mut entropy, mut nll) = (0.0, 0.0);
        for (row, &target) in logits.chunks_exact(vocabulary).zip(&targets) {
            let normaliser = log_sum_exp(row);
            nll += normaliser - f64::from(row[target]);
            for &logit in row {
                let log_probability = f64::from(logit) - normaliser;
                let probability = libm::exp(log_probability);
                entropy -= probability * log_probability;
                probabilities.push(probability as f32);
            }
        }
        let count = targets.len().max(1) as f64;
        let likeliest = logits.chunks_exact(vocabulary).map(likeliest).collect();
        Self { vocabulary, probabilities, targets, likeliest, entropy: entropy / count, nll: nll / count }
    }

    /// How far another model's logits at the same positions are.
    ///
    /// # Shapes
    /// `logits`: `[positions, vocabulary]`
    ///
    /// # Panics
    /// If the shape is another one.
    pub fn divergence(&self, logits: &[f32]) -> Divergence {
        assert_eq!(logits.len(), self.probabilities.len(), "logits at the reference's positions");
        let (mut soft, mut nll, mut same) = (0.0, 0.0, 0usize);
        let rows = logits.chunks_exact(self.vocabulary).zip(self.probabilities.chunks_exact(self.vocabulary));
        for ((row, base), (&target, &best)) in rows.zip(self.targets.iter().zip(&self.likeliest)) {
            let normaliser = log_sum_exp(row);
            nll += normaliser - f64::from(row[target]);
            // The base's probabilities sum to 1 but for rounding.
            let expected: f64 = row.iter().zip(base).map(|(&logit, &p)| f64::from(logit) * f64::from(p)).sum();
            soft += normaliser - expected;
            same += usize::from(likeliest(row) == best);
        }
        let count = self.targets.len().max(1) as f64;
        let soft_cross_entropy = soft / count;
        Divergence {
            soft_cross_entropy,
            kl: soft_cross_entropy - self.entropy,
            nll_rise: nll / count - self.nll,
            agreement: same as f64 / count,
        }
    }
}

fn log_sum_exp(row: &[f32]) -> f64 {
    let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = row.iter().map(|&logit| f64::from(libm::expf(logit - most))).sum();
    f64::from(most) + libm::log(sum)
}
