//! How fast this GPU is on a run, by training a piece of it.

use super::trainer::lost;
use crate::engine::fused_gpu::Gpu;
use crate::experiments::Job;
use crate::experiments::fleet::FleetRun;
use crate::experiments::spec::Spec;
use crate::platform::now_millis;
use crate::web::protocol::{Berth, Fault, Packed};
use crate::web::worker::{checked, part_of};

/// Milliseconds that are timed, after some that compile the kernels.
const TIMED: f64 = 300.0;
const WARMING: f64 = 100.0;

/// Sample x unit x steps per second on the first fleet of some jobs, which is then thrown away.
///
/// # Errors
/// What the page should not have sent, or a GPU that fails.
pub async fn speed(gpu: &Gpu, spec: Spec, jobs: &Packed) -> Result<f64, Fault> {
    let spec = checked(spec)?;
    let jobs: Vec<Job> = jobs.unpack::<Vec<Berth>>()?.into_iter().map(|berth| berth.job).collect();
    for &job in &jobs {
        part_of(&spec, job)?;
    }
    let count = FleetRun::appetite(gpu, &spec, &jobs, None).min(jobs.len());
    let mut fleet = FleetRun::new(gpu, &spec, &jobs[..count]);
    let work = |fleet: &FleetRun| jobs[..count].iter().map(|&job| fleet.work_done(job)).sum::<f64>();
    advance(&mut fleet, WARMING).await?;
    let (from, began) = (work(&fleet), now_millis());
    advance(&mut fleet, TIMED).await?;
    let passed = now_millis() - began;
    // A fleet that was over before the clock went: all that is known is that it is fast.
    Ok(if passed > 1.0 { (work(&fleet) - from) * 1e3 / passed } else { work(&fleet) * 1e3 / WARMING })
}

async fn advance(fleet: &mut FleetRun, millis: f64) -> Result<(), Fault> {
    let until = now_millis() + millis;
    while !fleet.is_done() && now_millis() < until {
        fleet.advance(until - now_millis()).await.map_err(lost)?;
    }
    Ok(())
}
