//! What the device could do at best, measured by two kernels that do nothing else.

use cubecl::client::Client;
use cubecl::prelude::*;
use cubecl::server::Handle;
use lethe::model::Activation;
use lethe::platform::now_millis;

use crate::operations::operations;

/// Chains of multiplications and additions of one thread, so that none waits for the one before.
const CHAINS: usize = 8;
const THREADS: usize = 64;
const ROUNDS: usize = 8;

/// Speeds of the device that the engine has opened.
pub struct Floor {
    /// Single-precision additions and multiplications per nanosecond.
    pub operations_per_ns: f64,
    /// Bytes read and written per nanosecond.
    pub bytes_per_ns: f64,
}

impl Floor {
    /// Measures a device for about a second; `software` adapters get less to do.
    ///
    /// # Errors
    /// If the device gives no answer.
    pub async fn measure(device: &cubecl::Device, software: bool) -> Result<Self, String> {
        let client = device.client();
        let (workgroups, rounds, bytes) = if software { (64, 4_096, 32 << 20) } else { (8_192, 16_384, 512 << 20) };
        let operations = (workgroups * THREADS * CHAINS * rounds * 2) as f64;
        let out = client.empty(4 * workgroups * THREADS);
        let compute = || multiply_and_add_on(&client, &out, workgroups, rounds);
        let arithmetic = fastest(&client, &out, compute).await?;
        let words = bytes / 4;
        let (from, to) = (client.empty(bytes), client.empty(bytes));
        let moving = fastest(&client, &out, || copy_on(&client, &from, &to, words)).await?;
        Ok(Self { operations_per_ns: operations / arithmetic, bytes_per_ns: 2.0 * bytes as f64 / moving })
    }

    /// Nanoseconds per sample x unit x step of the arithmetic alone.
    pub fn arithmetic_ns(&self, activation: Activation) -> f64 {
        operations(activation) / self.operations_per_ns
    }

    /// Nanoseconds per sample x unit x step of moving what must be moved: in each dispatch every network's
    /// parameters there and back, and its inputs, targets and weights there.
    pub fn bytes_ns(&self, samples: usize, width: usize, steps_per_dispatch: u32) -> f64 {
        let bytes = 4.0 * (2.0 * (3 * width + 1) as f64 + 3.0 * samples as f64);
        bytes / (samples as f64 * width as f64 * f64::from(steps_per_dispatch)) / self.bytes_per_ns
    }
}

/// Nanoseconds of the fastest of some launches.
async fn fastest(client: &Client, read: &Handle, launch: impl Fn()) -> Result<f64, String> {
    let mut least = f64::INFINITY;
    for _ in 0..ROUNDS {
        let begin = now_millis();
        launch();
        client.read_async(vec![read.clone()]).await.map_err(|error| error.to_string())?;
        least = least.min(now_millis() - begin);
    }
    Ok(least * 1e6)
}

#[cube(launch_unchecked)]
fn multiply_and_add(out: &mut [f32], rounds: u32) {
    let mut chains = Array::<f32>::new(comptime!(CHAINS));
    #[unroll]
    for k in 0..comptime!(CHAINS) {
        chains[k] = f32::cast_from(ABSOLUTE_POS as u32) + f32::cast_from(k as u32);
    }
    for _ in 0..rounds {
        #[unroll]
        for k in 0..comptime!(CHAINS) {
            chains[k] = chains[k] * 0.999f32 + 0.5f32;
        }
    }
    let mut sum = 0.0f32.runtime();
    #[unroll]
    for k in 0..comptime!(CHAINS) {
        sum += chains[k];
    }
    out[ABSOLUTE_POS] = sum;
}

#[cube(launch_unchecked)]
fn copy(from: &[f32], to: &mut [f32], length: u32, stride: u32) {
    let mut at = ABSOLUTE_POS as u32;
    while at < length {
        to[at as usize] = from[at as usize];
        at += stride;
    }
}

#[expect(unsafe_code, reason = "every thread writes one word of its own")]
fn multiply_and_add_on(client: &Client, out: &Handle, workgroups: usize, rounds: usize) {
    unsafe {
        multiply_and_add::launch_unchecked(
            client,
            CubeCount::Static(workgroups as u32, 1, 1),
            CubeDim::new_1d(THREADS as u32),
            BufferArg::from_raw_parts(out.clone(), workgroups * THREADS),
            rounds as u32,
        );
    }
}

#[expect(unsafe_code, reason = "the loop ends with the buffers")]
fn copy_on(client: &Client, from: &Handle, to: &Handle, words: usize) {
    const WORKGROUPS: usize = 4_096;
    unsafe {
        copy::launch_unchecked(
            client,
            CubeCount::Static(WORKGROUPS as u32, 1, 1),
            CubeDim::new_1d(THREADS as u32),
            BufferArg::from_raw_parts(from.clone(), words),
            BufferArg::from_raw_parts(to.clone(), words),
            words as u32,
            (WORKGROUPS * THREADS) as u32,
        );
    }
}
