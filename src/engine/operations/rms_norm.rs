//! Root mean square normalisation.

use burn_dispatch::backends::flex::FlexTensor;
use burn_tensor::{DType, Tensor};

use super::fused::{Fused, apply, dims, is_on_cpu, tensor};
use crate::engine::fused_cpu::lanes::{Instructions, Kernel, LANES, Lanes, dispatch, filled, loaded, stored};

/// y = w x / sqrt(mean(x^2) + epsilon), each row on its own, normalised in single precision whatever x is in; Zhang and
/// Sennrich 2019 (arXiv 1910.07467), in the order of Hugging Face's Llama: rounded to x's precision before w.
///
/// # Shapes
/// - `x`: `[rows, units]`
/// - `weight`: `[units]`
pub fn rms_norm(x: Tensor<2>, weight: Tensor<1>, epsilon: f64) -> Tensor<2> {
    if is_on_cpu(&x) && x.dtype() == DType::F32 {
        return apply(RmsNorm { epsilon: epsilon as f32 }, [x.into(), weight.into()]);
    }
    let dtype = x.dtype();
    let x = x.cast(DType::F32);
    let size = (x.clone() * x.clone()).mean_dim(1).add_scalar(epsilon).sqrt();
    (x / size).cast(dtype) * weight.unsqueeze()
}

#[derive(Clone, Copy, Debug)]
struct RmsNorm {
    epsilon: f32,
}

impl Fused<2> for RmsNorm {
    /// x, w and one over the size of each row.
    type Kept = (FlexTensor, FlexTensor, Vec<f32>);

    fn forward(&self, [x, weight]: [FlexTensor; 2]) -> (FlexTensor, Self::Kept) {
        let [rows, units] = dims(&x);
        let (mut y, mut inverse) = (vec![0.0; rows * units], vec![0.0; rows]);
        let forward = Forward {
            epsilon: self.epsilon,
            x: x.storage(),
            weight: weight.storage(),
            y: &mut y,
            inverse: &mut inverse,
        };
        dispatch(Instructions::fastest(), forward);
        (tensor(y, [rows, units]), (x, weight, inverse))
    }

    fn backward(
        &self,
        (x, weight, inverse): Self::Kept,
        mut pull: FlexTensor,
        wanted: [bool; 2],
    ) -> [Option<FlexTensor>; 2] {
        let units = dims::<2>(&x)[1];
        let mut by_weight = vec![0.0; if wanted[1] { units } else { 0 }];
        let backward = BackwardPass {
            x: x.storage(),
            weight: weight.storage(),
            inverse: &inverse,
            pull: pull.storage_mut(),
            by_weight: &mut by_weight,
        };
        dispatch(Instructions::fastest(), backward);
        [wanted[0].then_some(pull), wanted[1].then(|| tensor(by_weight, [units]))]
    }
}

struct Forward<'a> {
    epsilon: f32,
    x: &'a [f32],
    weight: &'a [f32],
    y: &'a mut [f32],
    inverse: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let units = self.weight.len();
        let (weights, weights_rest) = self.weight.as_chunks::<LANES>();
        let rows = self.x.chunks_exact(units).zip(self.y.chunks_exact_mut(units)).zip(self.inverse);
        for ((x, y), inverse) in rows {
            let (x, x_rest) = x.as_chunks::<LANES>();
            let (y, y_rest) = y.as_chunks_mut::<LANES>();
            let mut squares = L::splat(0.0);
            for x in x {
                let x = loaded::<L>(x);
                squares = squares + x * x;
            }
            let rest = loaded::<L>(&filled(x_rest));
            let mean = (squares + rest * rest).sum() / units as f32;
            *inverse = 1.0 / (mean + self.epsilon).sqrt();
            let factor = L::splat(*inverse);
            for ((x, y), weight) in x.iter().zip(y).zip(weights) {
                *y = stored(loaded::<L>(x) * factor * loaded::<L>(weight));
            }
            let last = stored(rest * factor * loaded::<L>(&filled(weights_rest)));
            y_rest.copy_from_slice(&last[..y_rest.len()]);
        }
    }
}

/// With n = x inverse and g = w pull: dx = inverse (g - n mean(n g)), dw = sum over rows of n pull.
struct BackwardPass<'a> {
    x: &'a [f32],
    weight: &'a [f32],
    inverse: &'a [f32],
    pull: &'a mut [f32],
    /// Empty where it is not wanted.
    by_weight: &'a mut [f32],
}

impl Kernel for BackwardPass<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let units = self.weight.len();
        let (weights, weights_rest) = self.weight.as_chunks::<LANES>();
        let last_weight = loaded::<L>(&filled(weights_rest));
        let rows = self.x.chunks_exact(units).zip(self.pull.chunks_exact_mut(units)).zip(self.inverse);
        for ((x, pull), &inverse) in rows {
            let factor = L::splat(inverse);
            if !self.by_weight.is_empty() {
                for ((sum, x), pull) in self.by_weight.iter_mut().zip(x).zip(pull.iter()) {
                    *sum += x * inverse * pull;
                }
            }
            let (x, x_rest) = x.as_chunks::<LANES>();
            let (pull, pull_rest) = pull.as_chunks_mut::<LANES>();
            let (last, last_pull) =
                (loaded::<L>(&filled(x_rest)) * factor, loaded::<L>(&filled(pull_rest)) * last_weight);
            let mut dot = last * last_pull;
            for ((x, pull), weight) in x.iter().zip(pull.iter()).zip(weights) {
                dot = dot + loaded::<L>(x) * factor * loaded::<L>(pull) * loaded::<L>(weight);
            }
            let mean = L::splat(dot.sum() / units as f32);
            for ((x, pull), weight) in x.iter().zip(pull).zip(weights) {
                let normal = loaded::<L>(x) * factor;
                *pull = stored((loaded::<L>(pull) * loaded::<L>(weight) - normal * mean) * factor);
            }
            let rest = stored((last_pull - last * mean) * factor);
            pull_rest.copy_from_slice(&rest[..pull_rest.len()]);
        }
    }
}
