//! The experiment `laws`: what it asks, measures, keeps and tells. `cargo test --test scaling`.

mod command_line;
mod divergence;
mod links;
mod records;
mod runs;
#[path = "../schema/mod.rs"]
mod schemas;
mod science;
mod telling;

use std::sync::Arc;

use lethe::data::language::FineTuning;
use lethe::experiments::scaling::{Base, CheckedSpec, Event, Job, Limits, Results, Run, Spec, jobs};
use lethe::model::Size;
use lethe::native::bases::base;

/// A spec with changed fields.
pub fn spec(change: impl FnOnce(&mut Spec)) -> CheckedSpec {
    let mut spec = Spec::default();
    change(&mut spec);
    spec.check(&Limits::NATIVE).expect("an accepted spec")
}

/// A committed base.
pub fn loaded(size: Size, set: FineTuning) -> Arc<Base> {
    let bytes = base(size, 0).expect("a base of this build");
    Arc::new(Base::load(size, 0, set, bytes).expect("its file can be read"))
}

/// Everything that one run reports.
pub fn events(base: &Arc<Base>, spec: &CheckedSpec, job: Job) -> Vec<Event> {
    let mut run = Run::new(base.clone(), spec, job).expect("a job of the spec");
    let mut events = Vec::new();
    while !run.is_over() {
        events.extend(run.advance());
    }
    assert!(run.advance().is_empty(), "nothing comes after the end");
    events
}

/// The results of all runs of a spec with one base.
pub fn results(spec: &CheckedSpec) -> Results {
    let base = loaded(spec.bases[0], spec.fine_tuning);
    let mut results = Results::new(spec.clone());
    for job in jobs(spec) {
        events(&base, spec, job).into_iter().for_each(|event| results.take(job, event));
    }
    results
}
