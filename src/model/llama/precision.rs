//! How numbers are held.

use burn_tensor::{DType, Device};

/// How weights are held, in files and on devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Single, 4 bytes.
    F32,
    /// Half, 2 bytes: 11 significant bits, and at most 65,504.
    F16,
    /// Brain floating point, 2 bytes: 8 significant bits, and the range of single precision.
    BF16,
}

impl Precision {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::F32, Self::F16, Self::BF16];

    /// The name in settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::BF16 => "bf16",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|precision| precision.name() == name)
    }

    /// Bytes of a number.
    pub fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::BF16 => 2,
        }
    }

    /// burn's name of it.
    pub fn dtype(self) -> DType {
        match self {
            Self::F32 => DType::F32,
            Self::F16 => DType::F16,
            Self::BF16 => DType::BF16,
        }
    }

    /// What a device computes in where weights are held so: the same where it has the arithmetic, else single. The CPU
    /// only stores half precision, and each weight is widened where it is used.
    pub fn computed_on(self, device: &Device) -> Self {
        let is_cpu = device.clone().inner() == Device::flex();
        if !is_cpu && device.supports_dtype(self.dtype()) { self } else { Self::F32 }
    }
}
