//! What a world has use for.

use crate::error::Problem;
use crate::experiments::fields::field;
use crate::experiments::spec::Spec;

/// Settings that some worlds read and others do not.
pub const OF_WORLDS: [&str; 10] =
    ["means", "spread", "spread_meaning", "new_label", "inputs", "clusters", "tasks", "angle", "similarity", "share"];

/// Mends what the world has no use for or no room for.
pub(super) fn mend(spec: &mut Spec, problems: &mut Vec<Problem>) {
    let world = spec.world;
    let default = Spec::defaults(spec.experiment);
    for field in OF_WORLDS.iter().filter_map(|name| field(name)) {
        let (written, usual) = ((field.show)(spec), (field.show)(&default));
        if written != usual && !world.takes.contains(&field.name) {
            let accepted = format!("{usual} in the world {}, which has no use for it", world.name);
            problems.push(Problem::new(field.name, &written, accepted).using(usual.clone()));
            (field.read)(spec, &usual);
        }
    }
    let (least, most) = world.inputs_range;
    if spec.inputs != 0 && !(least..=most).contains(&spec.inputs) {
        let accepted = format!("0 or {least} to {most} in the world {}", world.name);
        let used = spec.inputs.clamp(least, most);
        problems.push(Problem::new("inputs", &spec.inputs.to_string(), accepted).using(used.to_string()));
        spec.inputs = used;
    }
    if !world.is_sequence {
        return;
    }
    if spec.fine_tuning_steps < spec.stages() as u32 {
        let accepted = format!("at least {}, one for each new task", spec.stages());
        let problem = Problem::new("fine_tuning_steps", &spec.fine_tuning_steps.to_string(), accepted);
        problems.push(problem.using(spec.stages().to_string()));
        spec.fine_tuning_steps = spec.stages() as u32;
    }
    if spec.stop_loss != 0.0 {
        let accepted = "0 where tasks follow each other: each has its part of the steps";
        problems.push(Problem::new("stop_loss", &spec.stop_loss.to_string(), accepted).using("0"));
        spec.stop_loss = 0.0;
    }
    if spec.experiment.prescribes() && spec.stages() > 1 {
        let accepted = "2 where schedules are prescribed: they are for one new task";
        problems.push(Problem::new("tasks", &spec.tasks.to_string(), accepted).using("2"));
        spec.tasks = 2;
    }
}
