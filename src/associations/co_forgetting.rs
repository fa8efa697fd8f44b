//! Which groups of examples are forgotten together.

use serde::{Deserialize, Serialize};

use super::correlation::product_moment;
use super::effects::Effects;
use super::training::Training;
use crate::error::{Problem, Problems};
use crate::seed::{Seed, Stream};
use crate::stats::holm;

/// What a grouping of the columns says of forgetting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoForgetting {
    /// The share of what effects of tasks and examples leave that is shared within groups: squares of the groups' mean
    /// profiles over all squares, from 0 to 1.
    pub shared_within: f64,
    /// The share of permutations of the columns' labels that share as much: whether the groups matter at all.
    pub p_value: f64,
    /// Every pair of groups, the first below the second.
    pub pairs: Vec<Pair>,
}

/// Two groups of examples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    pub first: usize,
    pub second: usize,
    /// Pearson's correlation over tasks of the two groups' mean forgetting: what forgets the one forgets the other.
    /// `None` where a group does not vary over tasks.
    pub together: Option<f64>,
    /// The share of permutations of the tasks of one group whose correlation is as large, either way; Holm's correction
    /// over all pairs.
    pub p_value: Option<f64>,
    /// The partial correlation given the mean of all other columns: beyond that some tasks forget everything. `None`
    /// where there is no other group.
    pub beyond_the_rest: Option<f64>,
}

/// Fewest tasks that are permuted: five have 120 orders.
const FEWEST_TASKS: usize = 5;

impl CoForgetting {
    /// Of columns dealt to groups 0, 1, 2 and so on, `[N]`, with so many permutations for each p-value.
    ///
    /// # Errors
    /// Another number of labels than columns, fewer than two groups, a group without a column, fewer than five tasks,
    /// no permutation.
    pub fn of(training: &Training<'_>, groups: &[usize], permutations: usize) -> Result<Self, Problems> {
        let count = groups.iter().max().map_or(0, |last| last + 1);
        let wrong = |field: &str, value: usize, accepted: String| {
            Err(Problems(vec![Problem::new(field, &value.to_string(), accepted)]))
        };
        if groups.len() != training.columns() {
            return wrong("groups", groups.len(), format!("a group for each of {} columns", training.columns()));
        }
        if count < 2 || count > groups.len() {
            return wrong("groups", count, "from two groups to as many as there are columns".to_owned());
        }
        if let Some(empty) = (0..count).find(|group| !groups.contains(group)) {
            return wrong("groups", empty, "groups with at least one column each".to_owned());
        }
        if training.rows() < FEWEST_TASKS {
            return wrong("tasks", training.rows(), format!("at least {FEWEST_TASKS}"));
        }
        if permutations == 0 {
            return wrong("permutations", 0, "at least one".to_owned());
        }
        let root = Seed::new(0).fork("associations").fork("co-forgetting");
        let effects = Effects::of(training, 0.0);
        let residual = |row: usize, column: usize, entry: f64| entry - effects.at(row, column);
        let observed = shared(training, groups, count, residual);
        let mut stream = root.fork("columns").stream();
        let mut labels = groups.to_vec();
        let mut as_large = 1;
        for _ in 0..permutations {
            shuffle(&mut labels, &mut stream);
            as_large += usize::from(shared(training, &labels, count, residual) >= observed * (1.0 - 1e-12));
        }
        Ok(Self {
            shared_within: observed,
            p_value: f64::from(as_large as u32) / f64::from(permutations as u32 + 1),
            pairs: pairs(training, groups, count, permutations, root),
        })
    }
}

/// Squares of the groups' mean residuals over all squares; 0 where there are none.
fn shared(training: &Training<'_>, groups: &[usize], count: usize, residual: impl Fn(usize, usize, f64) -> f64) -> f64 {
    let (mut within, mut all) = (0.0, 0.0);
    let (mut sums, mut counts) = (vec![0.0; count], vec![0.0; count]);
    for row in 0..training.rows() {
        sums.fill(0.0);
        counts.fill(0.0);
        for (column, entry) in training.present(row) {
            let left = residual(row, column, entry);
            sums[groups[column]] += left;
            counts[groups[column]] += 1.0;
            all += left * left;
        }
        within += sums.iter().zip(&counts).filter(|(_, n)| **n > 0.0).map(|(sum, n)| sum * sum / n).sum::<f64>();
    }
    if all > 0.0 { within / all } else { 0.0 }
}

fn pairs(training: &Training<'_>, groups: &[usize], count: usize, permutations: usize, root: Seed) -> Vec<Pair> {
    let rows = training.rows();
    // Sum and number of entries by task and group.
    let mut sums = vec![vec![(0.0, 0.0); count]; rows];
    for (row, own) in sums.iter_mut().enumerate() {
        for (column, entry) in training.present(row) {
            let (sum, n) = &mut own[groups[column]];
            *sum += entry;
            *n += 1.0;
        }
    }
    let mean = |(sum, n): (f64, f64)| sum / n;
    let mut found = Vec::new();
    for first in 0..count {
        for second in first + 1..count {
            // The tasks in which both groups have an entry.
            let tasks: Vec<usize> =
                (0..rows).filter(|&row| sums[row][first].1 > 0.0 && sums[row][second].1 > 0.0).collect();
            let profile = |group: usize| tasks.iter().map(|&row| mean(sums[row][group])).collect::<Vec<f64>>();
            let (one, mut other) = (profile(first), profile(second));
            let rest: Vec<f64> = tasks
                .iter()
                .map(|&row| {
                    let others = (0..count).filter(|group| ![first, second].contains(group));
                    mean(others.fold((0.0, 0.0), |(sum, n), group| (sum + sums[row][group].0, n + sums[row][group].1)))
                })
                .collect();
            let together = product_moment(&one, &other).filter(|_| tasks.len() >= FEWEST_TASKS);
            let beyond_the_rest =
                together.filter(|_| rest.iter().all(|value| value.is_finite())).and_then(|together| {
                    let (a, b) = (product_moment(&one, &rest)?, product_moment(&other, &rest)?);
                    let scale = ((1.0 - a * a) * (1.0 - b * b)).sqrt();
                    (scale > 1e-12).then(|| ((together - a * b) / scale).clamp(-1.0, 1.0))
                });
            let p_value = together.map(|together| {
                let mut stream = root.fork(&format!("{first} {second}")).stream();
                let mut as_large = 1;
                for _ in 0..permutations {
                    shuffle(&mut other, &mut stream);
                    let by_chance = product_moment(&one, &other).unwrap_or(0.0).abs();
                    as_large += usize::from(by_chance >= together.abs() * (1.0 - 1e-12));
                }
                f64::from(as_large as u32) / f64::from(permutations as u32 + 1)
            });
            found.push(Pair { first, second, together, p_value, beyond_the_rest });
        }
    }
    let tested: Vec<f64> = found.iter().filter_map(|pair| pair.p_value).collect();
    let mut corrected = holm(&tested).into_iter();
    found.iter_mut().filter(|pair| pair.p_value.is_some()).for_each(|pair| pair.p_value = corrected.next());
    found
}

fn shuffle<T>(items: &mut [T], stream: &mut Stream) {
    for last in (1..items.len()).rev() {
        items.swap(last, stream.below(last as u32 + 1) as usize);
    }
}
