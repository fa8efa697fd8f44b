//! A model in tuning on one task, to which examples can be replayed.

use core::ops::Range;

use super::job::Row;

/// A base in tuning. Whatever it reads, and how it is measured, is its own matter; what is replayed is its caller's.
pub(super) trait Learner {
    /// Takes a step on new windows (or points) of the task, by their numbers, and on replayed examples, by their columns.
    /// The step at which it diverged, if it did.
    fn step(&mut self, new: Range<u64>, replayed: &[usize]) -> Option<u32>;

    /// How much the losses of examples would rise if it took a step on these new windows alone: `[columns]`. It stays as
    /// it is.
    fn ahead(&self, new: Range<u64>, columns: &[usize]) -> Vec<f64>;

    /// Losses of examples now less those of the base: `[columns]`.
    fn rises(&self, columns: &[usize]) -> Vec<f64>;

    /// What it did to all examples; `None` where a loss is no number.
    fn row(&self) -> Option<Row>;

    /// The loss of the task now, on what it has not read.
    fn task_loss(&self) -> f64;
}
