//! Association matrices that are measured: what a row is, what it depends on, what was predicted, what a killed run
//! leaves. `cargo test --test associations_measured`.
#![cfg(all(feature = "native", not(target_family = "wasm")))]

mod command_line;
mod families;
mod gathering;
mod links;
mod predictions;
mod records;
mod replay;
mod replay_files;
mod rows;
#[path = "../schema/mod.rs"]
mod schemas;
mod science;
mod telling;
#[path = "../tiny_world/mod.rs"]
mod tiny_world;

use lethe::data::language::TaskKind;
use lethe::experiments::associations::{Aim, CheckedSpec, Job, Outcome, Results, Row, Run, Spec, Subject, Tuned};
use lethe::experiments::scaling::Limits;
use lethe::model::Size;
use lethe::native::bases::base;

/// A spec with changed fields.
pub fn spec(change: impl FnOnce(&mut Spec)) -> CheckedSpec {
    let mut spec = Spec::default();
    change(&mut spec);
    spec.check(&Limits::NATIVE).unwrap()
}

/// A small one: the smallest base, few examples and steps.
pub fn small(kinds: &[TaskKind], seeds: &[u32]) -> CheckedSpec {
    spec(|spec| {
        (spec.base, spec.kinds, spec.seeds) = (Size::Small, kinds.to_vec(), seeds.to_vec());
        (spec.tuned, spec.examples, spec.steps, spec.warm_up, spec.batch) = (Tuned::Lora, 8, 4, 1, 2);
    })
}

/// The subject of a spec.
pub fn subject(spec: &CheckedSpec) -> Subject {
    let weights = base(spec.base, u64::from(spec.base_seed)).unwrap();
    Subject::new(spec, weights).unwrap()
}

/// What a job comes to.
pub fn outcome(subject: &Subject, spec: &CheckedSpec, job: Job) -> Outcome {
    Run::new(subject, spec, job, Aim::Nothing).unwrap().finish()
}

/// The row of a task of that name.
pub fn row(subject: &Subject, spec: &CheckedSpec, name: &str, seed: u32) -> Row {
    let task = subject.tasks().iter().position(|task| task.name == name).unwrap() as u32;
    match outcome(subject, spec, Job::Row { task, seed }) {
        Outcome::Row(row) => row,
        other => panic!("a row was asked for: {other:?}"),
    }
}

/// The results of all jobs.
pub fn results(spec: &CheckedSpec, subject: &Subject) -> Results {
    let mut results = Results::new(spec.clone(), subject);
    while let ready = results.ready()
        && !ready.is_empty()
    {
        for (job, aim) in ready {
            results.take(job, Run::new(subject, spec, job, aim).unwrap().finish());
        }
    }
    assert!(results.missing().is_empty());
    results
}
