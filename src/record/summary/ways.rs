//! Ways of spending a budget of replay, compared over the seeds.

use serde::{Deserialize, Serialize};

use super::Spread;
use crate::experiments::results::JobTraces;
use crate::experiments::{Ending, Goal, Results, Way};
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
        let known = self.ways.iter().filter_map(|way| Some((way, way.trained.quartiles?.median)));
        known.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(way, _)| way)
    }

    /// What was prescribed for this goal.
    pub fn prescribed(&self) -> Option<&WaySummary> {
        self.ways.iter().find(|way| way.way.goal() == Some(self.goal))
    }
}

/// Compares the ways by a goal, at the only width.
pub(super) fn compare(results: &Results, goal: Goal) -> GoalSummary {
    let width = results.spec.widths[0];
    let jobs: Vec<&JobTraces> = results.of_width(width).flatten().filter(|traces| traces.is_complete()).collect();
    let one = |(branch, way): (usize, Way)| {
        let trained: Vec<f64> = jobs.iter().filter_map(|traces| traces.old_task_by(branch, goal)).collect();
        let predicted = |traces: &&JobTraces| Some(traces.spending.get(branch)?.plan.as_ref()?.predicted?.of(goal));
        let predicted: Vec<f64> = jobs.iter().filter_map(predicted).collect();
        let apart = |traces: &&JobTraces| Some(traces.old_task_by(branch, goal)? - traces.old_task_by(0, goal)?);
        let apart: Vec<f64> = jobs.iter().filter_map(apart).collect();
        let median = |values: &[f64]| Quartiles::of(values).map(|q| q.median);
        WaySummary {
            way,
            trained: Spread {
                quartiles: Quartiles::of(&trained),
                n: trained.len(),
                diverged: jobs.iter().filter(|traces| traces.diverged(branch).is_some()).count(),
            },
            predicted: median(&predicted),
            less_uniform: median(&apart),
            interval: Resamples::of(apart.len()).interval_of_median(&apart),
            pairs: apart.len(),
            unplanned: jobs.iter().filter(|t| t.fine_tuning[branch].ending == Some(Ending::Unplanned)).count(),
        }
    };
    GoalSummary { goal, ways: Way::ALL.into_iter().enumerate().map(one).collect() }
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
