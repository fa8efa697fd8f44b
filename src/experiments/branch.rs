//! One branch of fine-tuning: when the old data is replayed.

use super::curriculum::Way;
use super::mitigations::Mitigated;
use crate::train::ReplaySchedule;

/// What is known of a branch before anything is trained.
#[derive(Clone, Debug, PartialEq)]
pub enum Branch {
    /// The schedule that was asked for.
    Scheduled(ReplaySchedule),
    /// A way of spending a budget of replay, whose schedule is made when pre-training has ended: it may
    /// depend on the network.
    Planned {
        way: Way,
        /// Mean replay fraction over fine-tuning, at most.
        budget: f64,
    },
    /// Fine-tuning with a mitigation, with the replay that it has.
    Mitigated { mitigated: Mitigated, schedule: ReplaySchedule },
}

impl Branch {
    /// Mean fraction over a run of `steps`; the budget where the schedule is not known yet.
    pub fn mean(&self, steps: u32) -> f64 {
        match self {
            Self::Scheduled(schedule) | Self::Mitigated { schedule, .. } => schedule.mean(steps),
            Self::Planned { budget, .. } => *budget,
        }
    }

    /// The schedule, where it is known before training.
    pub fn schedule(&self) -> Option<&ReplaySchedule> {
        match self {
            Self::Scheduled(schedule) | Self::Mitigated { schedule, .. } => Some(schedule),
            Self::Planned { .. } => None,
        }
    }

    /// The way of spending, where that tells branches of one budget apart.
    pub fn way(&self) -> Option<Way> {
        match self {
            Self::Scheduled(_) | Self::Mitigated { .. } => None,
            Self::Planned { way, .. } => Some(*way),
        }
    }

    /// The mitigation, where there is one.
    pub fn mitigated(&self) -> Option<Mitigated> {
        match self {
            Self::Mitigated { mitigated, .. } => Some(*mitigated),
            Self::Scheduled(_) | Self::Planned { .. } => None,
        }
    }
}
