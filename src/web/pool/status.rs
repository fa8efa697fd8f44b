//! What a page can ask about a run beside its results.

use crate::web::protocol::Fault;

/// What state a run is in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// None was started, or it was cancelled.
    #[default]
    Idle,
    /// Workers compute.
    Running,
    /// Nobody asks for work.
    Paused,
    /// A worker failed; what was finished is kept.
    Stopped(Fault),
    /// Every job is complete.
    Finished,
}

/// What the page shows of a run beside its results.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// The state of the run.
    pub phase: Phase,
    /// Seeds of which every job is complete.
    pub seeds_done: usize,
    /// Seeds of the run.
    pub seeds: usize,
    /// Sample x unit x steps done.
    pub work_done: f64,
    /// Sample x unit x steps of the run.
    pub work: f64,
    /// Seconds for which the run went on; pauses do not count.
    pub seconds: f64,
    /// Mean sample x unit x steps per second of the engine that is at this run, once there is one.
    pub speed: Option<f64>,
    /// Estimated seconds left while it runs, at that speed.
    pub seconds_left: Option<f64>,
    /// Workers there are.
    pub workers: usize,
    /// Whether networks in hand can be put back.
    pub can_rewind: bool,
}

/// What has changed since it was last asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Events came in, or seeds are complete.
    pub data: bool,
    /// Phase or workers are other ones.
    pub state: bool,
}
