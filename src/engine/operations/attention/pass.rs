//! Attention on eight lanes, head by head.

use super::{Heads, Sight};
use crate::engine::fused_cpu::elementary::exp;
use crate::engine::fused_cpu::lanes::{Kernel, LANES, Lanes, loaded, stored};

/// Where everything lies.
#[derive(Clone, Copy)]
pub struct Layout<'a> {
    pub heads: Heads,
    pub sight: &'a Sight,
}

impl Layout<'_> {
    /// Positions of all sequences.
    pub fn rows(&self) -> usize {
        self.sight.sequences * self.sight.time
    }

    /// Turns every head of every row by its position, or back where `sign` is -1.
    ///
    /// # Shapes
    /// `x`: `[rows, count * units]`
    pub fn turn(&self, x: &mut [f32], count: usize, sign: f32) {
        let half = self.heads.units / 2;
        let turns = &self.sight.turns;
        let rows = x.chunks_exact_mut(count * 2 * half);
        for ((row, cos), sin) in rows.zip(turns.cos.chunks_exact(half)).zip(turns.sin.chunks_exact(half)) {
            for head in row.chunks_exact_mut(2 * half) {
                let (first, second) = head.split_at_mut(half);
                for (((a, b), &cos), &sin) in first.iter_mut().zip(second).zip(cos).zip(sin) {
                    let sin = sign * sin;
                    (*a, *b) = (*a * cos - *b * sin, *b * cos + *a * sin);
                }
            }
        }
    }

    /// Whether positions `i` and `j` of a sequence are of one text.
    fn sees(&self, sequence: usize, i: usize, j: usize) -> bool {
        let segments = |segments: &Vec<u32>| {
            let segments = &segments[sequence * self.sight.time..];
            segments[i] == segments[j]
        };
        self.sight.segments.as_ref().is_none_or(segments)
    }

    fn scale(&self) -> f32 {
        (1.0 / libm::sqrt(self.heads.units as f64)) as f32
    }
}

/// One head of one sequence, laid out for passes: rows padded to whole lanes.
struct Head {
    /// Lanes of a row of units.
    wide: usize,
    /// Lanes of a row of positions.
    long: usize,
}

impl Head {
    fn of(layout: &Layout<'_>) -> Self {
        Self { wide: layout.heads.units.div_ceil(LANES), long: layout.sight.time.div_ceil(LANES) }
    }

    /// `[time, wide]` from rows of `stride` numbers beginning at `at`.
    fn rows(&self, from: &[f32], at: usize, stride: usize, units: usize, time: usize, to: &mut Vec<[f32; LANES]>) {
        to.clear();
        to.resize(time * self.wide, [0.0; LANES]);
        for (row, to) in to.chunks_exact_mut(self.wide).enumerate() {
            to.as_flattened_mut()[..units].copy_from_slice(&from[at + row * stride..][..units]);
        }
    }

    /// `[units, long]` of the same.
    fn columns(&self, from: &[f32], at: usize, stride: usize, units: usize, time: usize, to: &mut Vec<[f32; LANES]>) {
        to.clear();
        to.resize(units * self.long, [0.0; LANES]);
        for row in 0..time {
            for (unit, &value) in from[at + row * stride..][..units].iter().enumerate() {
                to[unit * self.long + row / LANES][row % LANES] = value;
            }
        }
    }
}

/// `to` <- factor rows columns, the first `blocks` lanes of it: one row of a product.
///
/// # Shapes
/// - `row`: `[units]`
/// - `columns`: `[units, stride]`
#[inline(always)]
fn product<L: Lanes>(
    row: &[f32],
    columns: &[[f32; LANES]],
    stride: usize,
    blocks: usize,
    factor: f32,
    to: &mut [[f32; LANES]],
) {
    let factor = L::splat(factor);
    for (block, to) in to[..blocks].iter_mut().enumerate() {
        let mut sum = L::splat(0.0);
        for (value, column) in row.iter().zip(columns[block..].iter().step_by(stride)) {
            sum = sum + L::splat(*value) * loaded(column);
        }
        *to = stored(sum * factor);
    }
}

