//! Which engine computed a result. An experiment names none: the device and the reader decide.

use serde::{Deserialize, Serialize};

/// An engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// The reference: the same bits on every machine.
    #[default]
    FusedCpu,
    /// One workgroup a network; agrees with the reference within a tolerance.
    FusedGpu,
    /// Deep networks, by burn's gradients on the CPU.
    Autodiff,
    /// The same on a GPU, many networks at a time.
    AutodiffGpu,
}

impl Engine {
    /// All of them, the reference first.
    pub const ALL: [Self; 4] = [Self::FusedCpu, Self::FusedGpu, Self::Autodiff, Self::AutodiffGpu];

    /// Whether it computes on a GPU.
    pub fn is_on_gpu(self) -> bool {
        matches!(self, Self::FusedGpu | Self::AutodiffGpu)
    }

    /// The name in records and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::FusedCpu => "fused-cpu",
            Self::FusedGpu => "fused-gpu",
            Self::Autodiff => "autodiff",
            Self::AutodiffGpu => "autodiff-gpu",
        }
    }

    /// The letter that begins a fingerprint.
    pub fn letter(self) -> char {
        match self {
            Self::FusedCpu => 'c',
            Self::FusedGpu => 'g',
            Self::Autodiff => 'a',
            Self::AutodiffGpu => 'd',
        }
    }
}
