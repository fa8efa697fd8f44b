//! Which instructions to run on, chosen when the program runs.

use super::Lanes;
#[cfg(target_arch = "x86_64")]
use super::avx2::Avx2;
use super::portable::Portable;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use super::simd128::Simd128;
#[cfg(target_arch = "x86_64")]
use super::sse2::Sse2;

/// An instruction set. All give the same bits but by [`Lanes::times_plus`]; they differ in speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instructions(Set);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Sse2,
    /// With fused multiply-adds. Made by [`Instructions::available`] alone, where the processor has both.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    Simd128,
}

impl Instructions {
    /// Those this machine has, slowest first.
    pub fn available() -> Vec<Self> {
        let mut sets = vec![Self(Set::Portable)];
        #[cfg(target_arch = "x86_64")]
        {
            sets.push(Self(Set::Sse2));
            if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
                sets.push(Self(Set::Avx2));
            }
        }
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        sets.push(Self(Set::Simd128));
        sets
    }

    /// The fastest that this machine has.
    pub fn fastest() -> Self {
        Self::available().pop().unwrap_or(Self(Set::Portable))
    }

    /// What it is called: `Portable`, `Sse2`, `Avx2` or `Simd128`.
    pub fn name(self) -> String {
        format!("{:?}", self.0)
    }
}

/// A computation written once for all lanes.
pub trait Kernel {
    type Output;

    /// Must be `#[inline(always)]`, as everything that it calls with `L`: it is compiled for the
    /// instructions of the function that it is inlined into.
    fn run<L: Lanes>(self) -> Self::Output;
}

/// Runs `kernel` on the given instructions.
pub fn dispatch<K: Kernel>(instructions: Instructions, kernel: K) -> K::Output {
    match instructions.0 {
        Set::Portable => kernel.run::<Portable>(),
        #[cfg(target_arch = "x86_64")]
        Set::Sse2 => kernel.run::<Sse2>(),
        // SAFETY: `Instructions::available` has found AVX2 and fused multiply-adds on this processor.
        #[cfg(target_arch = "x86_64")]
        Set::Avx2 => unsafe { on_avx2(kernel) },
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        Set::Simd128 => kernel.run::<Simd128>(),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn on_avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Avx2>()
}
