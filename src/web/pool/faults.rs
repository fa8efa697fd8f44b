//! Which faults there are, and what they mean for a run.

use super::Phase;
use super::member::Member;
use crate::record::BUILD;
use crate::web::protocol::{Code, Fault, PROTOCOL};

/// Ticks of a second after which a silent worker is given up.
const PATIENCE: u32 = 10;
/// The same for a worker whose work nobody waits for.
const PATIENCE_WITH_IDLERS: u32 = 2;

/// The fault of a worker that is of another build than the page.
pub fn unlike(protocol: u32, build: &str) -> Option<Fault> {
    (protocol != PROTOCOL || build != BUILD).then(|| {
        let text = format!("This page is of build {BUILD}, its worker of build {build}. Reload the page.");
        Fault::new(Code::Mismatch, text)
    })
}

/// What a fault means if the worker has not been ready yet.
pub fn before_ready(fault: Fault) -> Fault {
    match fault.code {
        Code::Garbled => {
            let text = "This page and its worker do not understand each other: they are of different builds. \
                        Reload the page.";
            Fault::new(Code::Mismatch, text)
        }
        Code::Died => Fault { code: Code::InitFailed, ..fault },
        _ => fault,
    }
}

/// The fault of a worker that has been silent for too long.
pub fn overdue(member: &Member) -> Option<Fault> {
    let is_idle = member.ready && member.queue.is_empty();
    if member.silent < if is_idle { PATIENCE_WITH_IDLERS } else { PATIENCE } {
        return None;
    }
    Some(if member.ready {
        Fault::new(Code::NoAnswer, format!("A worker has not answered for {PATIENCE} seconds and was ended."))
    } else {
        let text = format!("The worker that computes was not ready within {PATIENCE} seconds.");
        Fault::new(Code::InitFailed, text)
    })
}

/// Whether a run can go on without a worker that failed: only one that had started and had nothing to do.
pub fn stops_the_run(phase: &Phase, member: &Member) -> bool {
    match phase {
        Phase::Running | Phase::Paused => true,
        Phase::Idle => !member.ready,
        Phase::Stopped(_) | Phase::Finished => false,
    }
}
