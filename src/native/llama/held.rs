//! How a model is held in memory, as settings name it.

use serde::{Deserialize, Serialize};

use super::folder::Folder;
use crate::model::llama::{Bits, Device, Llama, Precision};
use crate::native::cli::Failure;

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
        match self {
            Self::Q8 => Bits::Eight.name(),
            Self::Q4 => Bits::Four.name(),
            other => other.stored().name(),
        }
    }

    /// In what the file's matrices are read.
    pub fn stored(self) -> Precision {
        match self {
            Self::F32 | Self::Q8 | Self::Q4 => Precision::F32,
            Self::Bf16 => Precision::BF16,
            Self::F16 => Precision::F16,
        }
    }

    /// To what they are quantised.
    pub fn bits(self) -> Option<Bits> {
        match self {
            Self::F32 | Self::Bf16 | Self::F16 => None,
            Self::Q8 => Some(Bits::Eight),
            Self::Q4 => Some(Bits::Four),
        }
    }

    /// The model of a folder, held so.
    ///
    /// # Errors
    /// Those of [`Folder::model`].
    pub fn model(self, folder: &Folder, device: &Device) -> Result<Llama, Failure> {
        let model = folder.model(self.stored(), device)?;
        Ok(match self.bits() {
            Some(bits) => model.quantised(bits),
            None => model,
        })
    }
}
