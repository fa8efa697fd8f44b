//! What a world draws: the old task and the new ones, for training and, drawn afresh, for testing.

use super::Setting;
use crate::seed::{Seed, Stream};

/// Points with their labels.
///
/// # Shapes
/// `x`: `[n, inputs]` row by row; `y`: `[n]`
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Examples {
    pub x: Vec<f32>,
    pub y: Vec<f32>,
}

/// A task that fine-tuning teaches.
#[derive(Clone, Debug, PartialEq)]
pub struct NewTask {
    pub train: Examples,
    pub test: Examples,
    /// The labels that pre-training teaches for the same points, training and test; `None` where it never sees
    /// them.
    pub before: Option<[Vec<f32>; 2]>,
}

/// All examples of one seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Tasks {
    /// Taught by pre-training, kept nowhere but in replay: X2.
    pub old_train: Examples,
    pub old_test: Examples,
    /// Taught by fine-tuning, one after the other, at least one.
    pub new: Vec<NewTask>,
    /// Where the learned function is drawn: the point of coordinate s is `origin` + s `direction`.
    pub line: [Vec<f64>; 2],
}

/// A stream of normal draws in the world of a seed.
pub fn stream(seed: Seed, label: &str) -> Stream {
    seed.fork("data").fork(label).stream()
}

/// One label for all points.
pub fn constant(label: f64, count: usize) -> Vec<f32> {
    vec![label as f32; count]
}

/// Training labels with noise. The stream is that of `label`, whatever the noise.
pub fn noisy(labels: &[f32], setting: &Setting, seed: Seed, label: &str) -> Vec<f32> {
    let mut noise = seed.fork("label noise").fork(label).stream();
    labels.iter().map(|&label| (f64::from(label) + setting.label_noise * noise.normal()) as f32).collect()
}