/// `to` += value row.
#[inline(always)]
fn add<L: Lanes>(value: f32, row: &[[f32; LANES]], to: &mut [[f32; LANES]]) {
    let value = L::splat(value);
    for (row, to) in row.iter().zip(to) {
        *to = stored(loaded::<L>(to) + value * loaded(row));
    }
}

/// Makes of the scores of position `i` its weights; returns the logarithm of the sum of their exponentials.
#[inline(always)]
fn weigh<L: Lanes>(
    layout: &Layout<'_>,
    sequence: usize,
    i: usize,
    scores: &mut [[f32; LANES]],
    known: Option<f32>,
) -> f32 {
    let seen = |j: usize| j <= i && layout.sees(sequence, i, j);
    let level = known.unwrap_or_else(|| {
        let mut largest = f32::NEG_INFINITY;
        for (j, &score) in scores.as_flattened()[..=i].iter().enumerate() {
            if score > largest && seen(j) {
                largest = score;
            }
        }
        largest
    });
    let splat = L::splat(level);
    for block in scores.iter_mut() {
        *block = stored(exp(loaded::<L>(block) - splat));
    }
    let hidden_from = if layout.sight.segments.is_some() { 0 } else { i + 1 };
    for (j, weight) in scores.as_flattened_mut().iter_mut().enumerate().skip(hidden_from) {
        if !seen(j) {
            *weight = 0.0;
        }
    }
    if known.is_some() {
        return level;
    }
    let mut sum = L::splat(0.0);
    for block in scores.iter() {
        sum = sum + loaded(block);
    }
    let sum = sum.sum();
    let factor = L::splat(1.0 / sum);
    for block in scores.iter_mut() {
        *block = stored(loaded::<L>(block) * factor);
    }
    level + libm::logf(sum)
}

/// The way forwards; `kept` is the logarithm of each softmax's sum, `[sequences, queries, time]`.
pub struct Forwards<'a> {
    pub layout: Layout<'a>,
    pub q: &'a [f32],
    pub k: &'a [f32],
    pub v: &'a [f32],
    pub output: &'a mut [f32],
    pub kept: &'a mut [f32],
}

impl Kernel for Forwards<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self { layout, q, k, v, output, kept } = self;
        let (Heads { queries, keys, units }, time) = (layout.heads, layout.sight.time);
        let (head, scale, group) = (Head::of(&layout), layout.scale(), queries / keys);
        let (mut columns, mut values) = (Vec::new(), Vec::new());
        let mut weights = vec![[0.0; LANES]; head.long];
        let mut row = vec![[0.0; LANES]; head.wide];
        for sequence in 0..layout.sight.sequences {
            for query in 0..queries {
                if query % group == 0 {
                    let at = (sequence * time * keys + query / group) * units;
                    head.columns(k, at, keys * units, units, time, &mut columns);
                    head.rows(v, at, keys * units, units, time, &mut values);
                }
                let kept = &mut kept[(sequence * queries + query) * time..][..time];
                for (i, kept) in kept.iter_mut().enumerate() {
                    let at = ((sequence * time + i) * queries + query) * units;
                    let weights = &mut weights[..i / LANES + 1];
                    product::<L>(&q[at..][..units], &columns, head.long, weights.len(), scale, weights);
                    *kept = weigh::<L>(&layout, sequence, i, weights, None);
                    product::<L>(&weights.as_flattened()[..=i], &values, head.wide, head.wide, 1.0, &mut row);
                    output[at..][..units].copy_from_slice(&row.as_flattened()[..units]);
                }
            }
        }
    }
}

/// The way back. With P the weights and g what pulls at the output: dv = P^T g, dP = g v^T,
/// dS = P (dP - sum_j P dP), dq = dS k / sqrt(units), dk = dS^T q / sqrt(units).
pub struct Backwards<'a> {
    pub layout: Layout<'a>,
    pub q: &'a [f32],
    pub k: &'a [f32],
    pub v: &'a [f32],
    pub kept: &'a [f32],
    pub pull: &'a [f32],
    pub by_q: &'a mut [f32],
    pub by_k: &'a mut [f32],
    pub by_v: &'a mut [f32],
}

