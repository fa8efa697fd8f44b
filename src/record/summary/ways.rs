//! Ways of spending a budget of replay, compared over the seeds.

use serde::{Deserialize, Serialize};

use super::Spread;
use crate::experiments::results::JobTraces;
use crate::experiments::{Goal, Results, Way};
use crate::stats::{Interval, Quartiles, Resamples};

/// Every way by one goal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GoalSummary {
    pub goal: Goal,
    /// In the order of the branches, uniform replay first.
    pub ways: Vec<WaySummary>,
}

/// One way by one goal.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaySummary {
    pub way: Way,
    /// The old task's loss by the goal, as trained.
    pub trained: Spread,
    /// As the kernel predicts it: the median over the seeds that have a prediction.
    pub predicted: Option<f64>,
    /// Median over seeds of this way's loss less that of uniform replay on the same seed.
    pub less_uniform: Option<f64>,
    /// Its 95 % bootstrap interval.
    pub interval: Option<Interval>,
    /// Seeds on which both reach the end.
    pub pairs: usize,
    /// Seeds on which it was not trained, because theory prescribes nothing.
    pub unplanned: usize,
}

impl GoalSummary {
    /// The way with the least median loss.
    pub fn best(&self) -> Option<&WaySummary> {
        let mut best: Option<&WaySummary> = None;
        for way in &self.ways {
            let least = best.and_then(|best| best.trained.quartiles).map_or(f64::INFINITY, |q| q.median);
            if way.trained.quartiles.is_some_and(|q| q.median < least) {
                best = Some(way);
            }
        }
        best
    }
}

/// Compares the ways by a goal, at the only width.
pub(super) fn compare(results: &Results, goal: Goal) -> GoalSummary {
    let of_width = results.of_width(results.spec.widths[0]).flatten();
    let jobs: Vec<&JobTraces> = of_width.filter(|traces| traces.is_complete()).collect();
    // One closure for all columns: the page has little room for code.
    let column = |value: &dyn Fn(&JobTraces) -> Option<f64>| -> Vec<f64> {
        jobs.iter().filter_map(|traces| value(traces)).collect()
    };
    let mut ways = Vec::new();
    for (branch, way) in Way::ALL.into_iter().enumerate() {
        let trained = column(&|traces| traces.old_task_by(branch, goal));
        let predicted = column(&|traces| Some(traces.spending.get(branch)?.plan.as_ref()?.predicted?.of(goal)));
        let apart = column(&|traces| Some(traces.old_task_by(branch, goal)? - traces.old_task_by(0, goal)?));
        let diverged = column(&|traces| traces.diverged(branch).map(|_| 0.0)).len();
        ways.push(WaySummary {
            way,
            trained: Spread { quartiles: Quartiles::of(&trained), n: trained.len(), diverged },
            predicted: Quartiles::of(&predicted).map(|q| q.median),
            less_uniform: Quartiles::of(&apart).map(|q| q.median),
            interval: Resamples::of(apart.len()).interval_of_median(&apart),
            pairs: apart.len(),
            unplanned: jobs.len() - trained.len() - diverged,
        });
    }
    GoalSummary { goal, ways }
}

/// For fields that some experiments have and others have not. JSON names its fields and leaves them out; files
/// that go by position, such as the page's reference curves, hold none of them.
pub(super) mod named {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<T: Serialize, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { value.serialize(serializer) } else { serializer.serialize_unit() }
    }

    pub fn deserialize<'de, T: Deserialize<'de> + Default, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
        if from.is_human_readable() { T::deserialize(from) } else { Ok(T::default()) }
    }
}
