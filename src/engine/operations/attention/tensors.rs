//! Attention by burn's operations, where it is not on the CPU in single precision.

use burn_tensor::{Bool, DType, Device, Tensor, TensorData};

use super::{Heads, Sight};

/// As [`super::attend`].
pub fn attend(q: Tensor<2>, k: Tensor<2>, v: Tensor<2>, heads: Heads, sight: &Sight) -> Tensor<2> {
    let (device, dtype) = (q.device(), q.dtype());
    let (sequences, time, units) = (sight.sequences, sight.time, heads.units);
    let shape = [sequences, 1, time, units / 2];
    let turns = [&sight.turns.cos, &sight.turns.sin].map(|values| table(values, shape, (&device, dtype)));
    let by_head = |x: Tensor<2>, count| x.reshape([sequences, time, count, units]).swap_dims(1, 2);
    let group = heads.queries / heads.keys;
    let shared = |x: Tensor<4>| {
        // Repeated once, burn's gradient of several sequences is wrong on wgpu.
        if group == 1 {
            return x;
        }
        let repeated: Tensor<5> = x.unsqueeze_dim::<5>(2).repeat_dim(2, group);
        repeated.reshape([sequences, heads.queries, time, units])
    };
    let q = turned(by_head(q, heads.queries), &turns);
    let k = shared(turned(by_head(k, heads.keys), &turns));
    let v = shared(by_head(v, heads.keys));
    let scale = 1.0 / libm::sqrt(units as f64);
    let scores = q.matmul(k.swap_dims(2, 3)).cast(DType::F32) * scale;
    let hidden: Tensor<4, Bool> =
        Tensor::from_data(TensorData::new(hidden(sight), [sequences, 1, time, time]), &device);
    let scores = scores.mask_fill(hidden.expand([sequences, heads.queries, time, time]), f32::MIN);
    let weights = burn_tensor::activation::softmax(scores, 3).cast(dtype);
    weights.matmul(v).swap_dims(1, 2).reshape([sequences * time, heads.queries * units])
}

/// Cosines or sines on a device.
pub fn table(values: &[f32], shape: [usize; 4], (device, dtype): (&Device, DType)) -> Tensor<4> {
    Tensor::<4>::from_data(TensorData::new(values.to_vec(), shape), device).cast(dtype)
}

/// Heads turned by their positions.
///
/// # Shapes
/// - `x`, result: `[sequences, heads, time, units]`
/// - cosines and sines: `[sequences, 1, time, units / 2]`
pub fn turned(x: Tensor<4>, [cos, sin]: &[Tensor<4>; 2]) -> Tensor<4> {
    let half = x.dims()[3] / 2;
    let [first, second] = [x.clone().narrow(3, 0, half), x.narrow(3, half, half)];
    let turned_first = first.clone() * cos.clone() - second.clone() * sin.clone();
    Tensor::cat(vec![turned_first, second * cos.clone() + first * sin.clone()], 3)
}

/// Whether each position is hidden from each.
fn hidden(sight: &Sight) -> Vec<bool> {
    let time = sight.time;
    let mut hidden = Vec::with_capacity(sight.sequences * time * time);
    for sequence in 0..sight.sequences {
        let segments = sight.segments.as_ref().map(|segments| &segments[sequence * time..][..time]);
        for i in 0..time {
            hidden.extend((0..time).map(|j| j > i || segments.is_some_and(|segments| segments[i] != segments[j])));
        }
    }
    hidden
}
