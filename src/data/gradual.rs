//! Gradual label shift: the label of X1 moves from the old to the new one task by task.

use super::Definition;
#[cfg(feature = "fused")]
use super::{
    Examples, LABEL_X2, NewTask, OLD_LABEL_X1, Tasks,
    tasks::{constant, noisy},
    two_gaussians,
};

/// The two clouds, where task t of T gives X1, drawn afresh, the label a share t/(T - 1) of the way from old to new.
/// Replay draws on X2 only: an earlier task's labels are out of date.
pub const GRADUAL: Definition = Definition {
    name: "gradual",
    inputs: 1,
    inputs_range: (1, 1),
    is_sequence: true,
    replays_new: false,
    takes: &["means", "spread", "spread_meaning", "new_label", "tasks"],
    overwrites: true,
    #[cfg(feature = "fused")]
    draw: |setting, seed| {
        let n = setting.samples;
        let cloud = |label: &str, class: usize| two_gaussians::cloud(setting, class, seed, label);
        let (old, x2) = (constant(f64::from(OLD_LABEL_X1), n), constant(f64::from(LABEL_X2), n));
        let stages = setting.tasks - 1;
        let new = (1..=stages).map(|stage| {
            // The first is that of the two clouds.
            let of = |what: &str| if stage == 1 { what.to_owned() } else { format!("{what} {stage}") };
            let share = stage as f64 / stages as f64;
            let label = f64::from(OLD_LABEL_X1) + share * (setting.new_label - f64::from(OLD_LABEL_X1));
            let labels = constant(label, n);
            NewTask {
                train: Examples { x: cloud(&of("x1"), 0), y: noisy(&labels, setting, seed, &of("x1 after")) },
                test: Examples { x: cloud(&of("x1 test"), 0), y: labels },
                before: Some([noisy(&old, setting, seed, &of("x1 before")), old.clone()]),
            }
        });
        Tasks {
            old_train: Examples { x: cloud("x2", 1), y: noisy(&x2, setting, seed, "x2") },
            old_test: Examples { x: cloud("x2 test", 1), y: x2.clone() },
            new: new.collect(),
            line: [vec![0.0], vec![1.0]],
        }
    },
};
