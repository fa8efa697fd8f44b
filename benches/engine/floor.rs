//! The arithmetic floor: how fast the operations alone could run.

use std::hint::black_box;
use std::time::Instant;

use lethe::engine::fused_cpu::Instructions;
use lethe::model::Activation;

/// The processor's clock.
pub struct Clock {
    gigahertz: f64,
}

impl Clock {
    /// From a chain of 64-bit multiplications, each waiting three cycles for the one before (on current
    /// Intel, AMD and Apple cores). Squares, because a chain of one factor the compiler would shorten.
    pub fn measure() -> Self {
        const LINKS: u32 = 100_000;
        let seconds = (0..1000).map(|_| {
            let start = Instant::now();
            let mut value = black_box(3u64);
            for _ in 0..LINKS {
                value = value.wrapping_mul(value);
            }
            black_box(value);
            start.elapsed().as_secs_f64()
        });
        Self { gigahertz: 3.0 * f64::from(LINKS) / seconds.fold(f64::INFINITY, f64::min) / 1e9 }
    }

    pub fn gigahertz(&self) -> f64 {
        self.gigahertz
    }

    /// Nanoseconds per sample x unit x step on one core that starts three vector operations a cycle (Intel
    /// since 2021; two before, up to four on AMD and Apple) and never waits. A division counts as one.
    pub fn floor_ns(&self, activation: Activation, set: Instructions) -> f64 {
        let lanes = if set.name() == "Avx2" { 8.0 } else { 4.0 };
        operations(activation) / lanes / 3.0 / self.gigahertz
    }
}

/// Operations per sample, unit and step in `engine::fused_cpu::pass`, loads and stores aside.
fn operations(activation: Activation) -> f64 {
    let (affine, accumulate) = (2.0, 2.0);
    // r a, r d and r d x, each added to its sum; a was kept.
    let curved_backward = 2.0 + 2.0 + 2.0;
    // z again, its gate, and two gated additions.
    let gated_backward = affine + 1.0 + 4.0;
    match activation {
        // Two clamps (2 and 3), x^2, two polynomials of four steps, x P, the division; then 1 - a^2.
        Activation::Tanh => affine + (5.0 + 1.0 + 16.0 + 1.0 + 1.0) + accumulate + curved_backward + 2.0,
        // Polynomials of five steps; then exp(-z^2), with z again: 3 + clamp 2, n 4, r 4, polynomial 8 + 4, 2^n 2.
        Activation::Erf => affine + (5.0 + 1.0 + 20.0 + 1.0 + 1.0) + accumulate + curved_backward + affine + 28.0,
        Activation::Relu => affine + 1.0 + accumulate + gated_backward,
        Activation::Linear => affine + accumulate + affine,
    }
}
