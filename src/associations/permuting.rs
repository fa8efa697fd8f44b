//! Whether groups of examples are forgotten together, by permutations, piece by piece.

use super::co_forgetting::{ByChance, CoForgetting, Pair};
use super::profiles::Profiles;
use super::training::Training;
use crate::error::{Problem, Problems};
use crate::seed::{Seed, Stream};
use crate::stats::{holm, quantile, sorted};

/// Fewest tasks that are permuted: five have 120 orders.
pub(super) const FEWEST_TASKS: usize = 5;
/// Permutations of the columns at a time: what effects leave is computed once for all of them.
const AT_ONCE: usize = 16;
/// Columns taken at a time: what effects leave of them lies in the second cache.
const PIECE: usize = 256;

/// The tests of a [`CoForgetting`] in the making: [`Permuting::advance`] does some of them, so that a caller can tell
/// its progress and stay responsive.
pub struct Permuting<'a> {
    training: Training<'a>,
    /// Of groups.
    count: usize,
    permutations: usize,
    /// The columns' labels as they were shuffled last.
    labels: Vec<u32>,
    stream: Stream,
    /// Squares of all that effects leave.
    squares: f64,
    observed: f64,
    by_chance: Vec<f64>,
    profiles: Profiles,
    pairs: Vec<Pair>,
}

impl<'a> Permuting<'a> {
    /// Of columns dealt to groups 0, 1, 2 and so on, `[N]`, with so many permutations for each p-value.
    ///
    /// # Errors
    /// Another number of labels than columns, fewer than two groups, a group without a column, fewer than five tasks,
    /// no permutation.
    pub fn new(training: Training<'a>, groups: &[usize], permutations: usize) -> Result<Self, Problems> {
        let count = Self::check([training.rows(), training.columns()], groups, permutations)?;
        let root = Seed::new(0).fork("associations").fork("co-forgetting");
        let labels: Vec<u32> = groups.iter().map(|&group| group as u32).collect();
        let mut made = Self {
            count,
            permutations,
            stream: root.fork("columns").stream(),
            squares: squares(&training),
            observed: 0.0,
            by_chance: Vec::new(),
            profiles: Profiles::of(&training, groups, count, permutations, root),
            pairs: Vec::new(),
            labels: Vec::new(),
            training,
        };
        made.observed = made.shared(core::slice::from_ref(&labels))[0];
        made.labels = labels;
        Ok(made)
    }

    /// How many groups the columns of a matrix of this shape are dealt to.
    ///
    /// # Errors
    /// Those of [`Permuting::new`].
    pub fn check(shape: [usize; 2], groups: &[usize], permutations: usize) -> Result<usize, Problems> {
        let [rows, columns] = shape;
        let count = groups.iter().max().map_or(0, |last| last.saturating_add(1));
        let wrong = |field: &str, value: usize, accepted: String| {
            Err(Problems(vec![Problem::new(field, &value.to_string(), accepted)]))
        };
        if groups.len() != columns {
            return wrong("groups", groups.len(), format!("a group for each of {columns} columns"));
        }
        if count < 2 || count > groups.len() {
            return wrong("groups", count, "from two groups to as many as there are columns".to_owned());
        }
        let mut sizes = vec![0; count];
        groups.iter().for_each(|&group| sizes[group] += 1);
        if let Some(empty) = sizes.iter().position(|&size| size == 0) {
            return wrong("groups", empty, "groups with at least one column each".to_owned());
        }
        if rows < FEWEST_TASKS {
            return wrong("tasks", rows, format!("at least {FEWEST_TASKS}"));
        }
        if permutations == 0 {
            return wrong("permutations", 0, "at least one".to_owned());
        }
        Ok(count)
    }

    /// Does some permutations more, and says which share of all is done, from 0 to 1: about.
    pub fn advance(&mut self) -> f64 {
        let left = self.permutations - self.by_chance.len();
        if left > 0 {
            let shuffled: Vec<Vec<u32>> = (0..left.min(AT_ONCE))
                .map(|_| {
                    shuffle(&mut self.labels, &mut self.stream);
                    self.labels.clone()
                })
                .collect();
            let shared = self.shared(&shuffled);
            self.by_chance.extend(shared);
        } else {
            self.pairs.extend(self.profiles.pair(self.pairs.len()));
        }
        // In products.
        let (rows, columns) = (self.training.rows() as f64, self.training.columns() as f64);
        let of_columns = rows * columns * self.permutations as f64;
        let of_pairs = 16.0 * rows * self.permutations as f64 * self.profiles.pairs() as f64;
        let done = of_columns * self.by_chance.len() as f64 / self.permutations as f64
            + of_pairs * self.pairs.len() as f64 / self.profiles.pairs() as f64;
        if self.is_done() { 1.0 } else { (done / (of_columns + of_pairs)).min(0.999) }
    }

