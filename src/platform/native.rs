//! The platform under the command line.

use std::sync::OnceLock;
use std::time::Instant;

/// Milliseconds since some fixed moment, never going back.
pub fn now_millis() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1e3
}
