//! The processor's clock.

use std::hint::black_box;
use std::time::Instant;

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
}
