//! The loss of a language model.

use burn_dispatch::backends::flex::FlexTensor;
use burn_tensor::{DType, Int, Tensor, TensorData};

use super::fused::{Fused, apply, dims, is_on_cpu, tensor};
use crate::engine::fused_cpu::elementary::exp;
use crate::engine::fused_cpu::lanes::{Instructions, Kernel, LANES, Lanes, dispatch, filled, loaded, stored};

/// sum_i w_i (ln sum_v e^(z_iv) - z_i,target), in single precision whatever the logits are in.
///
/// # Shapes
/// - `logits`: `[rows, vocabulary]`
/// - `targets`, `weights`: `[rows]`; a row of weight 0 counts for nothing
/// - result: `[1]`, in nats
///
/// # Panics
/// If a target is beyond the vocabulary, or lengths differ.
pub fn cross_entropy(logits: Tensor<2>, targets: &[u32], weights: &[f32]) -> Tensor<1> {
    let [rows, vocabulary] = logits.dims();
    assert!(targets.len() == rows && weights.len() == rows, "a target and a weight for each row");
    assert!(targets.iter().all(|&target| (target as usize) < vocabulary), "targets are words");
    if is_on_cpu(&logits) && logits.dtype() == DType::F32 {
        let operation = CrossEntropy { targets: targets.to_vec(), weights: weights.to_vec() };
        return apply(operation, [logits.into()]);
    }
    let device = logits.device();
    let targets = targets.iter().map(|&target| target as i32).collect();
    let targets = Tensor::<2, Int>::from_data(TensorData::new(targets, [rows, 1]), &device);
    let weights = Tensor::<2>::from_data(TensorData::new(weights.to_vec(), [rows, 1]), &device);
    let chosen = burn_tensor::activation::log_softmax(logits.cast(DType::F32), 1).gather(1, targets);
    (chosen * weights).sum().neg()
}

#[derive(Clone, Debug)]
struct CrossEntropy {
    targets: Vec<u32>,
    weights: Vec<f32>,
}

impl Fused<1> for CrossEntropy {
    /// The gradient, up to what the loss is pulled by.
    type Kept = FlexTensor;

    fn forward(&self, [mut logits]: [FlexTensor; 1]) -> (FlexTensor, FlexTensor) {
        let vocabulary = dims::<2>(&logits)[1];
        let pass = Pass { vocabulary, targets: &self.targets, weights: &self.weights, logits: logits.storage_mut() };
        let loss = dispatch(Instructions::fastest(), pass);
        (tensor(vec![loss as f32], [1]), logits)
    }

    fn backward(&self, mut gradient: FlexTensor, pull: FlexTensor, _: [bool; 1]) -> [Option<FlexTensor>; 1] {
        let pull = pull.storage::<f32>()[0];
        if pull != 1.0 {
            gradient.storage_mut::<f32>().iter_mut().for_each(|value| *value *= pull);
        }
        [Some(gradient)]
    }
}

/// The loss; `logits` <- w (softmax - one-hot).
struct Pass<'a> {
    vocabulary: usize,
    targets: &'a [u32],
    weights: &'a [f32],
    logits: &'a mut [f32],
}

impl Kernel for Pass<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<L: Lanes>(self) -> f64 {
        let mut loss = 0.0;
        let rows = self.logits.chunks_exact_mut(self.vocabulary).zip(self.targets).zip(self.weights);
        for ((row, &target), &weight) in rows {
            if weight == 0.0 {
                row.fill(0.0);
                continue;
            }
            let target = target as usize;
            let largest = largest::<L>(row);
            let at_target = f64::from(row[target] - largest);
            let sum = exponentials::<L>(row, largest);
            loss += f64::from(weight) * (libm::log(sum) - at_target);
            let factor = (f64::from(weight) / sum) as f32;
            row.iter_mut().for_each(|value| *value *= factor);
            row[target] -= weight;
        }
        loss
    }
}

/// The largest number of a row, NaN aside: sums find those.
#[inline(always)]
pub fn largest<L: Lanes>(row: &[f32]) -> f32 {
    let (chunks, rest) = row.as_chunks::<LANES>();
    let mut lanes = L::splat(f32::NEG_INFINITY);
    for chunk in chunks {
        lanes = lanes.max(loaded(chunk));
    }
    stored(lanes)
        .iter()
        .chain(rest)
        .fold(f32::NEG_INFINITY, |largest, &value| if value > largest { value } else { largest })
}

/// `row` <- e^(row - largest); their sum.
#[inline(always)]
pub fn exponentials<L: Lanes>(row: &mut [f32], largest: f32) -> f64 {
    let largest = L::splat(largest);
    let (chunks, rest) = row.as_chunks_mut::<LANES>();
    let mut sums = L::splat(0.0);
    for chunk in chunks {
        let value = exp(loaded::<L>(chunk) - largest);
        sums = sums + value;
        *chunk = stored(value);
    }
    let last = stored(exp(loaded::<L>(&filled(rest)) - largest));
    rest.copy_from_slice(&last[..rest.len()]);
    f64::from(sums.sum()) + rest.iter().map(|&value| f64::from(value)).sum::<f64>()
}
