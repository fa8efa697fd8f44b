//! Rotated tasks: the same two classes, seen from an angle that grows task by task.

use super::Definition;
#[cfg(feature = "fused")]
use super::{
    Examples, Setting, Tasks,
    tasks::{noisy, stream},
    two_gaussians,
};
#[cfg(feature = "fused")]
use crate::seed::Seed;

/// Every task has both classes: clouds around two centres on the first axis, with the labels 0 and 1. Task t sees them
/// turned by t times the angle in the plane of the first two coordinates, of the third and fourth, and so on (after
/// Rotated MNIST, Lopez-Paz and Ranzato 1706.08840). The old task is task 0.
pub const ROTATED: Definition = Definition {
    name: "rotated",
    inputs: 2,
    inputs_range: (2, 64),
    is_sequence: true,
    replays_new: true,
    takes: &["inputs", "means", "spread", "spread_meaning", "tasks", "angle"],
    overwrites: false,
    #[cfg(feature = "fused")]
    draw: |setting, seed| {
        sequence(setting, &|task, test| {
            let name = format!("task {task}{}", if test { " test" } else { "" });
            let Examples { mut x, y } = two_classes(setting, seed, &name);
            let angle = (setting.angle * task as f64).to_radians();
            let (sine, cosine) = (libm::sin(angle), libm::cos(angle));
            for point in x.chunks_exact_mut(setting.inputs) {
                for pair in point.chunks_exact_mut(2) {
                    let [a, b] = [f64::from(pair[0]), f64::from(pair[1])];
                    pair[0] = (cosine * a - sine * b) as f32;
                    pair[1] = (sine * a + cosine * b) as f32;
                }
            }
            let y = if test { y } else { noisy(&y, setting, seed, &name) };
            Examples { x, y }
        })
    },
};

/// Points of both classes in turn, with their labels.
#[cfg(feature = "fused")]
fn two_classes(setting: &Setting, seed: Seed, label: &str) -> Examples {
    // The first coordinate of both classes, then all others.
    let [low, high] = [0, 1].map(|class| two_gaussians::cloud(setting, class, seed, label));
    let mut rest = stream(seed.fork("other coordinates"), label);
    let mut x = Vec::with_capacity(setting.samples * setting.inputs);
    for i in 0..setting.samples {
        x.push(if i % 2 == 0 { low[i] } else { high[i] });
        x.extend((1..setting.inputs).map(|_| (setting.standard_deviation * rest.normal()) as f32));
    }
    let y = (0..setting.samples).map(|i| (i % 2) as f32).collect();
    Examples { x, y }
}

/// Tasks in sequence, of which replay draws on all that are past.
#[cfg(feature = "fused")]
pub fn sequence(setting: &Setting, task: &dyn Fn(usize, bool) -> Examples) -> Tasks {
    use super::NewTask;
    let new = |t| NewTask { train: task(t, false), test: task(t, true), before: None };
    let axis = |value: f64| (0..setting.inputs).map(|k| if k == 0 { value } else { 0.0 }).collect();
    Tasks {
        old_train: task(0, false),
        old_test: task(0, true),
        new: (1..setting.tasks).map(new).collect(),
        line: [axis(0.0), axis(1.0)],
    }
}
