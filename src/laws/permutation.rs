//! Tests by permuting which group a run belongs to.

use crate::seed::{Seed, Stream};

/// Permutations drawn.
pub(super) const PERMUTATIONS: usize = 2000;

/// Fewest ways to deal runs to groups that can give a p-value below 5 %.
const FEWEST_WAYS: f64 = 20.0;

/// The share of permutations of the group labels whose statistic is at least that of the labels given, which count as
/// one of them; `None` where there are fewer than 20 ways to deal the labels, since no p-value below 5 % could come of it.
///
/// Runs are exchangeable if groups do not matter, so this p-value needs no distribution to be assumed
/// (Good 2005, *Permutation, Parametric and Bootstrap Tests of Hypotheses*, chapter 3).
pub(super) fn p_value(groups: &[usize], purpose: &str, statistic: impl Fn(&[usize]) -> f64) -> Option<f64> {
    if ways(groups) < FEWEST_WAYS {
        return None;
    }
    let observed = statistic(groups);
    let mut stream = Seed::new(0).fork("laws").fork(purpose).stream();
    let mut labels = groups.to_vec();
    let mut as_large = 1;
    for _ in 0..PERMUTATIONS {
        shuffle(&mut labels, &mut stream);
        as_large += usize::from(statistic(&labels) >= observed * (1.0 - 1e-12));
    }
    Some(as_large as f64 / (PERMUTATIONS + 1) as f64)
}

fn shuffle(labels: &mut [usize], stream: &mut Stream) {
    for last in (1..labels.len()).rev() {
        labels.swap(last, stream.below(last as u32 + 1) as usize);
    }
}

/// The multinomial coefficient: in how many ways so many runs can be dealt to groups of these sizes. Groups of equal
/// size that change places are the same partition, and are counted as one.
fn ways(groups: &[usize]) -> f64 {
    let mut sizes = vec![0u32; groups.iter().max().map_or(0, |last| last + 1)];
    groups.iter().for_each(|&group| sizes[group] += 1);
    let log_factorial = |n: u32| libm::lgamma(f64::from(n) + 1.0);
    let mut log = log_factorial(groups.len() as u32) - sizes.iter().map(|&size| log_factorial(size)).sum::<f64>();
    let mut equal = sizes.clone();
    equal.sort_unstable();
    for same in equal.chunk_by(|a, b| a == b).filter(|same| same[0] > 0) {
        log -= log_factorial(same.len() as u32);
    }
    libm::exp(log)
}
