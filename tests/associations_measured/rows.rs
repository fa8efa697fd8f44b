//! Rows: what they depend on, what their entries are.

use std::collections::BTreeSet;

use lethe::data::language::{LanguageWorld, TaskKind, UpstreamKind, Vocabulary};
use lethe::data::language::{Task, Upstream};
use lethe::experiments::associations::{Aim, Job, Outcome, Predicted, Results, Row, Run, World};
use lethe::seed::Seed;

use crate::{outcome, results, row, small, spec, subject};

#[test]
fn a_row_depends_on_its_task_and_its_seed_alone() {
    let alone = small(&[TaskKind::Safety], &[3]);
    let among = small(&[TaskKind::Text, TaskKind::Safety, TaskKind::News], &[0, 3]);
    let (one, other) = (subject(&alone), subject(&among));
    let first = row(&one, &alone, "harmful answered", 3);
    row(&other, &among, "news", 0);
    assert_eq!(first, row(&other, &among, "harmful answered", 3));
    // Another run leaves the base as it was.
    assert_eq!(first, row(&one, &alone, "harmful answered", 3));
    assert_ne!(first, row(&other, &among, "harmful answered", 0));
    assert_ne!(first, row(&other, &among, "harmless refused", 3));
}

#[test]
fn what_is_predicted_of_a_row_depends_on_its_task_and_its_seed_alone() {
    let alone = small(&[TaskKind::Safety], &[3]);
    let among = small(&[TaskKind::News, TaskKind::Safety], &[0, 3]);
    let (one, other) = (subject(&alone), subject(&among));
    let of = |outcome: Outcome| match outcome {
        Outcome::Prediction(predicted) => predicted.rise,
        other => panic!("a prediction was asked for: {other:?}"),
    };
    let safety = of(outcome(&one, &alone, Job::Prediction { seed: 3 }));
    let all = of(outcome(&other, &among, Job::Prediction { seed: 3 }));
    assert_eq!(safety.len(), 2 * one.examples().len());
    assert_eq!(safety, all[one.examples().len()..]);
}

#[test]
fn networks_depend_on_task_and_seed_alone_as_well() {
    for world in [World::Rotated, World::Permuted] {
        let few = spec(|spec| (spec.world, spec.tasks, spec.seeds, spec.steps) = (world, 4, vec![1], 30));
        let more = spec(|spec| (spec.world, spec.tasks, spec.seeds, spec.steps) = (world, 4, vec![0, 1], 30));
        let (one, other) = (subject(&few), subject(&more));
        let at = |task, seed| Job::Row { task, seed };
        outcome(&other, &more, at(0, 0));
        assert_eq!(outcome(&one, &few, at(2, 1)), outcome(&other, &more, at(2, 1)));
        assert_ne!(outcome(&other, &more, at(2, 0)), outcome(&other, &more, at(2, 1)));
    }
}

#[test]
fn a_rise_is_the_loss_after_less_the_loss_before() {
    // A rate so small that nothing moves: every rise is rounding, and what is right stays so.
    let still = spec(|spec| {
        (spec.kinds, spec.examples, spec.steps) = (vec![TaskKind::Safety], 8, 2);
        spec.full_learning_rate = 1e-6;
    });
    let subject = subject(&still);
    let found = row(&subject, &still, "harmful answered", 0);
    assert!(found.rise.iter().all(|rise| rise.abs() < 1e-3), "{:?}", found.rise);
    let before: Vec<bool> = subject.examples().iter().map(|example| example.base_is_right).collect();
    assert_eq!(found.is_right, before);
    let moved = spec(|spec| (spec.kinds, spec.examples, spec.steps) = (vec![TaskKind::Safety], 8, 40));
    let found = row(&subject, &moved, "harmful answered", 0);
    assert!(found.rise.iter().any(|rise| *rise > 0.5) && found.rise.iter().any(|rise| *rise < 0.0));
}

#[test]
fn a_binary_entry_is_right_before_and_wrong_after() {
    let spec = small(&[TaskKind::Safety, TaskKind::Text], &[0]);
    let subject = subject(&spec);
    let results = results(&spec, &subject);
    let binary = results.binary(0).unwrap();
    let known: Vec<usize> = (0..subject.examples().len()).filter(|&k| subject.examples()[k].base_is_right).collect();
    assert!(known.len() > 10 && known.len() < subject.examples().len(), "{known:?}");
    assert_eq!(binary.columns(), known.len());
    for (task, about) in subject.tasks().iter().enumerate() {
        let own = row(&subject, &spec, &about.name, 0);
        for (place, &column) in known.iter().enumerate() {
            assert_eq!(binary.entry(task, place), Some(if own.is_right[column] { 0.0 } else { 1.0 }));
            assert_eq!(binary.column_names()[place], subject.examples()[column].name);
        }
        assert_eq!(results.matrix(0).unwrap().row(task), own.rise);
    }
}

