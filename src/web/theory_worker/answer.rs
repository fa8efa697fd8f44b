//! What the theory's worker answers, as plain objects.

use serde::Serialize;

use crate::kernel::optimum;
use crate::web::answering::{Listed, Said};

/// The networks of a link.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Choices {
    pub seeds: Vec<u32>,
    pub widths: Vec<u32>,
    /// Replay fractions of the link.
    pub fractions: Vec<f64>,
    /// What is analysed where nothing is chosen.
    pub width: u32,
    pub replay: f64,
    /// Steps of pre-training and of fine-tuning.
    pub pretraining_steps: u32,
    pub steps: u32,
    /// Training examples, of both classes.
    pub examples: u32,
    /// Two links with the same subject differ in nothing that an analysis of the same seed and width sees.
    pub subject: String,
}

/// What an analysis says at once.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Analysed {
    /// The link of the one network.
    pub link: String,
    pub seed: u32,
    pub width: u32,
    pub replay: f64,
    /// Steps of fine-tuning.
    pub steps: u32,
    /// How long it took to compute.
    pub millis: f64,
    pub statements: Vec<Said>,
    pub figures: Vec<Listed>,
}

/// What a schedule is predicted to come to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// p of each stretch.
    pub fractions: Vec<f64>,
    /// The replay spent: the mean of p over time.
    pub mean_replay: f64,
    /// The old task's loss after the last step, on average over time, at its largest.
    pub old_task_end: f64,
    pub old_task_average: f64,
    pub old_task_worst: f64,
    /// The new task's loss after the last step.
    pub id_end: f64,
}

impl From<optimum::Outcome> for Outcome {
    fn from(outcome: optimum::Outcome) -> Self {
        let optimum::Outcome { fractions, mean_replay, old_task_end, old_task_average, old_task_worst, id_end } =
            outcome;
        Self { fractions, mean_replay, old_task_end, old_task_average, old_task_worst, id_end }
    }
}

/// A schedule with its figure, beside uniform replay of the same budget.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Foreseen {
    /// Of the figure.
    pub id: String,
    pub outcome: Outcome,
    pub uniform: Outcome,
    /// First step of each stretch.
    pub starts: Vec<u32>,
    pub summary: String,
    pub notes: Vec<String>,
    pub svg: String,
    /// The link that trains along this schedule.
    pub link: String,
    /// How long it took to compute and to draw.
    pub millis: f64,
}
