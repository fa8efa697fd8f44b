//! What a run reports while it goes on.

use serde::{Deserialize, Serialize};

use super::curriculum::{OverTime, Plan};
use super::theory::Gap;

/// What is measured at a checkpoint, always on test examples drawn afresh.
///
/// Losses are mean squared errors. During pre-training the new label is already asked about, so
/// that one curve runs through both phases.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    /// X1 against its new label (ID).
    pub id_loss: f32,
    /// X2 against its label (old task; OOD where nothing is replayed).
    pub old_loss: f32,
    /// X1 against its old label.
    pub overwritten_loss: f32,
    /// Mean output on X1.
    pub mean_new: f32,
    /// Mean output on X2.
    pub mean_old: f32,
    /// L2 distance of all parameters from where the phase began.
    pub distance: f32,
    /// 2 lr tr(W K) summed over steps, K the neural tangent kernel at the start of the phase
    /// (with the parameterisation's step factors) and W the loss weights; heavy-ball steps count
    /// 1 / (1 - beta) fold. 0 under Adam, for which it is not defined.
    pub effective_time: f32,
}

impl Measures {
    /// The measures' names, in the order of [`Self::values`].
    pub const NAMES: [&'static str; 7] =
        ["id_loss", "ood_loss", "overwritten_loss", "mean_x1", "mean_x2", "parameter_distance", "effective_time"];

    /// All measures in the order of [`Self::NAMES`].
    pub fn values(&self) -> [f32; 7] {
        [
            self.id_loss,
            self.old_loss,
            self.overwritten_loss,
            self.mean_new,
            self.mean_old,
            self.distance,
            self.effective_time,
        ]
    }

    /// From values in the order of [`Self::NAMES`].
    pub fn from_values(v: [f32; 7]) -> Self {
        let [id_loss, old_loss, overwritten_loss, mean_new, mean_old, distance, effective_time] = v;
        Self { id_loss, old_loss, overwritten_loss, mean_new, mean_old, distance, effective_time }
    }
}

/// One checkpoint of one network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Steps taken in this phase.
    pub step: u32,
    pub measures: Measures,
    /// The function on the run's grid ([`grid`]).
    pub function: Vec<f32>,
}

/// How a phase of one network ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    /// All steps were taken.
    Complete,
    /// The stop rule held after this step.
    Stopped(u32),
    /// An output left +-1e6 or was no number at this step.
    Diverged(u32),
    /// No step was taken: the kernel prescribes no schedule, because theory has no answer for this network.
    Unplanned,
}

/// The losses on all tasks of a sequence at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskLosses {
    /// Steps of fine-tuning: 0, or where the part of one new task ends.
    pub step: u32,
    /// Mean squared error on the test points of each task, the old one first.
    pub losses: Vec<f32>,
}

/// One thing that a job reports. Events of a job come in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// A checkpoint: of pre-training if `branch` is `None`.
    Checkpoint { branch: Option<u32>, point: Point },
    /// A phase is over.
    Ended { branch: Option<u32>, ending: Ending },
    /// A checkpoint as the kernel predicts it, told before the branch takes its first step.
    Predicted { branch: u32, point: Point },
    /// How far the prediction was from the checkpoint just told.
    Gap { branch: u32, gap: Gap },
    /// The schedule of a branch, told before it takes its first step.
    Planned { branch: u32, plan: Plan },
    /// The losses on all tasks of a sequence, told where fine-tuning begins and where it leaves a task.
    Tasks { branch: u32, tasks: TaskLosses },
    /// The old task's loss over all of a branch, told before its end.
    Looked { branch: u32, over_time: OverTime },
}

/// How many points the grid of the learned function has.
pub const GRID: usize = 81;

/// The inputs on which the function is recorded: from one beyond the left centre to one beyond
/// the right, farther where the clouds are wide.
///
/// # Shapes
/// [[`GRID`]]
pub fn grid(means: [f64; 2], standard_deviation: f64) -> Vec<f32> {
    let beyond = f64::max(1.0, 2.5 * standard_deviation);
    let (left, right) = (means[0] - beyond, means[1] + beyond);
    let step = (right - left) / (GRID - 1) as f64;
    (0..GRID).map(|k| (left + step * k as f64) as f32).collect()
}
