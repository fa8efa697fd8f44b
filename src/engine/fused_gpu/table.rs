//! One network's row in the table that kernels read: where its numbers are, and its constants.

use cubecl::prelude::*;

/// Words of a row.
pub const ROW: usize = 19;

/// Units, filled up.
pub const UNITS: usize = 0;
/// Where its parameters begin.
pub const THETA: usize = 1;
/// Where its moments begin.
pub const MOMENTS: usize = 2;
/// Where its residuals and inputs begin, if they are in storage.
pub const SAMPLES: usize = 3;
/// Where the inputs of all its training examples begin in the data; their targets follow.
pub const DATA: usize = 4;
/// Training examples.
pub const EXAMPLES: usize = 5;
/// Where twice its loss weights begin in the data.
pub const PULLS: usize = 6;
/// First example that a step sees.
pub const FIRST: usize = 7;
/// Examples that a step sees: the batch, or those with weight.
pub const COUNT: usize = 8;
/// Which row of batches in the schedule is its own.
pub const BATCHES: usize = 9;
/// f32: learning rate of all but b2.
pub const RATE: usize = 10;
/// f32: learning rate of b2.
pub const RATE_B2: usize = 11;
/// f32: the factor between w2 . act(..) and the output.
pub const OUTPUT_SCALE: usize = 12;
/// Where the parameters begin from which distances are taken.
pub const START: usize = 13;
/// Examples that the stop rule watches.
pub const WATCHED: usize = 14;
/// f32: the stop rule's level.
pub const LEVEL: usize = 15;
/// Where its test inputs begin in the data; their labels, those before and the line follow.
pub const TEST: usize = 16;
/// Examples that a step sees before it leaves some out.
pub const BEFORE_SKIP: usize = 17;
/// How many it leaves out there.
pub const SKIP: usize = 18;
/// Words of a network's status: how it stands and since which step.
pub const STATUS: usize = 2;
/// It trains.
pub const RUNNING: u32 = 0;
/// The stop rule held.
pub const STOPPED: u32 = 1;
/// An output was too large or no number.
pub const DIVERGED: u32 = 2;

/// An f32 of a row.
#[cube]
pub fn real(row: &[u32], #[comptime] at: usize) -> f32 {
    f32::reinterpret(row[at])
}
