//! How a model is held in memory, as settings name it.

use serde::{Deserialize, Serialize};

use crate::model::llama::{Bits, Precision, Storage};

/// How the base's matrices are held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Held {
    #[default]
    F32,
    Bf16,
    F16,
    /// 8 bits, in blocks.
    Q8,
    /// 4 bits, in blocks.
    Q4,
}

impl Held {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::F32, Self::Bf16, Self::F16, Self::Q8, Self::Q4];

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|held| held.name() == name)
    }

    /// The name in settings.
    pub fn name(self) -> &'static str {
        match self.storage() {
            Storage::Whole(precision) => precision.name(),
            Storage::Few(bits) => bits.name(),
        }
    }

    /// What it means.
    pub fn storage(self) -> Storage {
        match self {
            Self::F32 => Precision::F32.into(),
            Self::Bf16 => Precision::BF16.into(),
            Self::F16 => Precision::F16.into(),
            Self::Q8 => Bits::Eight.into(),
            Self::Q4 => Bits::Four.into(),
        }
    }
}
