//! What a sequence of tasks is judged by, in losses.

/// The losses on every task before fine-tuning and after each new task.
///
/// # Shapes
/// `rows`: `[S + 1]` of `[S + 1]`, S new tasks; row i is after task i, row 0 before fine-tuning; column j is task j,
/// 0 the old one.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskMatrix(Vec<Vec<f64>>);

impl TaskMatrix {
    /// `None` unless it is square, finite, and has at least one new task.
    pub fn new(rows: Vec<Vec<f64>>) -> Option<Self> {
        let n = rows.len();
        let is_square = rows.iter().all(|row| row.len() == n && row.iter().all(|loss| loss.is_finite()));
        (n > 1 && is_square).then_some(Self(rows))
    }

    /// The rows.
    pub fn rows(&self) -> &[Vec<f64>] {
        &self.0
    }

    /// The mean over all tasks but the last of the loss at the end less the least loss since the task was learned
    /// (Chaudhry et al. 1801.10112, with losses for accuracies). Never negative.
    pub fn average_forgetting(&self) -> f64 {
        let best = |task: usize| self.0[task..].iter().map(|row| row[task]).fold(f64::INFINITY, f64::min);
        self.over_earlier(|task| self.end()[task] - best(task))
    }

    /// The mean over all tasks but the last of the loss right after the task was learned less that at the end: above
    /// zero where later tasks helped (Lopez-Paz and Ranzato 1706.08840, with losses for accuracies).
    pub fn backward_transfer(&self) -> f64 {
        self.over_earlier(|task| self.0[task][task] - self.end()[task])
    }

    /// The mean over the new tasks of the loss right after each was learned: how well the network still learns.
    pub fn plasticity(&self) -> f64 {
        let last = self.0.len() - 1;
        (1..=last).map(|task| self.0[task][task]).sum::<f64>() / last as f64
    }

    fn end(&self) -> &[f64] {
        &self.0[self.0.len() - 1]
    }

    fn over_earlier(&self, of: impl Fn(usize) -> f64) -> f64 {
        let last = self.0.len() - 1;
        (0..last).map(of).sum::<f64>() / last as f64
    }
}

#[cfg(test)]
mod tests {
    use super::TaskMatrix;

    #[test]
    fn a_matrix_by_hand() {
        let rows = vec![vec![0.1, 2.0, 3.0], vec![0.5, 0.2, 2.5], vec![0.7, 0.05, 0.4]];
        let matrix = TaskMatrix::new(rows).unwrap();
        // Task 0: from 0.1 to 0.7; task 1: 0.2 after it was learned, least 0.05, at the end 0.05.
        assert!((matrix.average_forgetting() - 0.3).abs() < 1e-12);
        assert!((matrix.backward_transfer() - (0.1 - 0.7 + 0.2 - 0.05) / 2.0).abs() < 1e-12);
        assert!((matrix.plasticity() - 0.3).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_matrix_is_refused() {
        for rows in [vec![], vec![vec![0.0]], vec![vec![0.0, 1.0]], vec![vec![0.0, f64::NAN], vec![1.0, 1.0]]] {
            assert_eq!(TaskMatrix::new(rows), None);
        }
    }
}
