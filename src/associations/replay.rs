//! Replay by predicted forgetting: which examples, how often.

use crate::seed::Seed;
use crate::stats::sorted_by_key;

/// softmax(rises / temperature): how much each upstream example is to be replayed. They sum to 1; what is forgotten
/// more has more. An example of which no rise is known (NaN) has that of their mean; where none is known all are
/// equal.
///
/// # Shapes
/// `rises`: `[N]`, measured or predicted; `temperature` in the same units, above 0
///
/// Source: Jin & Ren 2024 (arXiv 2406.14026), section 5; its temperature is .1 nats a token.
///
/// ```
/// use lethe::associations::replay_weights;
/// let weights = replay_weights(&[0.0, 0.1, f64::NAN], 0.1);
/// assert!((weights[1] / weights[0] - core::f64::consts::E).abs() < 1e-12);
/// assert!((weights[2] / weights[0] - (0.5f64).exp()).abs() < 1e-12);
/// ```
pub fn replay_weights(rises: &[f64], temperature: f64) -> Vec<f64> {
    let logits = logits(rises, temperature);
    let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sizes: Vec<f64> = logits.iter().map(|logit| libm::exp(logit - most)).collect();
    let all: f64 = sizes.iter().sum();
    sizes.iter().map(|size| size / all).collect()
}

/// The order in which examples are drawn without replacement with [`replay_weights`]: first all by their weights, then
/// what is left by theirs, and so on. Two lists of rises share what is random, so that equal rises have equal orders.
///
/// Source: keys with Gumbel noise (Yellott 1977, J. Math. Psychol. 15, 109; Kool, van Hoof & Welling 2019, arXiv
/// 1903.06059).
pub fn replay_order(rises: &[f64], temperature: f64, seed: Seed) -> Vec<usize> {
    let mut stream = seed.stream();
    // The smallest waiting time comes first: exponential with the weight as its rate. By logarithms, for tiny weights.
    let wait = |logit: &f64| libm::log(-libm::log(1.0 - stream.uniform())) - logit;
    let waits: Vec<f64> = logits(rises, temperature).iter().map(wait).collect();
    sorted_by_key((0..rises.len()).collect(), |&example| waits[example])
}

fn logits(rises: &[f64], temperature: f64) -> Vec<f64> {
    let known: Vec<f64> = rises.iter().copied().filter(|rise| rise.is_finite()).collect();
    let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
    rises.iter().map(|&rise| if rise.is_finite() { rise } else { mean } / temperature).collect()
}
