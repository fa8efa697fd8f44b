//! Records, fingerprints, links with what a run came to.

use lethe::data::language::TaskKind;
use lethe::experiments::associations::{Arm, Findings, Job, Outcome, Replayed, Results, Row, World, jobs};
use lethe::experiments::scaling::Limits;
use lethe::record::associations::{Link, Record, RowSummary, Taken, against_fingerprint};
use lethe::record::{Agreement, Timing};

use crate::schemas::{assert_needs, assert_refuses, schema, wrong};
use crate::{outcome, results, small, spec, subject};

fn record(results: &Results) -> Record {
    Record::of(results, &Findings::of(results), "a test", Timing { seconds: 1.0, workers: 1 })
}

/// Six tasks of networks, two seeds.
fn networks() -> Results {
    let spec = spec(|spec| {
        (spec.world, spec.tasks, spec.width, spec.examples) = (World::Rotated, 6, 8, 9);
        (spec.seeds, spec.steps) = (vec![0, 3], 5);
    });
    results(&spec, &subject(&spec))
}

/// The same with replay by two arms beside none and random.
fn replayed() -> Results {
    let spec = spec(|spec| {
        (spec.world, spec.tasks, spec.width, spec.examples) = (World::Rotated, 6, 8, 9);
        (spec.seeds, spec.steps) = (vec![0, 3], 5);
        (spec.arms, spec.acted) = (vec![Arm::Online, Arm::Truth], 2);
    });
    results(&spec, &subject(&spec))
}

/// A run of the language, and one of which a row has diverged.
fn others() -> [Results; 2] {
    let language = small(&[TaskKind::Safety, TaskKind::Text], &[0, 1]);
    let language = results(&language, &subject(&language));
    let mut diverged = networks();
    let row = Row { rise: Vec::new(), is_right: Vec::new(), diverged: Some(4) };
    diverged.take(Job::Row { task: 2, seed: 3 }, Outcome::Row(row));
    [language, diverged]
}

#[test]
fn a_record_holds_everything_and_reads_back() {
    for results in others().into_iter().chain([networks(), replayed()]) {
        let record = record(&results);
        let json = serde_json::to_string(&record).unwrap();
        let (read, checked) = Record::read(&json, &Limits::NATIVE).unwrap();
        assert_eq!(read, record);
        let held = read.results(checked).unwrap();
        assert_eq!(held, results);
        assert_eq!(Findings::of(&held), record.findings);
        assert_eq!(record.agreement(&read), Agreement::Exact);
        let (link, problems) = Link::read(&record.link, &Limits::NATIVE);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!((&link.spec, link.fingerprint), (&results.spec, Some(Taken::of(&results).fingerprint)));
    }
}

#[test]
fn the_schema_names_everything_in_a_record_and_refuses_what_none_is() {
    let schema = schema("associations-record");
    for results in others().into_iter().chain([networks(), replayed()]) {
        let value = serde_json::to_value(record(&results)).unwrap();
        assert_eq!(wrong(&schema, &value), Vec::<String>::new());
    }
    let good = serde_json::to_value(record(&networks())).unwrap();
    good.as_object().unwrap().keys().for_each(|name| assert_needs(&schema, &good, name));
    for (pointer, other) in [
        ("/schema", 2.into()),
        ("/spec/world", "moon".into()),
        ("/tasks/0/forgotten/0", 0.5.into()),
        ("/examples/3/base_is_right", 1.into()),
        ("/series/1/rise", "not base64".into()),
        ("/predictions/0/seed", (-1).into()),
        ("/findings/ceiling/seeds", 1.into()),
        ("/findings/prediction/pearson/coefficient", 2.into()),
    ] {
        assert_refuses(&schema, &good, pointer, other);
    }
}

