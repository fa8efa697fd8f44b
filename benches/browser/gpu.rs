//! The fused GPU engine as a WebAssembly module for `benches/gpu.mjs`.

#![cfg(target_family = "wasm")]

#[path = "../gpu/floor.rs"]
mod floor;
#[path = "../engine/operations.rs"]
mod operations;
#[path = "../gpu/training.rs"]
mod training;

use cubecl::wgpu::WgpuDevice;
use floor::Floor;
use lethe::engine::Examples;
use lethe::engine::fused_cpu::State;
use lethe::engine::fused_gpu::{Gpu, GpuFault};
use lethe::engine::{Batches, Outcome};
use lethe::model::{Activation, Mlp, Parameterisation, Parameters};
use lethe::platform::open_gpu;
use lethe::seed::Seed;
use lethe::train::{Optimiser, OptimiserKind};
use training::Training;
use wasm_bindgen::prelude::*;

/// tanh networks of seeds 0.. on a parabola over [-1, 1), on both engines.
#[wasm_bindgen]
pub struct Bench {
    gpu: Gpu,
    mlp: Mlp,
    examples: Examples,
    starts: Vec<Parameters>,
    rate: f32,
    training: Option<Training>,
}

#[wasm_bindgen]
impl Bench {
    /// Opens the device, once per worker.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn open(networks: u32, samples: u32, width: u32, rate: f32) -> Result<Self, JsError> {
        console_error_panic_hook::set_once();
        let gpu = open_gpu().await.map_err(|none| JsError::new(&none.text))?;
        let activation = Activation::Tanh;
        let mlp = Mlp::on_a_line(width as usize, activation, Parameterisation::Standard);
        let n = samples as f32;
        let x: Vec<f32> = (0..samples).map(|i| 2.0 * i as f32 / n - 1.0).collect();
        let y = x.iter().map(|x| x * x - x).collect();
        let examples = Examples { x, y, weight: vec![1.0 / n; samples as usize] };
        let starts = (0..u64::from(networks)).map(|seed| mlp.init(&mut Seed::new(seed).stream())).collect();
        Ok(Self { gpu, mlp, examples, starts, rate, training: None })
    }

    /// The adapter in words.
    pub fn adapter(&self) -> String {
        let facts = self.gpu.facts();
        format!("{} ({}, {})", facts.name, facts.api, facts.kind)
    }

    /// The networks' parameters, for the peer: of each w1, b1, w2, then b2.
    pub fn starts(&self) -> Vec<f32> {
        let row = |start: &Parameters| [&start.w1[..], &start.b1, &start.w2, &[start.b2]].concat();
        self.starts.iter().flat_map(row).collect()
    }

    /// Inputs, then targets, for the peer.
    pub fn examples(&self) -> Vec<f32> {
        [&self.examples.x[..], &self.examples.y].concat()
    }

    /// Starts some of the networks anew; how many steps a dispatch makes.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn begin(&mut self, networks: usize) -> Result<u32, JsError> {
        let starts = &self.starts[..networks.min(self.starts.len())];
        let begun = Training::begin(&self.gpu, self.mlp, &self.examples, starts, self.rate);
        let training = begun.await.map_err(failed)?;
        Ok(self.training.insert(training).steps_per_dispatch())
    }

    /// Trains for some steps and waits for the device.
    ///
    /// # Errors
    /// If nothing has begun, or the device fails.
    pub async fn train(&mut self, steps: u32) -> Result<(), JsError> {
        let training = self.training.as_mut().ok_or_else(|| JsError::new("nothing has begun"))?;
        training.train(steps).await.map_err(failed)
    }

    /// The mean loss.
    ///
    /// # Errors
    /// If nothing has begun, or the device fails.
    pub async fn loss(&self) -> Result<f64, JsError> {
        let training = self.training.as_ref().ok_or_else(|| JsError::new("nothing has begun"))?;
        training.loss().await.map_err(failed)
    }

    /// Trains the first network for some steps on the CPU engine, one thread; whether it did not diverge.
    pub fn train_on_cpu(&self, steps: u32) -> bool {
        let optimiser = Optimiser { kind: OptimiserKind::Gd, learning_rate: self.rate };
        let mut network = State::new(self.mlp, self.starts[0].clone(), optimiser);
        network.train(&self.examples, steps, Batches::Full, None) == Outcome::Finished
    }

    /// Nanoseconds per sample x unit x step of arithmetic alone, and of moving bytes alone.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn floors(&self, steps_per_dispatch: u32) -> Result<Vec<f64>, JsError> {
        let software = self.gpu.facts().kind != "discrete" && self.gpu.facts().kind != "integrated";
        let device = cubecl::Device::Wgpu(WgpuDevice::default());
        let floor = Floor::measure(&device, software).await.map_err(|error| JsError::new(&error))?;
        let moving = floor.bytes_ns(self.examples.x.len(), self.mlp.width, steps_per_dispatch);
        Ok(vec![floor.arithmetic_ns(Activation::Tanh), moving])
    }
}

fn failed(fault: GpuFault) -> JsError {
    JsError::new(&fault.0)
}
