//! A GPU, one fleet after the other.

use std::collections::BTreeMap;

use cubecl::future::block_on;
use indicatif::ProgressBar;

use crate::engine::fused_gpu::{Gpu, GpuFault};
use crate::experiments::fleet::FleetRun;
use crate::experiments::job::{jobs, work_of_job};
use crate::experiments::{CheckedSpec, Job, Results};
use crate::native::cli::Failure;
use crate::platform::NoGpu;

/// Milliseconds between two looks at the progress bar.
const SLICE: f64 = 200.0;

/// The most capable adapter.
///
/// # Errors
/// Why there is none.
pub fn open() -> Result<Gpu, Failure> {
    block_on(crate::platform::open_gpu()).map_err(not_opened)
}

/// The first CUDA device.
///
/// # Errors
/// Why there is none.
#[cfg(feature = "cuda")]
pub fn open_cuda() -> Result<Gpu, Failure> {
    Gpu::open_cuda(crate::platform::now_millis).map_err(not_opened)
}

fn not_opened(why: NoGpu) -> Failure {
    Failure::Other(format!("{} ({})", why.text, why.code))
}

/// Runs every job; gives the results, one worker and the device in words.
///
/// # Errors
/// A GPU that gives no answer.
pub fn run(spec: &CheckedSpec, bar: &ProgressBar, gpu: Gpu) -> Result<(Results, usize, String), Failure> {
    let facts = gpu.facts().clone();
    if facts.is_software() {
        eprintln!("note: {} is a program that plays a GPU; the CPU engine is faster", facts.name);
    }
    let mut waiting = jobs(spec);
    // Networks of similar width share a kernel and end together.
    waiting.sort_by_key(|job| std::cmp::Reverse(job.width));
    let (mut results, mut speed, all) = (Results::new(spec.clone()), None, waiting.len());
    let mut waiting = waiting.as_slice();
    while !waiting.is_empty() {
        let count = FleetRun::appetite(&gpu, spec, waiting, speed);
        let (crew, rest) = waiting.split_at(count);
        let mut fleet = FleetRun::new(&gpu, spec, crew);
        let mut before: BTreeMap<Job, f64> = BTreeMap::new();
        while !fleet.is_done() {
            for (job, event) in block_on(fleet.advance(SLICE)).map_err(failed)? {
                results.add(job, spec.engine_on_gpu(), event);
            }
            for &job in crew {
                let done = fleet.work_done(job);
                bar.inc((done - before.insert(job, done).unwrap_or(0.0)) as u64);
            }
        }
        // What early stops and divergences left undone counts as done.
        let left = |(job, done): (&Job, &f64)| (work_of_job(spec, job.width) - done).max(0.0);
        bar.inc(before.iter().map(left).sum::<f64>() as u64);
        speed = fleet.speed();
        waiting = rest;
        bar.set_message(format!("{} of {all} networks", all - waiting.len()));
    }
    Ok((results, 1, format!("{} ({}, {})", facts.name, facts.kind, facts.api)))
}

fn failed(fault: GpuFault) -> Failure {
    Failure::Other(format!("{fault}; `--device cpu` needs no GPU"))
}
