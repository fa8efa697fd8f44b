//! What a path comes to, smoothly enough to be followed downhill.

use super::Objective;
use super::course::{Course, Path};

/// An objective and its weights on the losses of the checkpoints; the maximum as a power mean of some sharpness.
pub(super) fn value(objective: Objective, sharpness: f64, path: &Path) -> (f64, Vec<f64>) {
    let losses: Vec<f64> = path.old_task.iter().map(|(loss, _)| *loss).collect();
    let count = losses.len();
    match objective {
        Objective::End => {
            let mut seeds = vec![0.0; count];
            seeds[count - 1] = 1.0;
            (losses[count - 1], seeds)
        }
        Objective::Average => (losses.iter().sum::<f64>() / count as f64, vec![1.0 / count as f64; count]),
        Objective::Worst => {
            let largest = losses.iter().copied().fold(0.0, f64::max);
            if largest == 0.0 {
                return (0.0, vec![0.0; count]);
            }
            let powers: Vec<f64> = losses.iter().map(|loss| libm::pow(loss / largest, sharpness - 1.0)).collect();
            let sum: f64 = powers.iter().zip(&losses).map(|(power, loss)| power * loss / largest).sum();
            let mean = sum / count as f64;
            let outside = libm::pow(mean, 1.0 / sharpness - 1.0) / count as f64;
            (largest * libm::pow(mean, 1.0 / sharpness), powers.iter().map(|power| outside * power).collect())
        }
    }
}

/// The path of the last fractions asked about: the goal and the constraints ask about the same.
pub(super) struct Cache<'a, 'b> {
    pub course: &'a Course<'b>,
    pub last: Option<(Vec<f64>, Path)>,
    pub evaluations: usize,
}

impl Cache<'_, '_> {
    pub fn at(&mut self, fractions: &[f64]) -> &Path {
        let kept = self.last.take().filter(|(known, _)| known == fractions);
        let entry = kept.unwrap_or_else(|| {
            self.evaluations += 1;
            (fractions.to_vec(), self.course.path(fractions))
        });
        &self.last.insert(entry).1
    }
}