#[test]
fn runs_with_replay_are_read_as_strictly() {
    let record = serde_json::to_value(record(&replayed())).unwrap();
    assert_refuses(&schema("associations-record"), &record, "/replays/0/arm", "luck".into());
    let refused = |pointer: &str, other: serde_json::Value| {
        let mut changed = record.clone();
        *changed.pointer_mut(pointer).unwrap() = other;
        let read = Record::read(&changed.to_string(), &Limits::NATIVE);
        read.and_then(|(read, spec)| read.results(spec)).unwrap_err().to_string()
    };
    assert!(refused("/replays/1/task", 0.into()).contains("replays"));
    assert!(refused("/replays", serde_json::Value::Array(Vec::new())).contains("one for each run with replay"));
    assert!(refused("/replays/1/rise", "AAAA".into()).contains("rise"));
    assert!(refused("/replays/1/replayed", vec![9].into()).contains("columns from 0 to 8"));
    assert!(refused("/replays/1/task_loss", serde_json::Value::Null).contains("task_loss"));
}

/// The results with one rise, or one answer, made another.
fn changed(results: &Results, task: u32, seed: u32, change: impl FnOnce(&mut Row)) -> Results {
    let mut changed = results.clone();
    let mut row = results.row(task as usize, seed).unwrap().clone();
    change(&mut row);
    changed.take(Job::Row { task, seed }, Outcome::Row(row));
    changed
}

#[test]
fn a_rerun_is_told_apart_from_another_run() {
    let results = networks();
    let own = record(&results);
    let against = |other: &Results| own.agreement(&record(other));
    let largest = |task: usize| {
        let rise = &results.row(task, 3).unwrap().rise;
        (0..rise.len()).max_by(|&a, &b| rise[a].abs().total_cmp(&rise[b].abs())).unwrap()
    };
    let scaled = |by: f32| changed(&results, 4, 3, |row| row.rise[largest(4)] *= by);
    let near = against(&scaled(1.0 + 1e-4));
    assert!(matches!(near, Agreement::Within(d) if d > 5e-5 && d < 2e-4), "{near:?}");
    let place = |found: Agreement| match found {
        Agreement::Differs { place, .. } => place,
        other => panic!("{other:?}"),
    };
    assert_eq!(place(against(&scaled(1.1))), "the task rotated 150.0, seed 3");
    // A few answers are turned by rounding, not many.
    let turned =
        |count: usize| changed(&results, 0, 0, |row| row.is_right[..count].iter_mut().for_each(|right| *right ^= true));
    assert!(matches!(against(&turned(2)), Agreement::Within(0.0)), "{:?}", against(&turned(2)));
    assert_eq!(place(against(&turned(5))), "the task rotated 30.0, seed 0");
    let mut moved = results.clone();
    moved.similarity[7] += 1.0;
    assert_eq!(place(against(&moved)), "the likeness");
    let mut other = results.clone();
    let mut predicted = results.prediction(0).unwrap().clone();
    predicted.rise.iter_mut().for_each(|rise| *rise *= 1.2);
    other.take(Job::Prediction { seed: 0 }, Outcome::Prediction(predicted));
    assert_eq!(place(against(&other)), "what gradients say of seed 0");
    let diverged = changed(&results, 1, 3, |row| *row = Row { rise: vec![], is_right: vec![], diverged: Some(2) });
    assert_eq!(place(against(&diverged)), "the task rotated 60.0, seed 3");
    // What is told has to follow from the numbers.
    let mut praised = own.clone();
    praised.tasks[0].mean_rise[0] = Some(0.0);
    assert!(place(praised.agreement(&own)).starts_with("what it tells"));
    let mut praised = own.clone();
    praised.findings.ceiling.as_mut().unwrap().reliability = 1.0;
    assert!(place(praised.agreement(&own)).starts_with("what it tells"));
}

