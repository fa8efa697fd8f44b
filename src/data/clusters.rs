//! k Gaussian clusters in d dimensions.

use super::Definition;
#[cfg(feature = "fused")]
use super::{
    Examples, LABEL_X2, NewTask, OLD_LABEL_X1, Setting, Tasks,
    tasks::{constant, noisy, stream},
};
#[cfg(feature = "fused")]
use crate::seed::{Seed, Stream};

/// The first half of the clusters are X1, the others X2; fine-tuning gives X1 a new label. Centres are random, at a
/// root mean square distance of 2, the poster's: how far clusters overlap is the standard deviation's to say. Two
/// clusters at the distance 2 share Phi(-1/sd) of each: 0.00003 % at 0.2, 2.3 % at 0.5, 16 % at 1.
pub const CLUSTERS: Definition = Definition {
    name: "clusters",
    inputs: 2,
    inputs_range: (1, 64),
    is_sequence: false,
    replays_new: false,
    takes: &["inputs", "clusters", "spread", "spread_meaning", "new_label"],
    overwrites: true,
    #[cfg(feature = "fused")]
    draw: |setting, seed| {
        let n = setting.samples;
        let centres = centres(setting, seed);
        let (first, second) = centres.split_at(setting.clusters.div_ceil(2));
        let cloud = |label: &str, centres: &[Vec<f64>]| points(setting, centres, &mut stream(seed, label));
        let (old, new) = (constant(f64::from(OLD_LABEL_X1), n), constant(setting.new_label, n));
        let x2 = constant(f64::from(LABEL_X2), n);
        Tasks {
            old_train: Examples { x: cloud("x2", second), y: noisy(&x2, setting, seed, "x2") },
            old_test: Examples { x: cloud("x2 test", second), y: x2 },
            new: vec![NewTask {
                train: Examples { x: cloud("x1", first), y: noisy(&new, setting, seed, "x1 after") },
                test: Examples { x: cloud("x1 test", first), y: new },
                before: Some([noisy(&old, setting, seed, "x1 before"), old]),
            }],
            line: through(&first[0], &second[0]),
        }
    },
};

/// Random centres, moved and scaled to mean 0 and a root mean square distance of 2 between two of them.
///
/// # Shapes
/// `[clusters]` of `[inputs]`
#[cfg(feature = "fused")]
pub fn centres(setting: &Setting, seed: Seed) -> Vec<Vec<f64>> {
    let mut stream = stream(seed, "centres");
    let k = setting.clusters as f64;
    let mut centres: Vec<Vec<f64>> =
        (0..setting.clusters).map(|_| (0..setting.inputs).map(|_| stream.normal()).collect()).collect();
    for axis in 0..setting.inputs {
        let mean = centres.iter().map(|centre| centre[axis]).sum::<f64>() / k;
        centres.iter_mut().for_each(|centre| centre[axis] -= mean);
    }
    // Over all pairs the mean of |a - b|^2 is 2 / (k - 1) times the sum of |a|^2.
    let squares: f64 = centres.iter().flatten().map(|value| value * value).sum();
    let scale = 2.0 / libm::sqrt(2.0 * squares / (k - 1.0));
    centres.iter_mut().flatten().for_each(|value| *value *= scale);
    centres
}

/// Points of the clusters in turn.
///
/// # Shapes
/// `[samples, inputs]`
#[cfg(feature = "fused")]
pub fn points(setting: &Setting, centres: &[Vec<f64>], stream: &mut Stream) -> Vec<f32> {
    let of = |i: usize| &centres[i % centres.len()];
    let mut draw = |value: f64| (value + setting.standard_deviation * stream.normal()) as f32;
    (0..setting.samples).flat_map(of).map(|&value| draw(value)).collect()
}

/// The line on which -1 is one point and 1 the other.
#[cfg(feature = "fused")]
pub fn through(first: &[f64], second: &[f64]) -> [Vec<f64>; 2] {
    let both = || first.iter().zip(second);
    [both().map(|(a, b)| 0.5 * (a + b)).collect(), both().map(|(a, b)| 0.5 * (b - a)).collect()]
}
