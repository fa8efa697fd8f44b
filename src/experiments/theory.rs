//! What the kernel predicted, held against what the network did.

use serde::{Deserialize, Serialize};

/// How far prediction and network are apart at one checkpoint of fine-tuning, and how far the kernel has moved.
///
/// D is the change of f on the X2 test points since fine-tuning began. Errors are relative, in L2:
/// ||D_predicted - D|| / ||D||; `None` where the network has not moved. Predicting no change at all has the error 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    /// Steps taken in fine-tuning.
    pub step: u32,
    /// Of the kernel's prediction.
    pub drift_error: Option<f32>,
    /// Of the best constant: the mean of D at every point. It knows the answer's mean, so this is how much
    /// of D is shape.
    pub constant_error: Option<f32>,
    /// Of the predicted first step, times the number of steps.
    pub first_step_error: Option<f32>,
    /// 1 - CKA (centred) of the kernel now with the kernel at the start, on training points of both classes.
    pub kernel_drift: Option<f32>,
    /// Trace of the kernel now over that at the start, on the same points: CKA does not see size.
    pub kernel_growth: Option<f32>,
    /// Alignment of the kernel now (centred) with the labels of fine-tuning: <K, y y'> / (||K|| ||y y'||).
    pub alignment: Option<f32>,
}

impl Gap {
    /// The columns' names, in the order of [`Self::values`].
    pub const NAMES: [&'static str; 6] = [
        "drift_relative_error",
        "drift_relative_error_of_constant",
        "drift_relative_error_of_first_step",
        "kernel_drift",
        "kernel_growth",
        "kernel_alignment",
    ];

    /// Everything but the step, in the order of [`Self::NAMES`].
    pub fn values(&self) -> [Option<f32>; 6] {
        let [error, constant, first_step] = [self.drift_error, self.constant_error, self.first_step_error];
        [error, constant, first_step, self.kernel_drift, self.kernel_growth, self.alignment]
    }
}

/// What is said of one branch: the predicted curves, made before its first step, and the gap to the network
/// at each checkpoint.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The branch as the kernel predicts it.
    pub points: Vec<super::event::Point>,
    pub gaps: Vec<Gap>,
}

impl Prediction {
    /// Predicted forgetting at each checkpoint: old-task loss less that at the start.
    pub fn forgetting(&self) -> impl Iterator<Item = (u32, f64)> + '_ {
        let start = self.points.first().map_or(0.0, |point| f64::from(point.measures.old_loss));
        self.points.iter().map(move |point| (point.step, f64::from(point.measures.old_loss) - start))
    }

    /// The gap at a step, where the network got there.
    pub fn gap_at(&self, step: u32) -> Option<&Gap> {
        self.gaps.iter().find(|gap| gap.step == step)
    }
}
