//! The peer of the fused GPU engine: the same training in burn, one tensor operation after the other, on
//! the browser's WebGPU.
//!
//! All networks are one batch of tensors. The gradient is taken by burn's autodiff and, in two ways,
//! written out with its tensors; the benchmark compares with the fastest.

mod by_autodiff;
mod by_hand;
mod networks;

use burn::tensor::{Device, Tensor, TensorData};
use networks::Networks;
use serde::Deserialize;
use wasm_bindgen::prelude::*;

/// What all networks are trained on: `x` and `y` are [1, samples, 1].
struct Examples {
    x: Tensor<3>,
    y: Tensor<3>,
}

/// Who takes the gradient.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Gradient {
    Autodiff,
    ByHand,
    ByHandInSums,
}

/// Full-batch gradient descent of several tanh networks.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Work {
    networks: usize,
    width: usize,
    x: Vec<f32>,
    y: Vec<f32>,
    /// Of each network w1, b1, w2, then b2.
    starts: Vec<f32>,
    rate: f32,
    gradient: Gradient,
}

/// Networks in training on a device.
#[wasm_bindgen]
pub struct Peer {
    device: Device,
    now: Option<(Networks, Examples, Work)>,
}

#[wasm_bindgen]
impl Peer {
    /// Opens the device, once per worker.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn open() -> Result<Self, JsError> {
        console_error_panic_hook::set_once();
        let device = Device::wgpu_options().init_async().await.map_err(|error| JsError::new(&format!("{error:?}")))?;
        Ok(Self { device, now: None })
    }

    /// Starts anew on some work.
    ///
    /// # Errors
    /// If it is not work.
    pub fn prepare(&mut self, work: JsValue) -> Result<(), JsError> {
        let work: Work = serde_wasm_bindgen::from_value(work)?;
        if work.starts.len() != work.networks * (3 * work.width + 1) || work.x.len() != work.y.len() {
            return Err(JsError::new("starts, x and y do not fit the numbers of networks, units and samples"));
        }
        let column = |values: &[f32]| {
            Tensor::<3>::from_data(TensorData::new(values.to_vec(), [1, values.len(), 1]), &self.device)
        };
        let examples = Examples { x: column(&work.x), y: column(&work.y) };
        let networks = Networks::from_rows(&work.starts, work.networks, work.width, &self.device);
        self.now = Some((networks, examples, work));
        Ok(())
    }

    /// Trains for some steps and waits for the device.
    ///
    /// # Errors
    /// If nothing is prepared, or the device fails.
    pub async fn train(&mut self, steps: u32) -> Result<(), JsError> {
        let (mut networks, examples, work) = self.now.take().ok_or_else(unprepared)?;
        let step = match work.gradient {
            Gradient::Autodiff => by_autodiff::step,
            Gradient::ByHand => by_hand::step,
            Gradient::ByHandInSums => by_hand::step_by_sums,
        };
        for _ in 0..steps {
            networks = step(networks, &examples, work.rate);
        }
        networks.b2.clone().into_data_async().await.map_err(|error| JsError::new(&format!("{error:?}")))?;
        self.now = Some((networks, examples, work));
        Ok(())
    }

    /// The mean loss of all networks.
    ///
    /// # Errors
    /// If nothing is prepared, or the device fails.
    pub async fn loss(&self) -> Result<f32, JsError> {
        let (networks, examples, _) = self.now.as_ref().ok_or_else(unprepared)?;
        let loss = (networks.output(&examples.x) - examples.y.clone()).square().mean();
        loss.into_scalar_async::<f32>().await.map_err(|error| JsError::new(&format!("{error:?}")))
    }
}

fn unprepared() -> JsError {
    JsError::new("nothing is prepared")
}
