//! Families of tasks of networks.

use std::collections::BTreeSet;

use lethe::experiments::associations::{Job, Outcome, Subject, World, rows};

use crate::{outcome, row, spec, subject};

const WORLDS: [World; 6] =
    [World::Rotated, World::Permuted, World::Partial, World::Gradual, World::Clusters, World::Teacher];

/// Mean rise over examples of a kind.
fn mean(subject: &Subject, rise: &[f32], kind: &str) -> f64 {
    let own: Vec<f64> = subject
        .examples()
        .iter()
        .zip(rise)
        .filter(|(one, _)| one.kind == kind)
        .map(|(_, rise)| f64::from(*rise))
        .collect();
    assert!(!own.is_empty(), "{kind}");
    own.iter().sum::<f64>() / own.len() as f64
}

#[test]
fn every_world_has_its_rows_and_a_network_that_learned_what_comes_before() {
    for world in WORLDS {
        let spec = spec(|spec| (spec.world, spec.tasks, spec.examples, spec.seeds) = (world, 5, 24, vec![0]));
        let subject = subject(&spec);
        assert_eq!(subject.tasks(), rows(&spec), "{world:?}");
        let names: BTreeSet<&str> = subject.tasks().iter().map(|task| task.name.as_str()).collect();
        assert_eq!(names.len(), 5, "{names:?}");
        let right = subject.examples().iter().filter(|one| one.base_is_right).count();
        assert!(right * 10 >= subject.examples().len() * 6, "{world:?}: {right} of {}", subject.examples().len());
        let features = subject.features().unwrap();
        assert_eq!((features.rows().1, features.columns().1), (128, 128));
        let Outcome::Prediction(told) = outcome(&subject, &spec, Job::Prediction { seed: 0 }) else { panic!("rises") };
        let rises = told.rise;
        assert!(rises.len() == 5 * subject.examples().len() && rises.iter().all(|rise| rise.is_finite()), "{world:?}");
        assert!(rises.iter().any(|rise| rise.abs() > 0.01), "{world:?}");
    }
}

#[test]
fn the_further_along_its_family_a_task_is_the_more_is_overwritten() {
    for (world, first, last) in [
        (World::Partial, "partial 16.7 %", "partial 100.0 %"),
        (World::Gradual, "gradual 1", "gradual 6"),
        (World::Teacher, "teacher 15.0", "teacher 90.0"),
    ] {
        let spec = spec(|spec| (spec.world, spec.tasks, spec.examples, spec.seeds) = (world, 6, 48, vec![0]));
        let subject = subject(&spec);
        let [least, most] = [first, last].map(|name| mean(&subject, &row(&subject, &spec, name, 0).rise, "relabelled"));
        assert!(most > 2.0 * least && most > 0.1, "{world:?}: {least} and {most}");
    }
}

#[test]
fn a_cluster_that_gets_a_new_label_loses_its_old_one() {
    let spec = spec(|spec| {
        (spec.world, spec.tasks, spec.examples, spec.seeds) = (World::Clusters, 4, 64, vec![0]);
        spec.steps = 200;
    });
    let subject = subject(&spec);
    for task in 0..4 {
        let rise = row(&subject, &spec, &format!("cluster {}", task + 1), 0).rise;
        // Points of the clusters lie in turn behind those of the old task. From 0 to -1 the error rises by 1.
        let own: Vec<f64> =
            (64..128).filter(|place| (place - 64) % 4 == task).map(|place| f64::from(rise[place])).collect();
        let mean = own.iter().sum::<f64>() / own.len() as f64;
        assert!((0.3..1.7).contains(&mean), "{task}: {mean}");
    }
}