#[test]
fn a_fingerprint_stands_for_every_outcome() {
    let results = replayed();
    let taken = Taken::of(&results);
    assert_eq!(against_fingerprint(&results, &taken, &taken.fingerprint), Agreement::Exact);
    assert_eq!((taken.fingerprint.engine, taken.places.len()), ('c', 6));
    let mut hashes = vec![taken.fingerprint.hash.clone()];
    for job in jobs(&results.spec) {
        let mut other = results.clone();
        other.take(
            job,
            match job {
                Job::Row { task, seed } => {
                    let row = results.row(task as usize, seed).unwrap();
                    Outcome::Row(Row { is_right: row.is_right.iter().map(|right| !right).collect(), ..row.clone() })
                }
                Job::Prediction { seed } => {
                    let mut predicted = results.prediction(seed).unwrap().clone();
                    predicted.rise[3] += 1.0;
                    Outcome::Prediction(predicted)
                }
                Job::Replay { task, seed, arm } => {
                    let run = results.replayed(task as usize, seed, arm).unwrap();
                    Outcome::Replayed(Replayed { task_loss: run.task_loss + 1.0, ..run.clone() })
                }
            },
        );
        hashes.push(Taken::of(&other).fingerprint.hash);
    }
    let all = hashes.len();
    hashes.sort();
    hashes.dedup();
    assert_eq!(hashes.len(), all);
    let mut other = taken.fingerprint.clone();
    other.hash = "00000000".to_owned();
    other.medians[2] *= 1.05;
    let Agreement::Differs { place, .. } = against_fingerprint(&results, &taken, &other) else { panic!("5 %") };
    assert_eq!(place, "the task rotated 90.0");
}

#[test]
fn a_record_from_anywhere_is_checked() {
    let record = record(&networks());
    let refused = |change: &dyn Fn(&mut Record)| {
        let mut changed = record.clone();
        change(&mut changed);
        let json = serde_json::to_string(&changed).unwrap();
        let read = Record::read(&json, &Limits::NATIVE);
        match read.and_then(|(record, spec)| record.results(spec)) {
            Ok(_) => panic!("it was taken"),
            Err(problems) => problems.0[0].field.clone(),
        }
    };
    assert_eq!(refused(&|record| record.schema = 9), "schema");
    assert_eq!(refused(&|record| record.spec.steps = 7), "run_id");
    assert_eq!(refused(&|record| record.spec.experiment = "laws".to_owned()), "experiment");
    assert_eq!(refused(&|record| record.tasks[1].task.name = "moon".to_owned()), "tasks");
    let drop_row = |record: &mut Record| record.tasks.truncate(5);
    assert_eq!(refused(&drop_row), "tasks");
    let row: RowSummary = record.tasks[0].clone();
    assert_eq!(refused(&|record| record.tasks.push(row.clone())), "tasks");
    assert_eq!(refused(&|record| record.examples[1].name = record.examples[0].name.clone()), "examples");
    assert_eq!(refused(&|record| record.examples.clear()), "examples");
    assert_eq!(refused(&|record| record.examples.truncate(4)), "similarity");
    assert_eq!(refused(&|record| record.examples[2].base_loss = 1e30), "base_loss of point 2");
    assert_eq!(refused(&|record| record.series.truncate(11)), "series");
    assert_eq!(refused(&|record| record.series.swap(0, 1)), "series");
    assert_eq!(refused(&|record| record.predictions.truncate(1)), "predictions");
    let of_rise = "series of task 1, seed 0, rise";
    assert_eq!(refused(&|record| record.series[1].rise.truncate(40)), of_rise);
    assert_eq!(refused(&|record| record.series[1].rise.replace_range(0..1, "*")), of_rise);
    // The first number is made infinite, the next time none.
    for bits in ["AACAf", "AADAf"] {
        assert_eq!(refused(&|record| record.series[1].rise.replace_range(0..5, bits)), of_rise);
    }
    assert_eq!(refused(&|record| record.predictions[0].rise.replace_range(0..5, "AACAf")), "predictions of seed 0");
    assert_eq!(refused(&|record| record.series[1].is_right.push('A')), "series of task 1, seed 0, is_right");
    assert_eq!(refused(&|record| record.series[1].diverged = Some(3)), of_rise);
    assert_eq!(refused(&|record| record.series[1].diverged = Some(6)), "series of task 1, seed 0, diverged");
    assert_eq!(Record::read("{}", &Limits::NATIVE).unwrap_err().0[0].field, "record");
    assert_eq!(Record::read("not JSON", &Limits::NATIVE).unwrap_err().0[0].field, "record");
}

#[test]
fn a_job_done_again_comes_to_the_same() {
    let results = networks();
    let subject = subject(&results.spec);
    for job in [Job::Row { task: 1, seed: 3 }, Job::Prediction { seed: 0 }] {
        let mut again = results.clone();
        again.take(job, outcome(&subject, &results.spec, job));
        assert_eq!(again, results);
    }
}