    fn is_done(&self) -> bool {
        self.by_chance.len() == self.permutations && self.pairs.len() == self.profiles.pairs()
    }

    /// What the permutations say, once all are done, and what they share.
    pub fn finish(mut self) -> (CoForgetting, ByChance) {
        while !self.is_done() {
            self.advance();
        }
        let tested: Vec<f64> = self.pairs.iter().filter_map(|pair| pair.p_value).collect();
        let mut corrected = holm(&tested).into_iter();
        let tested = self.pairs.iter_mut().filter(|pair| pair.p_value.is_some());
        tested.for_each(|pair| pair.p_value = corrected.next());
        let least = self.observed * (1.0 - 1e-12);
        let as_large = self.by_chance.iter().filter(|&&shared| shared >= least).count();
        let n = self.permutations as f64;
        let by_chance = ByChance {
            mean: self.by_chance.iter().sum::<f64>() / n,
            q95: quantile(&sorted(self.by_chance), 0.95).unwrap_or_default(),
        };
        let p_value = (as_large as f64 + 1.0) / (n + 1.0);
        (CoForgetting { shared_within: self.observed, p_value, pairs: self.pairs }, by_chance)
    }

    /// Squares of the groups' mean residuals over all squares, for each dealing of the columns; 0 where there are none.
    fn shared(&self, dealt: &[Vec<u32>]) -> Vec<f64> {
        let Self { training, count, .. } = self;
        let (rows, columns) = (training.rows(), training.columns());
        let effects = training.effects();
        // By dealing, group and task.
        let mut sums = vec![0.0; dealt.len() * count * rows];
        let mut piece = vec![0.0; PIECE * rows];
        for first in (0..columns).step_by(PIECE) {
            let width = PIECE.min(columns - first);
            for row in 0..rows {
                let own = effects.mean + effects.rows[row];
                let known = training.row(row)[first..].iter().zip(&effects.columns[first..]);
                for (place, (&entry, column)) in piece.chunks_exact_mut(rows).zip(known.take(width)) {
                    place[row] = if entry.is_nan() { 0.0 } else { f64::from(entry) - (own + column) };
                }
            }
            for (labels, sums) in dealt.iter().zip(sums.chunks_exact_mut(count * rows)) {
                for (&label, residuals) in labels[first..].iter().zip(piece.chunks_exact(rows)).take(width) {
                    let own = &mut sums[label as usize * rows..][..rows];
                    own.iter_mut().zip(residuals).for_each(|(sum, residual)| *sum += residual);
                }
            }
        }
        let within = |(labels, sums): (&Vec<u32>, &[f64])| {
            let mut sizes = vec![0.0; *count];
            labels.iter().for_each(|&label| sizes[label as usize] += 1.0);
            let of_row = |row: usize| {
                let mut sizes = sizes.clone();
                training.gaps(row).for_each(|column| sizes[labels[column] as usize] -= 1.0);
                let of_group = |(group, n): (usize, f64)| sums[group * rows + row] * sums[group * rows + row] / n;
                sizes.into_iter().enumerate().filter(|&(_, n)| n > 0.0).map(of_group).sum::<f64>()
            };
            (0..rows).map(of_row).sum::<f64>()
        };
        let shared = dealt.iter().zip(sums.chunks_exact(count * rows)).map(within);
        shared.map(|within| if self.squares > 0.0 { within / self.squares } else { 0.0 }).collect()
    }
}

/// Squares of what effects leave of all entries.
fn squares(training: &Training<'_>) -> f64 {
    let effects = training.effects();
    let mut all = 0.0;
    for row in 0..training.rows() {
        for (column, entry) in training.present(row) {
            let left = entry - effects.at(row, column);
            all += left * left;
        }
    }
    all
}

pub(super) fn shuffle<T>(items: &mut [T], stream: &mut Stream) {
    for last in (1..items.len()).rev() {
        items.swap(last, stream.below(last as u32 + 1) as usize);
    }
}
