//! The replay fraction over time.

use serde::{Deserialize, Serialize};

/// A piecewise-constant replay fraction p(t) of one fine-tuning run.
///
/// Segments are (first step, p), sorted by step, the first at step 0; the last holds to the end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReplaySchedule(Vec<(u32, f64)>);

impl ReplaySchedule {
    /// The same fraction all along.
    pub fn constant(fraction: f64) -> Self {
        Self(vec![(0, fraction)])
    }

    /// From (first step, p) pairs; `None` unless they are sorted, start at 0 and lie in [0, 1].
    pub fn new(segments: Vec<(u32, f64)>) -> Option<Self> {
        let sorted = segments.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let starts = segments.first().is_some_and(|&(step, _)| step == 0);
        let fractions = segments.iter().all(|&(_, p)| (0.0..=1.0).contains(&p));
        (sorted && starts && fractions).then_some(Self(segments))
    }

    /// The segments as (first step, p).
    pub fn segments(&self) -> &[(u32, f64)] {
        &self.0
    }

    /// The fraction at a step.
    pub fn at(&self, step: u32) -> f64 {
        let begun = self.0.partition_point(|&(first, _)| first <= step);
        self.0[begun - 1].1
    }

    /// The segments of a run of `steps` as (first step, one past the last step, p); empty ones left out.
    pub fn pieces(&self, steps: u32) -> impl Iterator<Item = (u32, u32, f64)> + '_ {
        let ends = self.0.iter().skip(1).map(|&(step, _)| step).chain([u32::MAX]);
        self.0
            .iter()
            .zip(ends)
            .map(move |(&(start, p), end)| (start, end.min(steps), p))
            .filter(|&(start, end, _)| start < end)
    }

    /// Mean fraction over a run of `steps`; that of the first segment for an empty run.
    pub fn mean(&self, steps: u32) -> f64 {
        if steps == 0 {
            return self.0[0].1;
        }
        self.pieces(steps).map(|(a, b, p)| f64::from(b - a) * p).sum::<f64>() / f64::from(steps)
    }
}
