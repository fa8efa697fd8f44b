//! The learning rate of each step.

use core::f64::consts::PI;

/// What follows the warm-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The peak to the end.
    Constant,
    /// In a line to the floor at the end.
    Linear,
    /// Half a cosine to the floor at the end.
    Cosine,
}

/// A rate that rises in a line from 0 at the first step, then keeps to a shape; the schedules of transformers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    pub peak: f64,
    /// Steps of the rise.
    pub warm_up: u32,
    /// Steps in all.
    pub steps: u32,
    pub shape: Shape,
    /// Share of the peak that a line or a cosine ends at; 0 as in transformers.
    pub floor: f64,
}

impl Rate {
    /// The rate of a step, counted from 0.
    pub fn at(&self, step: u32) -> f64 {
        if step < self.warm_up {
            return self.peak * f64::from(step) / f64::from(self.warm_up);
        }
        let left = f64::from(self.steps.saturating_sub(self.warm_up).max(1));
        let done = (f64::from(step - self.warm_up) / left).min(1.0);
        let height = match self.shape {
            Shape::Constant => 1.0,
            Shape::Linear => 1.0 - done,
            Shape::Cosine => 0.5 * (1.0 + libm::cos(PI * done)),
        };
        self.peak * (self.floor + (1.0 - self.floor) * height)
    }
}
