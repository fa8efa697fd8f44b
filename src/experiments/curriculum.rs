//! `curriculum`: how is a budget of replay best spent over time?

use serde::{Deserialize, Serialize};

use super::definition::{Definition, Swept};
use crate::model::Parameterisation;
use crate::train::ReplaySchedule;

/// The experiment: when pre-training ends, the network's own kernel prescribes a schedule for each goal;
/// all ways of spending the same budget are trained from there.
pub const CURRICULUM: Definition = Definition {
    name: "curriculum",
    swept: Swept::Nothing,
    predicts: false,
    prescribes: true,
    mitigates: false,
    adjust: |spec| {
        spec.parameterisation = Parameterisation::Ntk;
        spec.learning_rate = 0.05;
        spec.widths = vec![256];
        spec.replay = vec![0.01];
        spec.seeds = (0..8).collect();
        (spec.segments, spec.id_slack) = (20, 1.1);
    },
};

/// What a schedule is prescribed for and judged by: the old task's loss, at three times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// After the last step.
    End,
    /// In the mean over time.
    Average,
    /// At its worst.
    Worst,
}

impl Goal {
    pub const ALL: [Self; 3] = [Self::End, Self::Average, Self::Worst];

    /// The word in files.
    pub fn word(self) -> &'static str {
        match self {
            Self::End => "end",
            Self::Average => "average",
            Self::Worst => "worst",
        }
    }

    /// When that is, as a phrase.
    pub fn when(self) -> &'static str {
        match self {
            Self::End => "after the last step",
            Self::Average => "in the mean over time",
            Self::Worst => "at its worst",
        }
    }
}

/// A way of spending a budget of replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// The same fraction all the time.
    Uniform,
    /// Nothing but replay from the start until the budget is spent.
    FrontLoaded,
    /// Nothing but replay at the end.
    BackLoaded,
    /// Every fourth segment.
    Periodic,
    /// What the network's own kernel prescribes for [`Goal::End`].
    PrescribedForEnd,
    /// ... for [`Goal::Average`].
    PrescribedForAverage,
    /// ... for [`Goal::Worst`].
    PrescribedForWorst,
}

impl Way {
    /// All of them, one branch each; uniform replay first, to which the others are compared.
    pub const ALL: [Self; 7] = [
        Self::Uniform,
        Self::FrontLoaded,
        Self::BackLoaded,
        Self::Periodic,
        Self::PrescribedForEnd,
        Self::PrescribedForAverage,
        Self::PrescribedForWorst,
    ];

    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::FrontLoaded => "front_loaded",
            Self::BackLoaded => "back_loaded",
            Self::Periodic => "periodic",
            Self::PrescribedForEnd => "prescribed_for_end",
            Self::PrescribedForAverage => "prescribed_for_average",
            Self::PrescribedForWorst => "prescribed_for_worst",
        }
    }

    /// The name in sentences.
    pub fn words(self) -> &'static str {
        match self {
            Self::Uniform => "uniform replay",
            Self::FrontLoaded => "front-loaded replay",
            Self::BackLoaded => "back-loaded replay",
            Self::Periodic => "periodic replay",
            Self::PrescribedForEnd => "what the kernel prescribes for the end",
            Self::PrescribedForAverage => "what the kernel prescribes for the mean",
            Self::PrescribedForWorst => "what the kernel prescribes for the worst",
        }
    }

    /// What it was prescribed for, if it was.
    pub fn goal(self) -> Option<Goal> {
        match self {
            Self::PrescribedForEnd => Some(Goal::End),
            Self::PrescribedForAverage => Some(Goal::Average),
            Self::PrescribedForWorst => Some(Goal::Worst),
            _ => None,
        }
    }
}

/// Losses of one fine-tuning as the kernel predicts them: the old task's by goal, and the new task's after
/// the last step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Losses {
    pub end: f64,
    pub average: f64,
    pub worst: f64,
    pub id_end: f64,
}

impl Losses {
    /// The old task's loss by a goal.
    pub fn of(&self, goal: Goal) -> f64 {
        match goal {
            Goal::End => self.end,
            Goal::Average => self.average,
            Goal::Worst => self.worst,
        }
    }
}

/// A schedule made for one network, before its first step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub schedule: ReplaySchedule,
    /// What the kernel says that it comes to; `None` where theory has no answer.
    pub predicted: Option<Losses>,
}

/// The old task's loss over the looks of one fine-tuning: some 256, evenly spaced, because checkpoints are far
/// apart late in training.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct OverTime {
    pub average: f64,
    pub worst: f64,
}

/// What is known of a planned branch beside its checkpoints.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spending {
    /// `None` before the branch begins.
    pub plan: Option<Plan>,
    /// As trained; `None` until the last step.
    pub over_time: Option<OverTime>,
}
