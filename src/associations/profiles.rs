//! How groups of examples are forgotten, task by task.

use super::co_forgetting::Pair;
use super::correlation::product_moment;
use super::permuting::{FEWEST_TASKS, shuffle};
use super::training::Training;
use crate::seed::Seed;

/// Sum and number of entries by task and group.
///
/// # Shapes
/// `sums`: `[M][groups]`.
pub(super) struct Profiles {
    sums: Vec<Vec<(f64, f64)>>,
    /// Every pair of groups, the first below the second.
    all: Vec<[usize; 2]>,
    permutations: usize,
    root: Seed,
}

impl Profiles {
    /// Of columns dealt to so many groups.
    pub fn of(training: &Training<'_>, groups: &[usize], count: usize, permutations: usize, root: Seed) -> Self {
        let mut sums = vec![vec![(0.0, 0.0); count]; training.rows()];
        for (row, own) in sums.iter_mut().enumerate() {
            for (column, entry) in training.present(row) {
                let (sum, n) = &mut own[groups[column]];
                *sum += entry;
                *n += 1.0;
            }
        }
        let all = (0..count).flat_map(|first| (first + 1..count).map(move |second| [first, second])).collect();
        Self { sums, all, permutations, root }
    }

    /// How many pairs of groups there are.
    pub fn pairs(&self) -> usize {
        self.all.len()
    }

    /// A pair by its place, with a p-value that no other pair has corrected yet; `None` beyond the last.
    pub fn pair(&self, place: usize) -> Option<Pair> {
        let &[first, second] = self.all.get(place)?;
        let mean = |(sum, n): (f64, f64)| sum / n;
        // The tasks in which both groups have an entry.
        let both = |row: &&Vec<(f64, f64)>| row[first].1 > 0.0 && row[second].1 > 0.0;
        let tasks: Vec<&Vec<(f64, f64)>> = self.sums.iter().filter(both).collect();
        let profile = |group: usize| tasks.iter().map(|row| mean(row[group])).collect::<Vec<f64>>();
        let (one, mut other) = (profile(first), profile(second));
        let of_rest = |row: &&Vec<(f64, f64)>| {
            let others = row.iter().enumerate().filter(|(group, _)| ![first, second].contains(group));
            mean(others.fold((0.0, 0.0), |(sum, n), (_, own)| (sum + own.0, n + own.1)))
        };
        let rest: Vec<f64> = tasks.iter().map(of_rest).collect();
        let together = product_moment(&one, &other).filter(|_| tasks.len() >= FEWEST_TASKS);
        let beyond_the_rest = together.filter(|_| rest.iter().all(|value| value.is_finite())).and_then(|together| {
            let (a, b) = (product_moment(&one, &rest)?, product_moment(&other, &rest)?);
            let scale = ((1.0 - a * a) * (1.0 - b * b)).sqrt();
            (scale > 1e-12).then(|| ((together - a * b) / scale).clamp(-1.0, 1.0))
        });
        let p_value = together.map(|together| {
            let mut stream = self.root.fork(&format!("{first} {second}")).stream();
            let mut as_large = 1;
            for _ in 0..self.permutations {
                shuffle(&mut other, &mut stream);
                let by_chance = product_moment(&one, &other).unwrap_or(0.0).abs();
                as_large += usize::from(by_chance >= together.abs() * (1.0 - 1e-12));
            }
            as_large as f64 / (self.permutations as f64 + 1.0)
        });
        Some(Pair { first, second, together, p_value, beyond_the_rest })
    }
}
