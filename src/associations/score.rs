//! How well binary matrices are predicted.

/// Right and wrong among what was said to be forgotten or kept.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
    pub true_positives: u64,
    pub false_positives: u64,
    pub false_negatives: u64,
}

impl Counts {
    /// Counts one entry more.
    pub fn add(&mut self, is_said: bool, is_seen: bool) {
        match (is_said, is_seen) {
            (true, true) => self.true_positives += 1,
            (true, false) => self.false_positives += 1,
            (false, true) => self.false_negatives += 1,
            (false, false) => {}
        }
    }

    /// Both together.
    pub fn and(&self, other: &Self) -> Self {
        Self {
            true_positives: self.true_positives + other.true_positives,
            false_positives: self.false_positives + other.false_positives,
            false_negatives: self.false_negatives + other.false_negatives,
        }
    }

    /// The share of what was said to be forgotten that is; 0 where nothing was said to be.
    pub fn precision(&self) -> f64 {
        share(self.true_positives, self.false_positives)
    }

    /// The share of what is forgotten that was said to be; 0 where nothing is.
    pub fn recall(&self) -> f64 {
        share(self.true_positives, self.false_negatives)
    }

    /// The harmonic mean of both; 0 where nothing is right.
    pub fn f1(&self) -> f64 {
        share(2 * self.true_positives, self.false_positives + self.false_negatives)
    }
}

fn share(right: u64, wrong: u64) -> f64 {
    if right == 0 { 0.0 } else { right as f64 / (right + wrong) as f64 }
}

/// The chance that a forgotten entry has a higher score than a kept one, ties counting half; `None` where there are not
/// both kinds. By ranks (Mann & Whitney 1947).
///
/// ```
/// use lethe::associations::area_under_curve;
/// assert_eq!(area_under_curve(&[(0.9, true), (0.5, false), (0.5, true), (0.1, false)]), Some(0.875));
/// assert_eq!(area_under_curve(&[(0.9, true)]), None);
/// ```
pub fn area_under_curve(scored: &[(f32, bool)]) -> Option<f64> {
    let positives = scored.iter().filter(|(_, seen)| *seen).count() as f64;
    let negatives = scored.len() as f64 - positives;
    if positives == 0.0 || negatives == 0.0 {
        return None;
    }
    let mut order = scored.to_vec();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut sum) = (0.0, 0.0);
    for tied in order.chunk_by(|a, b| a.0 == b.0) {
        let seen = tied.iter().filter(|(_, seen)| *seen).count() as f64;
        sum += seen * (below + 0.5 * (tied.len() as f64 + 1.0));
        below += tied.len() as f64;
    }
    Some((sum - 0.5 * positives * (positives + 1.0)) / (positives * negatives))
}
