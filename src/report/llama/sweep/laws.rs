//! Scaling laws of a sweep's runs, one fit for each model and data set.

use super::{Group, MOST_GROUPS, Role, Sweep};
use crate::laws::{Intervals, Observations};
use crate::report::scaling::{Fitted, Report, of_runs};

/// What was fitted to runs of one model on one data set.
pub struct Laws {
    /// Which, in words; empty where there are no others.
    pub of: String,
    pub fitted: Fitted,
    /// By resampling runs, which takes a while and is done elsewhere.
    pub intervals: Option<Intervals>,
}

impl Laws {
    /// What they say.
    pub fn report(&self) -> Report {
        of_runs(&self.fitted, self.intervals.as_ref())
    }
}

/// The laws wherever numbers of trained parameters differ within a family of tuning. Runs of different models or data are
/// never fitted together, nor runs that differ in settings of which the laws know nothing.
pub fn laws(sweep: &Sweep) -> Vec<Laws> {
    let apart = |role| matches!(role, Role::Model | Role::Data | Role::Other);
    let groups = sweep.groups(apart).into_iter().filter(has_ranks).take(MOST_GROUPS);
    let laws = |group: Group<'_>| {
        let rows = group.runs.iter().flat_map(|run| run.record.observations()).collect();
        Laws { of: group.label, fitted: Fitted::of_anyone(&Observations::gather(rows)), intervals: None }
    };
    groups.map(laws).collect()
}

fn has_ranks(group: &Group<'_>) -> bool {
    let tunings = || group.runs.iter().map(|run| &run.record.tuning);
    tunings().any(|one| tunings().any(|other| one.family == other.family && one.parameters != other.parameters))
}
