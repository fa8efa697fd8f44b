//! The rows of a spec by their names.

use super::spec::{Spec, World};
use super::subject::Task;

/// The tasks of a spec, in the order of the rows.
pub fn rows(spec: &Spec) -> Vec<Task> {
    let Some(world) = spec.world.of_networks() else {
        let task = |task: crate::data::language::Task| Task {
            name: task.name(),
            kind: task.kind().name().to_owned(),
            relation: task.relation().map(str::to_owned),
        };
        return spec.language_tasks().into_iter().map(task).collect();
    };
    let task = |place: u32| Task {
        name: match spec.world {
            World::Rotated => format!("rotated {:.1}", 180.0 * part(spec.tasks, place)),
            World::Teacher => format!("teacher {:.1}", 90.0 * part(spec.tasks, place)),
            World::Partial => format!("partial {:.1} %", 100.0 * part(spec.tasks, place)),
            World::Clusters => format!("cluster {place}"),
            World::Language | World::Permuted | World::Gradual => format!("{} {place}", world.name),
        },
        kind: world.name.to_owned(),
        relation: None,
    };
    (1..=spec.tasks).map(task).collect()
}

/// How far along its family a task is, from above 0 to 1: rotated tasks up to 180 degrees, where labels are the other way,
/// teachers up to 90, where they have nothing in common.
pub(super) fn part(tasks: u32, place: u32) -> f64 {
    f64::from(place) / f64::from(tasks)
}
