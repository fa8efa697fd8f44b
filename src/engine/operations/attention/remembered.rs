//! Attention of new positions to all before them, whose keys and values are kept.

use burn_tensor::{Bool, DType, Device, Tensor, TensorData};

use super::tensors::{table, turned};
use super::{Heads, Turns};

/// Positions that are read side by side, after what is remembered.
#[derive(Clone, Debug)]
pub struct Extension {
    pub sequences: usize,
    /// New positions of each sequence.
    pub time: usize,
    /// `[sequences, 1, time, units / 2]`
    turns: [Tensor<4>; 2],
    /// Which of all positions each new one does not see, where there are any: `[sequences, 1, 1, time, all]`
    hidden: Option<Tensor<5, Bool>>,
}

impl Extension {
    /// Positions from `before` on, in sequences of which the first `padding` positions are of no text.
    ///
    /// # Shapes
    /// - `padding`: `[sequences]`
    /// - `turns`: of `sequences * time` positions
    pub fn new(padding: &[usize], before: usize, time: usize, turns: &Turns, place: (&Device, DType)) -> Self {
        let (sequences, all) = (padding.len(), before + time);
        let shape = [sequences, 1, time, turns.cos.len() / (sequences * time)];
        let is_seen = |padding: usize, at: usize, other: usize| other <= at && (other >= padding || other == at);
        let hidden = padding
            .iter()
            .flat_map(|&padding| {
                (before..all).flat_map(move |at| (0..all).map(move |other| !is_seen(padding, at, other)))
            })
            .collect::<Vec<bool>>();
        let hidden = hidden
            .contains(&true)
            .then(|| Tensor::from_data(TensorData::new(hidden, [sequences, 1, 1, time, all]), place.0));
        let turns = [&turns.cos, &turns.sin].map(|values| table(values, shape, place));
        Self { sequences, time, turns, hidden }
    }
}

/// The turned keys, and the values, of one layer.
///
/// # Shapes
/// both `[sequences, keys, capacity, units]`, of which the first positions are taken
#[derive(Clone, Debug)]
pub struct Remembered {
    keys: Tensor<4>,
    values: Tensor<4>,
    /// Positions taken.
    taken: usize,
}

impl Remembered {
    /// Nothing yet, and room for `capacity` positions.
    pub fn new(sequences: usize, heads: Heads, capacity: usize, place: (&Device, DType)) -> Self {
        let empty = || Tensor::zeros([sequences, heads.keys, capacity, heads.units], place);
        Self { keys: empty(), values: empty(), taken: 0 }
    }

    /// What [`attend`](super::attend) gives for the last positions, from what is remembered and their own queries, keys
    /// and values, which are remembered with it.
    ///
    /// # Shapes
    /// - `q`: `[sequences * time, queries * units]`
    /// - `k`, `v`: `[sequences * time, keys * units]`
    /// - result: as `q`
    ///
    /// # Panics
    /// If there is no room for them.
    pub fn attend(&mut self, q: Tensor<2>, k: Tensor<2>, v: Tensor<2>, heads: Heads, new: &Extension) -> Tensor<2> {
        let (sequences, time, units, dtype) = (new.sequences, new.time, heads.units, q.dtype());
        let by_head = |x: Tensor<2>, count| x.reshape([sequences, time, count, units]).swap_dims(1, 2);
        let q = turned(by_head(q, heads.queries), &new.turns);
        self.keep(turned(by_head(k, heads.keys), &new.turns), by_head(v, heads.keys), time);
        let all = self.taken;
        let [keys, values] = [&self.keys, &self.values].map(|kept| kept.clone().narrow(2, 0, all));
        let group = heads.queries / heads.keys;
        let scale = 1.0 / libm::sqrt(units as f64);
        let scores = q.reshape([sequences, heads.keys, group * time, units]).matmul(keys.swap_dims(2, 3));
        let mut scores = scores.cast(DType::F32) * scale;
        if let Some(hidden) = &new.hidden {
            let shape = [sequences, heads.keys, group, time, all];
            let masked: Tensor<5> = scores.reshape(shape).mask_fill(hidden.clone().expand(shape), f32::MIN);
            scores = masked.reshape([sequences, heads.keys, group * time, all]);
        }
        let weights = burn_tensor::activation::softmax(scores, 3).cast(dtype);
        let seen = weights.matmul(values).reshape([sequences, heads.queries, time, units]);
        seen.swap_dims(1, 2).reshape([sequences * time, heads.queries * units])
    }

    fn keep(&mut self, keys: Tensor<4>, values: Tensor<4>, time: usize) {
        let [sequences, heads, _, units] = keys.dims();
        let place = [0..sequences, 0..heads, self.taken..self.taken + time, 0..units];
        // What nothing else holds is written where it is.
        let held = |kept: &mut Tensor<4>, new: Tensor<4>| {
            let nothing = Tensor::empty([0, 0, 0, 0], (&new.device(), new.dtype()));
            *kept = core::mem::replace(kept, nothing).slice_assign(place.clone(), new);
        };
        held(&mut self.keys, keys);
        held(&mut self.values, values);
        self.taken += time;
    }
}
