//! Which faults there are, and what they mean for a run.

use super::Phase;
use super::member::Member;
use crate::experiments::Engine;
use crate::record::BUILD;
use crate::web::protocol::{Code, Fault, PROTOCOL};

/// Ticks of a second after which a silent worker is given up.
const PATIENCE: u32 = 10;
/// The same while a GPU is opened, compared or timed: its driver compiles every kernel first.
const PATIENCE_WITH_GPU: u32 = 60;
/// The same for deep networks there: their step is made of some hundred kernels, not of one.
const PATIENCE_WITH_DEPTH_ON_GPU: u32 = 120;
/// The same for a worker of deep networks: its program takes longer to arrive, and one step of the largest networks
/// that a page accepts takes seconds.
const PATIENCE_WITH_DEPTH: u32 = 60;
/// The same for a worker whose work nobody waits for.
const PATIENCE_WITH_IDLERS: u32 = 2;

/// The fault of a worker that is of another build than the page.
pub fn unlike(protocol: u32, build: &str) -> Option<Fault> {
    (protocol != PROTOCOL || build != BUILD).then(|| {
        let text = format!("This page is of build {BUILD}, its worker of build {build}. Reload the page.");
        Fault::new(Code::Mismatch, text)
    })
}

/// The fault of a worker that computes with another engine than was asked for.
pub fn unasked(engine: Engine, asked: Engine) -> Option<Fault> {
    (engine != asked).then(|| {
        let text = format!(
            "This page asked for a worker with the engine {}, and one with {} came. Reload the page.",
            asked.name(),
            engine.name()
        );
        Fault::new(Code::Mismatch, text)
    })
}

/// What a fault means if the worker has not been ready yet.
pub fn before_ready(fault: Fault) -> Fault {
    if fault.code != Code::Garbled {
        return fault;
    }
    let text = "This page and its worker do not understand each other: they are of different builds. Reload the page.";
    Fault::new(Code::Mismatch, text)
}

/// The fault of a worker that has been silent for too long.
pub fn overdue(member: &Member) -> Option<Fault> {
    let patience = match member.engine {
        Engine::FusedGpu => PATIENCE_WITH_GPU,
        Engine::AutodiffGpu => PATIENCE_WITH_DEPTH_ON_GPU,
        _ if member.ready && member.queue.is_empty() => PATIENCE_WITH_IDLERS,
        Engine::FusedCpu => PATIENCE,
        Engine::Autodiff => PATIENCE_WITH_DEPTH,
    };
    if member.silent < patience {
        return None;
    }
    if member.engine.is_on_gpu() {
        let (code, what) = if member.ready {
            (Code::NoAnswer, "has not answered for")
        } else {
            (Code::InitFailed, "was not ready within")
        };
        return Some(Fault::new(code, format!("The GPU's worker {what} {patience} seconds and was ended.")));
    }
    Some(if member.ready {
        Fault::new(
            Code::NoAnswer,
            format!("A worker has not answered for {patience} seconds and was ended. What was finished is kept."),
        )
    } else {
        let text = format!("The worker that computes was not ready within {patience} seconds.");
        Fault::new(Code::InitFailed, text)
    })
}

/// Whether the run stops with a worker that failed. It goes on without one that had no job, and
/// without one that could not even start where others did.
pub fn stops_the_run(phase: &Phase, fault: &Fault, was_ready: bool, had_jobs: bool, others_are_ready: bool) -> bool {
    let needed = had_jobs || fault.code == Code::Mismatch || (!was_ready && !others_are_ready);
    needed && !matches!(phase, Phase::Stopped(_) | Phase::Finished)
}

/// Whether a GPU is lacking for every engine.
pub fn is_of_the_browser(code: Code) -> bool {
    matches!(code, Code::Insecure | Code::NoApi | Code::WorkerNoGpu | Code::NoAdapter | Code::Limits)
}

/// Whether a fresh worker may do better on the GPU.
pub fn may_pass(code: Code) -> bool {
    matches!(code, Code::InitFailed | Code::Died | Code::NoAnswer | Code::Panicked | Code::Garbled | Code::DeviceLost)
}
