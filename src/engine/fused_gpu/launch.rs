//! Buffers and launches: the one place that hands raw lengths to kernels.

use core::ops::Range;

use cubecl::bytes::Bytes;
use cubecl::prelude::*;
use cubecl::server::Handle;

use super::device::{Gpu, GpuFault};
use super::measure::{self, THREADS};
use super::plan::Plan;
use super::train;
use crate::model::Activation;

/// A buffer of 32-bit words on the device.
pub struct Words {
    pub handle: Handle,
    length: usize,
}

impl Words {
    /// The first `length` words.
    pub fn front(&self, length: usize) -> Handle {
        self.handle.clone().offset_end(4 * (self.length - length) as u64)
    }

    #[expect(unsafe_code, reason = "the length is the one that the buffer was made with")]
    fn argument(&self) -> BufferArg {
        unsafe { BufferArg::from_raw_parts(self.handle.clone(), self.length) }
    }
}

/// Numbers on the device; at least one, because an empty buffer cannot be bound.
pub fn floats(gpu: &Gpu, values: &[f32]) -> Words {
    let bits: Vec<u32> = values.iter().map(|value| value.to_bits()).collect();
    words(gpu, &bits)
}

/// Words on the device; at least one.
pub fn words(gpu: &Gpu, values: &[u32]) -> Words {
    let values = if values.is_empty() { vec![0] } else { values.to_vec() };
    let length = values.len();
    Words { handle: gpu.client.create(Bytes::from_elems(values)), length }
}

/// Room for words that kernels write; at least one.
pub fn room(gpu: &Gpu, length: usize) -> Words {
    let length = length.max(1);
    Words { handle: gpu.client.empty(4 * length), length }
}

/// The bytes of some buffers, once everything enqueued before is done.
///
/// # Errors
/// If the device gives no answer.
pub async fn read(gpu: &Gpu, handles: Vec<Handle>) -> Result<Vec<Bytes>, GpuFault> {
    gpu.client.read_async(handles).await.map_err(|error| GpuFault(error.to_string()))
}

/// Bytes from the device as words.
pub fn as_words(bytes: &Bytes) -> Vec<u32> {
    bytes.chunks_exact(4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]])).collect()
}

/// Bytes from the device as numbers.
pub fn as_floats(bytes: &Bytes) -> Vec<f32> {
    as_words(bytes).into_iter().map(f32::from_bits).collect()
}

/// Trains some networks of the table; `steps` are the first, how many, and the steps of an epoch.
#[expect(unsafe_code, reason = "indices stay within the table's rows, which the fleet lays out")]
#[expect(clippy::too_many_arguments, reason = "a kernel's arguments are its buffers")]
pub fn train(
    gpu: &Gpu,
    plan: Plan,
    [theta, moments, samples]: [&Words; 3],
    status: &Words,
    table: &Words,
    data: &Words,
    schedule: &Words,
    networks: Range<usize>,
    [first_step, steps, epoch]: [u32; 3],
) {
    unsafe {
        train::train::launch_unchecked(
            &gpu.client,
            CubeCount::Static(networks.len() as u32, 1, 1),
            CubeDim::new_1d(plan.threads as u32),
            theta.argument(),
            moments.argument(),
            samples.argument(),
            status.argument(),
            table.argument(),
            data.argument(),
            schedule.argument(),
            networks.start as u32,
            first_step,
            steps,
            epoch,
            plan,
        );
    }
}

/// Measures all networks of the table on all tasks; the measurements go to `out_at`, and the line has `line` points
/// of `inputs` coordinates.
#[expect(unsafe_code, reason = "indices stay within the table's rows, which the fleet lays out")]
#[expect(clippy::too_many_arguments, reason = "a kernel's arguments are its buffers")]
pub fn measure(
    gpu: &Gpu,
    [theta, start]: [&Words; 2],
    table: &Words,
    data: &Words,
    out: &Words,
    [networks, tasks]: [usize; 2],
    out_at: usize,
    [line, inputs]: [usize; 2],
    activation: Activation,
) {
    unsafe {
        measure::measure::launch_unchecked(
            &gpu.client,
            CubeCount::Static(networks as u32, tasks as u32, 1),
            CubeDim::new_1d(THREADS as u32),
            theta.argument(),
            start.argument(),
            table.argument(),
            data.argument(),
            out.argument(),
            out_at as u32,
            line,
            inputs,
            activation,
        );
    }
}
