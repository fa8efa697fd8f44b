//! What is true of forgetting in the poster's world, by running it.

mod analysis;
mod curriculum;
mod invariants;
mod mitigations;
mod reference;
mod replay;
mod sequence;
mod sweep;
mod theory;
mod width;
mod worksheets;
mod worlds;

use lethe::experiments::job::jobs;
use lethe::experiments::limits::Limits;
use lethe::experiments::{CheckedSpec, Engine, JobRun, Results};
use lethe::record::{Link, Summary};

/// The spec of a link without problems.
fn spec(link: &str) -> CheckedSpec {
    let (link, warnings) = Link::read_strictly(link, &Limits::NATIVE).unwrap();
    assert_eq!(warnings, []);
    link.spec
}

/// Complete results, computed on all cores.
fn run(link: &str) -> Results {
    let spec = spec(link);
    let mut results = Results::new(spec.clone());
    let jobs = jobs(&spec);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let parts: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores)
            .map(|core| {
                let mine = jobs.iter().copied().skip(core).step_by(cores);
                let spec = &spec;
                scope.spawn(move || {
                    let run_job = |job| {
                        let mut run = JobRun::new(spec, job);
                        let mut events = Vec::new();
                        while !run.is_done() {
                            events.extend(run.advance(1e12));
                        }
                        (job, events)
                    };
                    mine.map(run_job).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    for (job, events) in parts {
        events.into_iter().for_each(|event| results.add(job, Engine::FusedCpu, event));
    }
    results
}

/// Median forgetting of each cell, in the order of the spec.
fn medians(results: &Results) -> Vec<f64> {
    Summary::of(results).cells.iter().map(|cell| cell.forgetting.quartiles.unwrap().median).collect()
}
