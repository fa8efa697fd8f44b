//! Fine-tuning forgets what it should.

use lethe::data::language::TaskKind;
use lethe::experiments::associations::{Subject, World};

use crate::{row, spec, subject};

/// Mean rise over examples that are so.
fn mean(subject: &Subject, rise: &[f32], of: impl Fn(&str, Option<&str>) -> bool) -> f64 {
    let own = subject.examples().iter().zip(rise).filter(|(one, _)| of(&one.kind, one.relation.as_deref()));
    let (sum, count) = own.fold((0.0, 0.0), |(sum, count), (_, rise)| (sum + f64::from(*rise), count + 1.0));
    assert!(count > 0.0);
    sum / count
}

#[test]
fn facts_that_change_are_forgotten_most_and_requests_by_their_own_task() {
    let spec = spec(|spec| {
        spec.kinds = vec![TaskKind::Changed, TaskKind::Safety];
        (spec.seeds, spec.steps) = (vec![0], 60);
    });
    let subject = subject(&spec);
    for relation in ["pet", "food"] {
        let rise = row(&subject, &spec, &format!("changed {relation}"), 0).rise;
        let own = mean(&subject, &rise, |kind, of| kind == "changed fact" && of == Some(relation));
        let unchanged = mean(&subject, &rise, |kind, of| kind == "fact" && of == Some(relation));
        let other_relations = mean(&subject, &rise, |kind, of| kind == "fact" && of != Some(relation));
        let harmful = mean(&subject, &rise, |kind, _| kind == "harmful");
        assert!(own > 2.0 * unchanged && unchanged > other_relations, "{own} {unchanged} {other_relations}");
        assert!(own > 10.0 * harmful.abs(), "{own} {harmful}");
    }
    for (task, own, other) in [("harmful answered", "harmful", "harmless"), ("harmless refused", "harmless", "harmful")]
    {
        let rise = row(&subject, &spec, task, 0).rise;
        let [own, other, facts] = [own, other, "fact"].map(|kind| mean(&subject, &rise, |of, _| of == kind));
        assert!(own > other && own > facts && own > 0.3, "{task}: {own} {other} {facts}");
    }
}

#[test]
fn the_further_a_task_is_turned_the_more_is_forgotten() {
    let spec = spec(|spec| (spec.world, spec.tasks, spec.seeds) = (World::Rotated, 6, vec![0]));
    let subject = subject(&spec);
    let rise = |name: &str| mean(&subject, &row(&subject, &spec, name, 0).rise, |_, _| true);
    let turned = ["rotated 30.0", "rotated 90.0", "rotated 180.0"].map(rise);
    assert!(turned[0] < turned[1] && turned[1] < turned[2], "{turned:?}");
    // Labels are the other way round: the error of a network that has learned so is about 1.
    assert!((0.4..1.6).contains(&turned[2]), "{turned:?}");
}
