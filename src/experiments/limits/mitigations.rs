//! Where mitigations have a place, and what they cannot be combined with.

use crate::error::Problem;
use crate::experiments::fields::field;
use crate::experiments::spec::Spec;
use crate::train::mitigation::Setting;

/// Mends mitigations that have no place.
pub(super) fn mend(spec: &mut Spec, problems: &mut Vec<Problem>) {
    let shown = |spec: &Spec, name: &str| field(name).map(|field| (field.show)(spec)).unwrap_or_default();
    if !spec.experiment.mitigates() {
        if !spec.mitigations.is_empty() {
            let accepted = format!("nothing in the experiment {}", spec.experiment.name());
            problems.push(Problem::new("mitigations", &shown(spec, "mitigations"), accepted).using("none"));
            spec.mitigations.clear();
        }
        return;
    }
    let setting = Setting {
        mlp: spec.network(spec.widths[0]),
        new_examples: spec.samples as usize * spec.stages(),
        old_examples: spec.samples as usize,
        batch: None,
    };
    spec.mitigations.retain(|of| {
        let refused = of.mitigation.strength.check(of.mitigation.name, &setting, of.strength).err();
        let fine = refused.is_none();
        problems.extend(refused.map(|problem| problem.using("nothing")));
        fine
    });
    let default = Spec::defaults(spec.experiment);
    if spec.replay != default.replay {
        let accepted = "0: mitigations bring their own, as in mit=replay@0.01";
        problems.push(Problem::new("replay", &shown(spec, "replay"), accepted).using("0"));
        spec.replay = default.replay;
    }
    if !spec.schedule.is_empty() {
        let accepted = "none: mitigations are compared with plain fine-tuning";
        problems.push(Problem::new("schedule", &shown(spec, "schedule"), accepted).using("none"));
        spec.schedule.clear();
    }
    if spec.stop_loss != 0.0 {
        let accepted = "0: mitigations are compared over all steps";
        problems.push(Problem::new("stop_loss", &shown(spec, "stop_loss"), accepted).using("0"));
        spec.stop_loss = 0.0;
    }
}
