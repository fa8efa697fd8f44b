//! What every engine is told and what it answers, as plain values.

/// Weighted examples of one scalar function.
///
/// The loss is sum_i weight_i (f(x_i) - y_i)^2, without a factor 1/2; the weights sum to 1 (to 1 + r where old
/// examples are added to the new ones). An example of weight 0 costs nothing.
///
/// # Shapes
/// `x`: `[examples, inputs]`, row by row; `y`, `weight`: `[examples]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Examples {
    pub x: Vec<f32>,
    pub y: Vec<f32>,
    pub weight: Vec<f32>,
}

/// Which examples a step sees.
pub enum Batches<'a> {
    /// All of them, by their weights.
    Full,
    /// `size` of them. `draw` is given the step and fills in indices into the examples, drawn by their
    /// weights; the gradient is that of the plain mean over the batch.
    Sampled { size: usize, draw: &'a mut dyn FnMut(u32, &mut [u32]) },
}

/// Stop as soon as the plain mean of (f - y)^2 over the first `examples` examples is at or below `level`.
///
/// Checked before every step; with batches before every ceil(n / size)th step, by a pass of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stop {
    pub examples: usize,
    pub level: f32,
}

/// How a stretch of training ended. Steps count from the start of the phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All steps were made.
    Finished,
    /// The [`Stop`] level was reached after `step` steps.
    Stopped { step: u32 },
    /// After `step` steps an output was beyond [`LARGEST_OUTPUT`] or not a number.
    Diverged { step: u32 },
}

/// An output beyond this magnitude counts as divergence.
pub const LARGEST_OUTPUT: f32 = 1e6;