impl Kernel for Backwards<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self { layout, q, k, v, kept, pull, by_q, by_k, by_v } = self;
        let (Heads { queries, keys, units }, time) = (layout.heads, layout.sight.time);
        let (head, scale, group) = (Head::of(&layout), layout.scale(), queries / keys);
        let [mut key_columns, mut key_rows, mut value_columns] = [const { Vec::new() }; 3];
        let [mut query_rows, mut pulls] = [const { Vec::new() }; 2];
        let [mut weights, mut slopes] = [0, 0].map(|_| vec![[0.0; LANES]; head.long]);
        let [mut sums_k, mut sums_v] = [0, 0].map(|_| vec![[0.0; LANES]; time * head.wide]);
        let mut row = vec![[0.0; LANES]; head.wide];
        for sequence in 0..layout.sight.sequences {
            for query in 0..queries {
                let at = (sequence * time * keys + query / group) * units;
                if query % group == 0 {
                    head.columns(k, at, keys * units, units, time, &mut key_columns);
                    head.rows(k, at, keys * units, units, time, &mut key_rows);
                    head.columns(v, at, keys * units, units, time, &mut value_columns);
                    sums_k.fill([0.0; LANES]);
                    sums_v.fill([0.0; LANES]);
                }
                let first = (sequence * time * queries + query) * units;
                head.rows(q, first, queries * units, units, time, &mut query_rows);
                head.rows(pull, first, queries * units, units, time, &mut pulls);
                for i in 0..time {
                    let at = first + i * queries * units;
                    let blocks = i / LANES + 1;
                    let (weights, slopes) = (&mut weights[..blocks], &mut slopes[..blocks]);
                    product::<L>(&q[at..][..units], &key_columns, head.long, blocks, scale, weights);
                    let level = kept[(sequence * queries + query) * time + i];
                    weigh::<L>(&layout, sequence, i, weights, Some(level));
                    product::<L>(&pull[at..][..units], &value_columns, head.long, blocks, 1.0, slopes);
                    let mut mean = L::splat(0.0);
                    for (weight, slope) in weights.iter().zip(slopes.iter()) {
                        mean = mean + loaded::<L>(weight) * loaded(slope);
                    }
                    let mean = L::splat(mean.sum());
                    for (weight, slope) in weights.iter().zip(slopes.iter_mut()) {
                        *slope = stored(loaded::<L>(weight) * (loaded::<L>(slope) - mean) * L::splat(scale));
                    }
                    let (weights, slopes) = (&weights.as_flattened()[..=i], &slopes.as_flattened()[..=i]);
                    product::<L>(slopes, &key_rows, head.wide, head.wide, 1.0, &mut row);
                    by_q[at..][..units].copy_from_slice(&row.as_flattened()[..units]);
                    let (query_row, pull_row) =
                        (&query_rows[i * head.wide..][..head.wide], &pulls[i * head.wide..][..head.wide]);
                    let sums = sums_k.chunks_exact_mut(head.wide).zip(sums_v.chunks_exact_mut(head.wide));
                    for ((&weight, &slope), (sum_k, sum_v)) in weights.iter().zip(slopes).zip(sums) {
                        add::<L>(slope, query_row, sum_k);
                        add::<L>(weight, pull_row, sum_v);
                    }
                }
                if query % group == group - 1 {
                    for position in 0..time {
                        let at = at + position * keys * units;
                        let from = position * head.wide..(position + 1) * head.wide;
                        by_k[at..][..units].copy_from_slice(&sums_k[from.clone()].as_flattened()[..units]);
                        by_v[at..][..units].copy_from_slice(&sums_v[from].as_flattened()[..units]);
                    }
                }
            }
        }
    }
}
