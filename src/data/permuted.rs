//! Permuted tasks: the same clusters, with the coordinates in another order in each task.

use super::Definition;
#[cfg(feature = "fused")]
use super::{
    Examples, Tasks,
    clusters::{centres, points, through},
    rotated::sequence,
    tasks::{noisy, stream},
};

/// Every task has all clusters, labelled 0 and 1 in turn. Task t sees their coordinates in a random order of its own,
/// task 0, the old one, in theirs (after Permuted MNIST, Goodfellow et al. 1312.6211).
pub const PERMUTED: Definition = Definition {
    name: "permuted",
    inputs: 16,
    inputs_range: (2, 64),
    is_sequence: true,
    replays_new: true,
    takes: &["inputs", "clusters", "spread", "spread_meaning", "tasks"],
    overwrites: false,
    #[cfg(feature = "fused")]
    draw: |setting, seed| {
        let centres = centres(setting, seed);
        let tasks = sequence(setting, &|task, test| {
            let name = format!("task {task}{}", if test { " test" } else { "" });
            let order = order(setting.inputs, task, seed);
            let drawn = points(setting, &centres, &mut stream(seed, &name));
            let x = drawn.chunks_exact(setting.inputs).flat_map(|point| order.iter().map(|&k| point[k])).collect();
            let y: Vec<f32> = (0..setting.samples).map(|i| (i % setting.clusters % 2) as f32).collect();
            let y = if test { y } else { noisy(&y, setting, seed, &name) };
            Examples { x, y }
        });
        Tasks { line: through(&centres[0], &centres[1]), ..tasks }
    },
};

/// The order of the coordinates in a task, by Fisher and Yates.
#[cfg(feature = "fused")]
fn order(inputs: usize, task: usize, seed: crate::seed::Seed) -> Vec<usize> {
    let mut order: Vec<usize> = (0..inputs).collect();
    if task > 0 {
        let mut stream = stream(seed, &format!("order {task}"));
        for last in (1..inputs).rev() {
            order.swap(last, stream.below(last as u32 + 1) as usize);
        }
    }
    order
}
