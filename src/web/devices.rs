//! What the page computes with: which engines there are, how fast each is, which one runs and why.
//!
//! Plain values: the pool fills them in, the device panel shows them.

use serde::{Deserialize, Serialize};

use super::protocol::Fault;
use crate::experiments::Engine;
use crate::experiments::spec::OnlyCpu;

/// Which engine the reader wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// The faster one for the run at hand.
    #[default]
    Automatic,
    /// The processor: the same bits everywhere.
    Cpu,
    /// The graphics processor, wherever it can be used.
    Gpu,
}

impl Choice {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Automatic, Self::Cpu, Self::Gpu];

    /// Its name in links and in storage.
    pub fn name(self) -> &'static str {
        match self {
            Self::Automatic => "auto",
            Self::Cpu => "cpu",
            Self::Gpu => "gpu",
        }
    }

    /// The choice of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }
}

/// A graphics processor as the browser describes it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Adapter {
    /// What the browser calls it; some say no more than the vendor.
    pub name: String,
    /// Whether it is a program that only plays a graphics processor: offered, never chosen unasked.
    pub software: bool,
    /// Bytes that the threads of a workgroup can share.
    pub workgroup_memory: u32,
    /// Threads of a workgroup at most.
    pub workgroup_threads: u32,
    /// Bytes of the largest buffer.
    pub largest_buffer: f64,
    /// Bytes of the engine for it, unpacked; 0 if unknown.
    pub engine_bytes: f64,
}

/// How the fixed test run came out on both engines.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Test {
    /// Largest relative difference.
    pub difference: f64,
    /// Largest one with which the GPU is used.
    pub tolerance: f64,
}

impl Test {
    /// Whether the GPU may be used. What is no number is no agreement.
    pub fn passed(&self) -> bool {
        self.difference <= self.tolerance
    }
}

/// How far the GPU is from computing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Stage {
    /// Nobody has asked the browser yet, or it has not answered.
    #[default]
    Sought,
    /// It cannot be used, or no longer: [`Devices::fault`] says why.
    Absent,
    /// There is one; its engine has not been fetched.
    Found,
    /// Its engine is on its way.
    Loading {
        /// Bytes that have arrived, unpacked.
        bytes: f64,
        /// Bytes that there are; 0 if unknown.
        of: f64,
    },
    /// Its engine is compared with the CPU's.
    Testing,
    /// It can compute.
    Ready,
}

/// Why the engine that runs, or would run next, is that one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The reader wants it.
    Wished,
    /// Only the CPU engine can train it.
    OnlyCpu(OnlyCpu),
    /// The GPU cannot be used: [`Devices::fault`].
    NoGpu,
    /// There is no run, or it is over before a GPU would be worth its start.
    Short,
    /// The GPU is played by a program.
    Software,
    /// The CPU computes while the GPU gets ready and is timed.
    Comparing,
    /// Both were timed on such a run, and this one is faster, or as fast and exact.
    Faster,
}

impl Why {
    /// The reason in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Wished => "You chose it.",
            Self::OnlyCpu(reason) => reason.sentence(),
            Self::NoGpu => "No GPU can be used.",
            Self::Short => "The run is short; a GPU pays off in long ones.",
            Self::Software => "The GPU here is only played by a program. You can choose it; by itself it is not taken.",
            Self::Comparing => "The CPU computes while the GPU gets ready and is timed on this run.",
            Self::Faster => "Both engines were timed on this run. The GPU is taken where it is 1.5 times faster.",
        }
    }
}

/// Everything that the device panel shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Devices {
    /// What the reader wants.
    pub choice: Choice,
    /// The GPU, if the browser has shown one.
    pub adapter: Option<Adapter>,
    /// How far it is.
    pub stage: Stage,
    /// Why it cannot be used, or what happened to it last.
    pub fault: Option<Fault>,
    /// Whether it agrees with the CPU, once that is known.
    pub test: Option<Test>,
    /// Sample x unit x steps per second of all workers together, on a run like this one.
    pub cpu_speed: Option<f64>,
    /// The same of the GPU.
    pub gpu_speed: Option<f64>,
    /// The engine that runs, or would run next.
    pub engine: Engine,
    /// Why that one.
    pub why: Why,
}