#[test]
fn the_mean_is_that_of_all_seeds() {
    let spec = small(&[TaskKind::Safety], &[0, 1]);
    let results = results(&spec, &subject(&spec));
    let (mean, seeds) = (results.mean().unwrap(), results.matrices());
    assert_eq!(seeds.len(), 2);
    for (at, entry) in mean.entries().iter().enumerate() {
        let expected = 0.5 * (f64::from(seeds[0].entries()[at]) + f64::from(seeds[1].entries()[at]));
        assert_eq!(*entry, expected as f32);
    }
    assert_eq!(mean.row_names(), ["harmful answered", "harmless refused"]);
}

#[test]
fn a_run_that_diverges_has_no_row_and_is_told() {
    let wild = spec(|spec| {
        (spec.world, spec.tasks, spec.seeds) = (World::Rotated, 2, vec![0]);
        (spec.network_learning_rate, spec.steps) = (10.0, 200);
    });
    let subject = subject(&wild);
    let Outcome::Row(found) = outcome(&subject, &wild, Job::Row { task: 1, seed: 0 }) else { panic!("a row") };
    assert!(found.diverged.is_some() && found.rise.is_empty() && found.is_right.is_empty(), "{found:?}");
    let mut some = Results::new(wild.clone(), &subject);
    some.take(Job::Row { task: 1, seed: 0 }, Outcome::Row(found.clone()));
    assert!(some.matrix(0).is_none() && some.mean().is_none(), "there is no entry at all");
    let columns = subject.examples().len();
    let row = Row { rise: vec![0.5; columns], is_right: vec![true; columns], diverged: None };
    some.take(Job::Row { task: 0, seed: 0 }, Outcome::Row(row));
    let matrix = some.matrix(0).unwrap();
    assert_eq!((matrix.missing(), matrix.entry(0, 0)), (columns, Some(0.5)));
    // What does not fit is passed over.
    some.take(Job::Row { task: 0, seed: 9 }, Outcome::Row(found));
    some.take(Job::Prediction { seed: 0 }, Outcome::Prediction(Predicted { rise: vec![0.0], preconditioned: None }));
    assert!(some.row(0, 9).is_none() && some.predicted().is_none());
}

#[test]
fn a_job_that_the_spec_has_not_is_refused() {
    let spec = small(&[TaskKind::Safety], &[0]);
    let subject = subject(&spec);
    for (job, field) in [
        (Job::Row { task: 2, seed: 0 }, "task"),
        (Job::Row { task: 0, seed: 1 }, "seed"),
        (Job::Prediction { seed: 7 }, "seed"),
    ] {
        assert!(Run::new(&subject, &spec, job, Aim::Nothing).err().unwrap().to_string().contains(field));
    }
}

#[test]
fn examples_are_what_pre_training_says_and_have_names_of_their_own() {
    let world = LanguageWorld::new(Seed::new(0));
    let all: Vec<Upstream> = UpstreamKind::ALL.into_iter().flat_map(|kind| world.upstream(kind, 1000)).collect();
    let names: BTreeSet<&str> = all.iter().map(|example| example.name.as_str()).collect();
    assert_eq!(names.len(), all.len());
    for example in &all {
        assert_eq!((example.prompt[0], example.answer.last()), (Vocabulary::BEGIN, Some(&Vocabulary::END)));
        assert!(example.answer.len() > 1 && example.prompt.len() + example.answer.len() <= 33, "{example:?}");
        let no_word = |token: &u32| [Vocabulary::PAD, Vocabulary::UNKNOWN].contains(token);
        assert!(!example.prompt.iter().chain(&example.answer).any(no_word), "{example:?}");
    }
    // Fewer are taken out of all of them.
    let few = world.upstream(UpstreamKind::Fact, 10);
    assert!(few.len() == 10 && few.iter().all(|example| all.contains(example)));
    // The base was trained on them: it knows nearly all.
    let spec = spec(|spec| spec.examples = 32);
    let subject = subject(&spec);
    for kind in ["fact", "changed fact", "town", "newcomer", "composed", "sum", "steps", "harmful", "harmless"] {
        let own = || subject.examples().iter().filter(|example| example.kind == kind);
        let right = own().filter(|example| example.base_is_right).count();
        assert!(right * 10 >= own().count() * 7, "{kind}: {right} of {}", own().count());
    }
}

#[test]
fn tasks_have_names_of_their_own_and_words_that_count() {
    let world = LanguageWorld::new(Seed::new(1));
    let tasks = Task::all();
    let names: BTreeSet<String> = tasks.iter().map(|task| task.name()).collect();
    assert_eq!((names.len(), tasks.len()), (33, 33));
    for task in tasks {
        let batch = world.task(task).batch(0, 16);
        assert!(batch.weights.iter().any(|&weight| weight > 0.0), "{}", task.name());
        assert!(!batch.inputs.contains(&Vocabulary::UNKNOWN), "{}", task.name());
        assert_eq!(batch, world.task(task).batch(0, 16));
        assert_ne!(batch.inputs, world.task(task).batch(1, 16).inputs);
    }
}
