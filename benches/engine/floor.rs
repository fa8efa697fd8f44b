//! The arithmetic floor: how fast the operations alone could run.

use lethe::engine::fused_cpu::Instructions;
use lethe::model::Activation;

use crate::clock::Clock;
use crate::operations::operations;

/// Nanoseconds per sample x unit x step on one core that starts three vector operations a cycle (Intel
/// since 2021; two before, up to four on AMD and Apple) and never waits. A division counts as one.
pub fn floor_ns(clock: &Clock, activation: Activation, set: Instructions) -> f64 {
    let lanes = if set.name() == "Avx2" { 8.0 } else { 4.0 };
    operations(activation) / lanes / 3.0 / clock.gigahertz()
}
