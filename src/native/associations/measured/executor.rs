//! Runs the jobs on the cores.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use indicatif::{ProgressBar, ProgressStyle};

use super::super::super::bases;
use super::super::super::cli::Failure;
use super::cells::Cells;
use crate::error::{Problem, Problems};
use crate::experiments::associations::{Aim, CheckedSpec, Job, Outcome, Results, Run, Subject, World};
use crate::experiments::scaling::Base;
use crate::platform::now_millis;
use crate::record::Timing;

/// A finished run.
pub struct Ran {
    pub results: Results,
    pub timing: Timing,
    /// What computed, in words.
    pub device: String,
}

/// Whether the program was asked to stop.
static STOP: AtomicBool = AtomicBool::new(false);

/// Runs every job that is not finished yet; progress goes to standard error.
///
/// # Errors
/// A base that cannot be read, files that cannot be read or written, a request to stop.
pub fn execute(spec: &CheckedSpec, cells: Option<&Cells>) -> Result<Ran, Failure> {
    if cells.is_some() {
        // It fails only where there is a handler already; then the program ends at once, and loses no finished job.
        let _ = ctrlc::set_handler(|| STOP.store(true, Ordering::Relaxed));
    }
    let started = now_millis();
    let subject = subject(spec)?;
    let mut results = Results::new(spec.clone(), &subject);
    if let Some(cells) = cells {
        for job in results.missing() {
            if let Some(outcome) = cells.read(job)? {
                results.take(job, outcome);
            }
        }
    }
    let bar = bar(results.missing().len());
    let cores = thread::available_parallelism().map_or(1, |cores| cores.get());
    let mut workers = 1;
    // What is measured, then what is known by that.
    loop {
        let ready = results.ready();
        if ready.is_empty() || STOP.load(Ordering::Relaxed) {
            break;
        }
        workers = workers.max(cores.min(ready.len()));
        round(spec, &subject, ready, cores, |job, outcome| {
            if let Some(cells) = cells {
                cells.keep(job, &outcome)?;
            }
            bar.inc(1);
            results.take(job, outcome);
            Ok(())
        })?;
    }
    bar.finish_and_clear();
    let left = results.missing().len();
    if left > 0 {
        let all = "the same command goes on from there";
        return Err(Failure::Interrupted(format!("{left} pieces of work are left; {all}")));
    }
    let timing = Timing { seconds: (now_millis() - started) / 1e3, workers };
    Ok(Ran { results, timing, device: format!("{workers} CPU {}", if workers == 1 { "thread" } else { "threads" }) })
}

/// The base of a spec, with its tasks and examples.
fn subject(spec: &CheckedSpec) -> Result<Subject, Problems> {
    let bytes: &[u8] = match spec.world {
        World::Language => bases::base(spec.base, u64::from(spec.base_seed)).unwrap_or_default(),
        _ => &[],
    };
    let file = Base::file(spec.base, spec.base_seed);
    Subject::new(spec, bytes).map_err(|why| Problems(vec![Problem::new("base", &file, why.0)]))
}

/// Runs jobs that wait for nothing, on so many cores.
fn round(
    spec: &CheckedSpec,
    subject: &Subject,
    jobs: Vec<(Job, Aim)>,
    cores: usize,
    mut take: impl FnMut(Job, Outcome) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let workers = cores.min(jobs.len());
    let queue = Mutex::new(jobs.into_iter());
    let (tell, told) = mpsc::channel::<Result<(Job, Outcome), Problems>>();
    thread::scope(|scope| {
        for _ in 0..workers {
            let (tell, queue) = (tell.clone(), &queue);
            scope.spawn(move || work(subject, spec, queue, &tell));
        }
        drop(tell);
        for said in told {
            let done = said.map_err(Failure::from).and_then(|(job, outcome)| take(job, outcome));
            if done.is_err() {
                STOP.store(true, Ordering::Relaxed);
                return done;
            }
        }
        Ok(())
    })
}

/// Takes jobs until there are none or the program is asked to stop.
fn work(
    subject: &Subject,
    spec: &CheckedSpec,
    queue: &Mutex<impl Iterator<Item = (Job, Aim)>>,
    tell: &mpsc::Sender<Result<(Job, Outcome), Problems>>,
) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        let Some((job, aim)) = next else { return };
        let mut run = match Run::new(subject, spec, job, aim) {
            Ok(run) => run,
            Err(problems) => {
                let _ = tell.send(Err(problems));
                return;
            }
        };
        loop {
            if STOP.load(Ordering::Relaxed) {
                return;
            }
            if let Some(outcome) = run.advance() {
                let _ = tell.send(Ok((job, outcome)));
                break;
            }
        }
    }
}

fn bar(length: usize) -> ProgressBar {
    let bar = ProgressBar::new(length as u64);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos} of {len} pieces of work, {eta} left") {
        bar.set_style(style);
    }
    bar
}
