//! The engines of the CPU, on every core.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::ProgressBar;

use crate::experiments::job::{jobs, work_of_job};
use crate::experiments::{CheckedSpec, JobRun, Results};

/// Sample x unit x steps between two looks at the progress bar.
const SLICE: f64 = 5e7;

/// Runs every job; gives the results, the number of threads and the device in words. Results do not depend
/// on the number of threads.
pub fn run(spec: &CheckedSpec, bar: &ProgressBar) -> (Results, usize, String) {
    let engine = spec.engine_on_cpu();
    let mut jobs = jobs(spec);
    // The longest first, so that no core waits long at the end.
    jobs.sort_by_key(|job| std::cmp::Reverse(job.width));
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(jobs.len());
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let results = Mutex::new(Results::new(spec.clone()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(&job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut run = JobRun::new(spec, job);
                    let mut events = Vec::new();
                    let mut before = 0.0;
                    while !run.is_done() {
                        events.extend(run.advance(SLICE));
                        bar.inc((run.work_done() - before) as u64);
                        before = run.work_done();
                    }
                    // What early stops and divergences left undone counts as done.
                    bar.inc((work_of_job(spec, job.width) - before).max(0.0) as u64);
                    let finished = done.fetch_add(1, Ordering::Relaxed) + 1;
                    bar.set_message(format!("{finished} of {} networks", jobs.len()));
                    let mut results = results.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    events.into_iter().for_each(|event| results.add(job, engine, event));
                }
            });
        }
    });
    let results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    (results, threads, format!("{threads} CPU threads, {}", std::env::consts::ARCH))
}
