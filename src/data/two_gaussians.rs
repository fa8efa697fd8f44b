//! The poster's world: two Gaussian clouds on a line.

use super::Definition;
#[cfg(feature = "fused")]
use super::{
    Examples, LABEL_X2, NewTask, OLD_LABEL_X1, Setting, Tasks,
    tasks::{constant, noisy},
};
use crate::seed::Seed;

/// X1 and X2, each normal around its own centre; fine-tuning gives X1 a new label.
pub const TWO_GAUSSIANS: Definition = Definition {
    name: "gaussians",
    inputs: 1,
    inputs_range: (1, 1),
    is_sequence: false,
    replays_new: false,
    takes: &["means", "spread", "spread_meaning", "new_label"],
    overwrites: true,
    #[cfg(feature = "fused")]
    draw: |setting, seed| {
        draw(setting, seed, &constant(setting.new_label, setting.samples), &|_| setting.new_label as f32)
    },
};

/// Two clouds, where fine-tuning gives the training points of X1 the labels `train` and its test points those of
/// a rule by position. More samples extend the draw; they do not change it.
#[cfg(feature = "fused")]
pub fn draw(setting: &Setting, seed: Seed, train: &[f32], test: &dyn Fn(f32) -> f32) -> Tasks {
    let n = setting.samples;
    let cloud = |label, class: usize| cloud(setting, class, seed, label);
    let (old, x2) = (constant(f64::from(OLD_LABEL_X1), n), constant(f64::from(LABEL_X2), n));
    let test_x1 = cloud("x1 test", 0);
    let test_y1 = test_x1.iter().map(|&x| test(x)).collect();
    Tasks {
        old_train: Examples { x: cloud("x2", 1), y: noisy(&x2, setting, seed, "x2") },
        old_test: Examples { x: cloud("x2 test", 1), y: x2 },
        new: vec![NewTask {
            train: Examples { x: cloud("x1", 0), y: noisy(train, setting, seed, "x1 after") },
            test: Examples { x: test_x1, y: test_y1 },
            before: Some([noisy(&old, setting, seed, "x1 before"), old]),
        }],
        line: [vec![0.0], vec![1.0]],
    }
}

/// Normal points around a centre on a line.
pub fn cloud_on_line(
    centre: f64,
    standard_deviation: f64,
    samples: usize,
    seed: Seed,
    label: &str,
) -> impl Iterator<Item = f32> {
    let mut stream = seed.fork("data").fork(label).stream();
    (0..samples).map(move |_| (centre + standard_deviation * stream.normal()) as f32)
}

/// A class of the world of a setting.
#[cfg(feature = "fused")]
pub fn cloud(setting: &Setting, class: usize, seed: Seed, label: &str) -> Vec<f32> {
    cloud_on_line(setting.means[class], setting.standard_deviation, setting.samples, seed, label).collect()
}
