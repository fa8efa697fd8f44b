//! A tuned model beside its base, at one checkpoint.

use serde::{Deserialize, Serialize};

use super::refusals::Refusals;
use super::tasks::Task;
use crate::metrics::divergence::streaming::Sums;
use crate::metrics::language::Share;

/// Everything measured at one checkpoint; what the settings do not ask for is missing or empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    pub forgetting: Option<Forgetting>,
    pub tasks: Vec<Task>,
    pub refusals: Option<Refusals>,
    pub perplexities: Vec<Perplexity>,
    pub generations: Vec<Generation>,
    pub losses: Option<Losses>,
}

/// How far predictions on general text have moved; means over tokens, nats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forgetting {
    /// -sum_v p_base(v) ln p(v) (Kalajdzievski, arXiv 2401.05605): the base's entropy where nothing has moved.
    pub soft_cross_entropy: f64,
    pub base_entropy: f64,
    /// KL(p_base || p): the soft cross-entropy above the base's entropy.
    pub kl: f64,
    /// Negative log-likelihood of the text's own tokens by the base.
    pub base_nll: f64,
    /// The same by the tuned model; their difference is what PEFT's benchmark calls forgetting.
    pub nll: f64,
    /// Tokens of which both models hold the same for likeliest.
    pub agreement: Share,
    /// Tokens that the means are over.
    pub tokens: usize,
    /// Soft cross-entropy of each window, for intervals.
    pub windows: Vec<f64>,
    /// Tokens of a window, and from one window's start to the next one's.
    pub length: usize,
    pub stride: usize,
    /// Whether each window begins with the tokenizer's token for a text's beginning.
    pub bos: bool,
}

impl Forgetting {
    /// From the sums of each window.
    pub fn new(windows: &[Sums], length: usize, stride: usize, bos: bool) -> Self {
        let mut all = Sums::default();
        windows.iter().for_each(|&window| all += window);
        let means = all.means();
        let count = all.positions.max(1) as f64;
        Self {
            soft_cross_entropy: means.soft_cross_entropy,
            base_entropy: all.entropy / count,
            kl: means.kl,
            base_nll: all.base_nll / count,
            nll: all.nll / count,
            agreement: Share { count: all.agreeing, of: all.positions },
            tokens: all.positions,
            windows: windows.iter().map(|window| window.means().soft_cross_entropy).collect(),
            length,
            stride,
            bos,
        }
    }

    /// By how much the tuned model's loss on the text's tokens is above the base's, nats a token.
    pub fn nll_rise(&self) -> f64 {
        self.nll - self.base_nll
    }

    /// Whether every number is one.
    pub fn is_finite(&self) -> bool {
        [self.soft_cross_entropy, self.base_nll, self.nll].iter().all(|number| number.is_finite())
    }
}

/// How surprised two models are by a domain's texts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Perplexity {
    pub domain: String,
    pub texts: usize,
    /// Tokens that are predicted.
    pub tokens: usize,
    /// Pieces between white space.
    pub words: usize,
    /// Bytes in UTF-8.
    pub bytes: usize,
    /// Negative log-likelihood of all texts by the base, nats.
    pub base_nll: f64,
    /// The same by the tuned model.
    pub nll: f64,
}

impl Perplexity {
    /// e^(nll / count): a token's, a word's or a byte's perplexity, of the base and of the tuned model.
    pub fn per(&self, count: usize) -> [f64; 2] {
        [self.base_nll, self.nll].map(|nll| libm::exp(nll / count.max(1) as f64))
    }
}

/// What two models write after the same prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generation {
    pub prompt: String,
    pub base: String,
    pub tuned: String,
}

/// Losses of single examples: rows of the matrix that associations are found in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Losses {
    /// Tokens of each example that are predicted.
    pub tokens: Vec<usize>,
    /// Mean negative log-likelihood of a token by the base, nats.
    pub base: Vec<f64>,
    /// The same by the tuned model.
    pub tuned: Vec<f64>,
}
