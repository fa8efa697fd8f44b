//! Teacher and student: the labels are the outputs of random networks, whose likeness is set.

use super::Definition;
#[cfg(feature = "fused")]
use super::{
    Examples, NewTask, Setting, Tasks,
    tasks::{noisy, stream},
};
#[cfg(feature = "fused")]
use crate::seed::{Seed, Stream};

/// X1 and X2 are normal with standard deviation 1, their centres apart on the first axis. One teacher labels both in
/// pre-training, another one X1 in fine-tuning: rho times the first's weights plus sqrt(1 - rho^2) times fresh ones,
/// rho the similarity (the set-up of Lee, Goldt and Saxe 2107.04384, with one output). A teacher is
/// sum_j v_j tanh(w_j . x) / sqrt(m) over m = 8 units, v and w sqrt(d) normal.
pub const TEACHER: Definition = Definition {
    name: "teacher",
    inputs: 4,
    inputs_range: (1, 64),
    is_sequence: false,
    replays_new: false,
    takes: &["inputs", "means", "similarity"],
    overwrites: true,
    #[cfg(feature = "fused")]
    draw: |setting, seed| {
        let first = Teacher::draw(setting.inputs, &mut stream(seed, "teacher"));
        let fresh = Teacher::draw(setting.inputs, &mut stream(seed, "new teacher"));
        let second = first.towards(&fresh, setting.similarity);
        let label = |teacher: &Teacher, x: &[f32]| -> Vec<f32> {
            x.chunks_exact(setting.inputs).map(|x| teacher.label(x)).collect()
        };
        let [x1, x1_test] = ["x1", "x1 test"].map(|label| cloud(setting, setting.means[0], seed, label));
        let [x2, x2_test] = ["x2", "x2 test"].map(|label| cloud(setting, setting.means[1], seed, label));
        let noisy = |labels: Vec<f32>, of: &str| noisy(&labels, setting, seed, of);
        let axis = |value: f64| (0..setting.inputs).map(|k| if k == 0 { value } else { 0.0 }).collect();
        Tasks {
            old_train: Examples { y: noisy(label(&first, &x2), "x2"), x: x2 },
            old_test: Examples { y: label(&first, &x2_test), x: x2_test },
            new: vec![NewTask {
                before: Some([noisy(label(&first, &x1), "x1 before"), label(&first, &x1_test)]),
                train: Examples { y: noisy(label(&second, &x1), "x1 after"), x: x1 },
                test: Examples { y: label(&second, &x1_test), x: x1_test },
            }],
            line: [axis(0.0), axis(1.0)],
        }
    },
};

/// Hidden units of a teacher.
#[cfg(feature = "fused")]
const UNITS: usize = 8;

/// A network of one hidden layer without biases.
#[cfg(feature = "fused")]
struct Teacher {
    /// `[UNITS, inputs]`
    w: Vec<f64>,
    v: Vec<f64>,
}

#[cfg(feature = "fused")]
impl Teacher {
    fn draw(inputs: usize, stream: &mut Stream) -> Self {
        let scale = 1.0 / libm::sqrt(inputs as f64);
        let w = (0..UNITS * inputs).map(|_| scale * stream.normal()).collect();
        Self { w, v: (0..UNITS).map(|_| stream.normal()).collect() }
    }

    /// The teacher whose weights correlate with these by `rho`.
    fn towards(&self, fresh: &Self, rho: f64) -> Self {
        let rest = libm::sqrt(1.0 - rho * rho);
        let mix = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| rho * a + rest * b).collect();
        Self { w: mix(&self.w, &fresh.w), v: mix(&self.v, &fresh.v) }
    }

    fn label(&self, x: &[f32]) -> f32 {
        let unit = |w: &[f64]| libm::tanh(w.iter().zip(x).map(|(w, &x)| w * f64::from(x)).sum());
        let sum: f64 = self.w.chunks_exact(x.len()).zip(&self.v).map(|(w, v)| v * unit(w)).sum();
        (sum / libm::sqrt(UNITS as f64)) as f32
    }
}

#[cfg(feature = "fused")]
fn cloud(setting: &Setting, centre: f64, seed: Seed, label: &str) -> Vec<f32> {
    let mut stream = stream(seed, label);
    let of = |k: usize| if k.is_multiple_of(setting.inputs) { centre } else { 0.0 };
    (0..setting.samples * setting.inputs).map(|k| (of(k) + stream.normal()) as f32).collect()
}
