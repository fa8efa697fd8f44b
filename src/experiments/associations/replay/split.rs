//! What may be replayed, what is kept for the score, and which tasks are acted on.

use super::super::language::root;
use super::super::spec::CheckedSpec;

/// Upstream examples in two parts, each by rising column. A seed decides them, whatever the task and the arm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplaySplit {
    /// What may be replayed and measured.
    pub pool: Vec<usize>,
    /// What is never replayed, and by which arms are scored.
    pub held_out: Vec<usize>,
}

impl ReplaySplit {
    /// That of `examples` examples.
    pub fn new(spec: &CheckedSpec, examples: usize, seed: u32) -> Self {
        let mut stream = root(seed).fork("held out").stream();
        let mut columns: Vec<usize> = (0..examples).collect();
        for end in (1..examples).rev() {
            columns.swap(end, stream.below(end as u32 + 1) as usize);
        }
        let held_out = ((spec.held_out * examples as f64).round() as usize).clamp(1, examples.max(2) - 1);
        let mut pool = columns.split_off(held_out.min(columns.len()));
        pool.sort_unstable();
        columns.sort_unstable();
        Self { pool, held_out: columns }
    }

    /// The values of the pool, of one value for each example.
    pub fn of_pool<T: Copy>(&self, values: &[T]) -> Vec<T> {
        self.pool.iter().map(|&column| values[column]).collect()
    }

    /// The columns of a row that are looked at: places in the pool, drawn with replacement, each once.
    pub fn observed(&self, spec: &CheckedSpec, task: usize, seed: u32) -> Vec<usize> {
        let mut stream = root(seed).fork("observed").fork(&task.to_string()).stream();
        let mut drawn: Vec<usize> = (0..spec.observed).map(|_| stream.below(self.pool.len() as u32) as usize).collect();
        drawn.sort_unstable();
        drawn.dedup();
        drawn
    }
}

/// The rows of the tasks that are acted on: so many, evenly taken out of all. Methods learn from the others.
pub fn acted(spec: &CheckedSpec) -> Vec<usize> {
    let (rows, acted) = (spec.rows(), spec.acted as usize);
    // The middle one of each part, so that the kinds at the ends are not always among them.
    (0..acted).map(|k| (2 * k + 1) * rows / (2 * acted)).collect()
}
