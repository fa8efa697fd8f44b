//! What goes wrong with workers: a code for programs, a sentence for readers.

use core::fmt;

use serde::{Deserialize, Serialize};

/// What went wrong with a worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The kind, for programs.
    pub code: Code,
    /// What happened, in a sentence.
    pub text: String,
}

/// The kinds of [`Fault`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// The worker did not start.
    InitFailed,
    /// The worker is of another build than the page.
    Mismatch,
    /// The worker's code was ended by the browser.
    Died,
    /// The worker has been silent for too long.
    NoAnswer,
    /// The worker ended itself over a defect.
    Panicked,
    /// The worker refused the settings.
    BadSpec,
    /// The worker cannot go on from where a job is said to stand.
    BadState,
    /// A message could not be read.
    Garbled,
    /// Plain http hides the GPU.
    Insecure,
    /// The browser has no WebGPU, or it is switched off.
    NoApi,
    /// The page has WebGPU, its workers have not.
    WorkerNoGpu,
    /// WebGPU is there and gives no device.
    NoAdapter,
    /// The device is too small.
    Limits,
    /// The device was taken away.
    DeviceLost,
    /// The device's results are not those of the CPU.
    Disagrees,
}

impl Code {
    /// The code as scripts and tests know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::InitFailed => "init-failed",
            Self::Mismatch => "mismatch",
            Self::Died => "died",
            Self::NoAnswer => "no-answer",
            Self::Panicked => "panicked",
            Self::BadSpec => "bad-spec",
            Self::BadState => "bad-state",
            Self::Garbled => "garbled",
            Self::Insecure => "insecure",
            Self::NoApi => "no-api",
            Self::WorkerNoGpu => "worker-no-gpu",
            Self::NoAdapter => "no-adapter",
            Self::Limits => "limits",
            Self::DeviceLost => "device-lost",
            Self::Disagrees => "disagrees",
        }
    }
}

impl Fault {
    /// A fault of one kind.
    pub fn new(code: Code, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

/// A message that cannot be read or written.
pub(super) fn garbled(why: impl fmt::Display) -> Fault {
    Fault::new(Code::Garbled, format!("A message between the page and its worker could not be read: {why}."))
}
