//! Runs the jobs on the cores, one model each.

use std::sync::Mutex;
use std::sync::mpsc;
use std::thread;

use indicatif::{ProgressBar, ProgressStyle};

use super::super::bases;
use super::super::cli::{DeviceChoice, Failure};
use crate::error::{Problem, Problems};
use crate::experiments::scaling::{Base, CheckedSpec, Event, Job, Results, Run, cells, jobs};
use crate::platform::now_millis;
use crate::record::Timing;

/// A finished run.
pub struct Ran {
    pub results: Results,
    pub timing: Timing,
    /// What computed, in words.
    pub device: String,
}

/// Runs every job; progress goes to standard error.
///
/// # Errors
/// A device that does not run language models.
pub fn execute(spec: &CheckedSpec, device: DeviceChoice) -> Result<Ran, Failure> {
    if device != DeviceChoice::Cpu {
        let problem = Problem::new("device", device.name(), "cpu: models as small as these are tuned faster there");
        return Err(Failure::Input(Problems(vec![problem])));
    }
    let started = now_millis();
    let all = jobs(spec);
    let bar = ProgressBar::new(all.len() as u64 * u64::from(spec.steps));
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {percent} %, {eta} left") {
        bar.set_style(style);
    }
    let workers = thread::available_parallelism().map_or(1, |cores| cores.get()).min(all.len());
    let queue = Mutex::new(all.into_iter());
    let mut results = Results::new(spec.clone());
    let (tell, told) = mpsc::channel::<Result<(Job, Event), Problems>>();
    thread::scope(|scope| -> Result<(), Failure> {
        for _ in 0..workers {
            let (tell, queue, bar) = (tell.clone(), &queue, &bar);
            scope.spawn(move || {
                if let Err(problems) = work(spec, queue, bar, &tell) {
                    let _ = tell.send(Err(problems));
                }
            });
        }
        drop(tell);
        for said in told {
            let (job, event) = said?;
            results.take(job, event);
        }
        Ok(())
    })?;
    bar.finish_and_clear();
    let timing = Timing { seconds: (now_millis() - started) / 1e3, workers };
    Ok(Ran { results, timing, device: format!("{workers} CPU {}", if workers == 1 { "thread" } else { "threads" }) })
}

/// Takes jobs until there are none. Each thread loads the bases that it needs, once.
fn work(
    spec: &CheckedSpec,
    queue: &Mutex<impl Iterator<Item = Job>>,
    bar: &ProgressBar,
    tell: &mpsc::Sender<Result<(Job, Event), Problems>>,
) -> Result<(), Problems> {
    let cells = cells(spec);
    let mut loaded: Vec<std::sync::Arc<Base>> = Vec::new();
    loop {
        let next = queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next();
        let Some(job) = next else { return Ok(()) };
        let size = cells[job.cell as usize].size;
        let base = match loaded.iter().find(|base| base.size == size) {
            Some(base) => base.clone(),
            None => {
                let file = Base::file(size, spec.base_seed);
                let missing = |why: String| Problems(vec![Problem::new("base", &file, why)]);
                let bytes = bases::base(size, u64::from(spec.base_seed))
                    .ok_or_else(|| missing("a base of this build".to_owned()))?;
                let base = Base::load(size, spec.base_seed, spec.fine_tuning, bytes).map_err(|why| missing(why.0))?;
                loaded.push(std::sync::Arc::new(base));
                loaded[loaded.len() - 1].clone()
            }
        };
        let mut run = Run::new(base, spec, job)?;
        while !run.is_over() {
            let before = run.step();
            for event in run.advance() {
                let _ = tell.send(Ok((job, event)));
            }
            bar.inc(u64::from(run.step() - before));
        }
    }
}
