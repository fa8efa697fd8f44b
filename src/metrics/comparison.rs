//! Forgetting read where something other than the step count is held equal.

use crate::stats::sorted;

/// One fine-tuning run at its checkpoints.
///
/// # Shapes
/// All three have one entry per checkpoint; entry 0 is before fine-tuning.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Track {
    pub id_loss: Vec<f64>,
    /// Old-task loss minus that before fine-tuning.
    pub forgetting: Vec<f64>,
    /// Effective time, never falling.
    pub time: Vec<f64>,
}

impl Track {
    /// Forgetting when the ID loss first reaches `level`, interpolated between checkpoints in log
    /// loss; `None` if it never does.
    pub fn forgetting_at_id_loss(&self, level: f64) -> Option<f64> {
        let reached = self.id_loss.iter().position(|&loss| loss <= level)?;
        let log = |loss: f64| libm::log(loss.max(f64::MIN_POSITIVE));
        self.between(reached, |k| log(self.id_loss[k]), log(level))
    }

    /// Forgetting at an effective time, interpolated between checkpoints in time; `None` if the
    /// run is shorter.
    pub fn forgetting_at_time(&self, time: f64) -> Option<f64> {
        let reached = self.time.iter().position(|&t| t >= time)?;
        self.between(reached, |k| self.time[k], time)
    }

    /// Lowest ID loss at any checkpoint.
    pub fn lowest_id_loss(&self) -> Option<f64> {
        self.id_loss.iter().copied().min_by(f64::total_cmp)
    }

    fn between(&self, reached: usize, scale: impl Fn(usize) -> f64, target: f64) -> Option<f64> {
        let at_end = *self.forgetting.get(reached)?;
        let Some(before) = reached.checked_sub(1) else { return Some(at_end) };
        let (from, to) = (scale(before), scale(reached));
        let part = if from == to { 1.0 } else { ((target - from) / (to - from)).clamp(0.0, 1.0) };
        Some(self.forgetting[before] + part * (at_end - self.forgetting[before]))
    }
}

/// The lowest level that nine runs in ten reach in every group, where a run reaches every level
/// from `reach` up. `None` if a group is empty.
///
/// ```
/// use lethe::metrics::lowest_common;
/// let narrow: Vec<f64> = (1..=10).map(f64::from).collect();
/// assert_eq!(lowest_common(&[narrow, vec![2.0; 10]]), Some(9.0));
/// ```
pub fn lowest_common(groups: &[Vec<f64>]) -> Option<f64> {
    let needed = |group: &Vec<f64>| {
        let reach = sorted(group.clone());
        let enough = (reach.len() * 9).div_ceil(10);
        enough.checked_sub(1).map(|index| reach[index])
    };
    let levels: Option<Vec<f64>> = groups.iter().map(needed).collect();
    levels?.into_iter().max_by(f64::total_cmp)
}
