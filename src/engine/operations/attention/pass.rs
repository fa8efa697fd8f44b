//! Attention on eight lanes, head by head.

use super::super::cross_entropy::largest;
use super::{Heads, Sight};
use crate::engine::fused_cpu::elementary::exp;
use crate::engine::fused_cpu::lanes::{Kernel, LANES, Lanes, loaded, stored};

/// Positions whose pulls are added together. Each sum's order is the same with any number of them.
const TOGETHER: usize = 4;

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
    let mut first = 0;
    if L::SUMS == 8 {
        first = sums::<L, 8>(row, columns, stride, first, factor, &mut to[..blocks]);
    }
    first = sums::<L, 4>(row, columns, stride, first, factor, &mut to[..blocks]);
    first = sums::<L, 2>(row, columns, stride, first, factor, &mut to[..blocks]);
    sums::<L, 1>(row, columns, stride, first, factor, &mut to[..blocks]);
}

/// The blocks of a product from `first` on, as long as there are N, with N sums under way side by side: processors wait
/// for an addition longer than it takes to begin the next. Returns the first block that is left.
#[inline(always)]
fn sums<L: Lanes, const N: usize>(
    row: &[f32],
    columns: &[[f32; LANES]],
    stride: usize,
    first: usize,
    factor: f32,
    to: &mut [[f32; LANES]],
) -> usize {
    let (groups, _) = to[first..].as_chunks_mut::<N>();
    let next = first + groups.len() * N;
    for (group, to) in groups.iter_mut().enumerate() {
        let mut sums = [L::splat(0.0); N];
        for (value, columns) in row.iter().zip(columns[first + group * N..].chunks(stride)) {
            let value = L::splat(*value);
            for (sum, column) in sums.iter_mut().zip(&columns[..N]) {
                *sum = value.times_plus(loaded(column), *sum);
            }
        }
        for (to, sum) in to.iter_mut().zip(sums) {
            *to = stored(sum * L::splat(factor));
        }
    }
    next
}

/// `to` += values rows, one after the other.
///
/// # Shapes
/// - `values`: `[N]`
/// - `rows`: `[N, wide]`
/// - `to`: `[wide]`
#[inline(always)]
fn add<L: Lanes, const N: usize>(values: [f32; N], rows: &[[f32; LANES]], to: &mut [[f32; LANES]]) {
    let wide = to.len();
    for (unit, to) in to.iter_mut().enumerate() {
        let mut sum = loaded::<L>(to);
        for (value, row) in values.iter().zip(rows.chunks_exact(wide)) {
            sum = L::splat(*value).times_plus(loaded(&row[unit]), sum);
        }
        *to = stored(sum);
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
        let past = &scores.as_flattened()[..=i];
        if layout.sight.segments.is_none() {
            return largest::<L>(past);
        }
        let visible = past.iter().enumerate().filter(|&(j, _)| seen(j)).map(|(_, &score)| score);
        visible.fold(f32::NEG_INFINITY, |largest, score| if score > largest { score } else { largest })
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

/// To the sums of every position up to some: the rows of positions from `first` on, each by what it weighs the former.
///
/// # Shapes
/// - `weights`: `[TOGETHER, long]`
/// - `rows`: `[up to TOGETHER, wide]`
/// - `sums`: `[time, wide]`
#[inline(always)]
fn gather<L: Lanes>(
    head: &Head,
    first: usize,
    weights: &[[f32; LANES]],
    rows: &[[f32; LANES]],
    sums: &mut [[f32; LANES]],
) {
    let (weights, long) = (weights.as_flattened(), head.long * LANES);
    let (count, mut together) = (rows.len() / head.wide, 0);
    // All of them see what is before the second.
    if count == TOGETHER {
        together = first + 1;
        for (j, sum) in sums.chunks_exact_mut(head.wide).take(together).enumerate() {
            let values = [weights[j], weights[long + j], weights[2 * long + j], weights[3 * long + j]];
            add::<L, TOGETHER>(values, rows, sum);
        }
    }
    for k in 0..count {
        let row = &rows[k * head.wide..][..head.wide];
        for (j, sum) in sums.chunks_exact_mut(head.wide).enumerate().take(first + k + 1).skip(together) {
            add::<L, 1>([weights[k * long + j]], row, sum);
        }
    }
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
        let [mut weights, mut slopes] = [0, 0].map(|_| vec![[0.0; LANES]; TOGETHER * head.long]);
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
                    let of_tile = i % TOGETHER * head.long;
                    let (all_weights, all_slopes) = (&mut weights, &mut slopes);
                    let (weights, slopes) =
                        (&mut all_weights[of_tile..][..blocks], &mut all_slopes[of_tile..][..blocks]);
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
                    product::<L>(&slopes.as_flattened()[..=i], &key_rows, head.wide, head.wide, 1.0, &mut row);
                    by_q[at..][..units].copy_from_slice(&row.as_flattened()[..units]);
                    if i % TOGETHER == TOGETHER - 1 || i == time - 1 {
                        let first = i - i % TOGETHER;
                        let rows = first * head.wide..(i + 1) * head.wide;
                        gather::<L>(&head, first, all_slopes, &query_rows[rows.clone()], &mut sums_k);
                        gather::<L>(&head, first, all_weights, &pulls[rows], &mut sums_v);
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
