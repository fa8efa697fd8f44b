//! Checks of what the page asks, which it should have made itself.

use crate::experiments::JobCheckpoint;
use crate::experiments::job::Job;
use crate::experiments::limits::Limits;
use crate::experiments::spec::{CheckedSpec, Spec};
use crate::web::protocol::{Code, Fault, Packed};

/// The page has checked the spec and capped the work of the whole run; one job is never too much.
pub fn checked(spec: Spec) -> Result<CheckedSpec, Fault> {
    spec.check(&Limits::NATIVE).map_err(|problems| refused(&problems))
}

/// That a job is one of a spec's.
pub fn part_of(spec: &CheckedSpec, job: Job) -> Result<(), Fault> {
    if spec.seeds.contains(&job.seed) && spec.widths.contains(&job.width) {
        return Ok(());
    }
    Err(refused(&format_args!("seed {} at width {} is not part of them", job.seed, job.width)))
}

/// Where a job stood, as it was kept.
pub fn kept(job: Job, state: &Packed) -> Result<JobCheckpoint, Fault> {
    let found: Option<JobCheckpoint> = state.unpack().ok();
    found.filter(|found| found.job == job).ok_or_else(|| unfit(job))
}

/// The fault of a state that no job can go on from.
pub fn unfit(job: Job) -> Fault {
    let text = format!("What was kept of seed {} at width {} cannot be gone on from.", job.seed, job.width);
    Fault::new(Code::BadState, text)
}

fn refused(why: &dyn core::fmt::Display) -> Fault {
    Fault::new(Code::BadSpec, format!("The worker refused the settings: {why}."))
}
