//! Which modes move some points, and how few of them it takes.

use nalgebra::DVector;
use ndarray::Array1;

use super::evaluation_loss::EvaluationLoss;
use super::matrix::outer_vector;
use super::modes::Modes;
use super::rule::Rule;
use super::theory_error::TheoryError;

/// What one mode contributes to the change of the chosen outputs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Carrier {
    /// Its place among the modes, fastest first.
    pub mode: usize,
    /// |c_i| of its contribution c_i = -h_i phi_t(a_i) b_i, an L2 norm over the chosen outputs.
    pub size: f64,
    /// <c_i, D> / |D|^2 for the whole change D = sum_i c_i: adds up to 1, negative where the mode works against it.
    pub share: f64,
}

/// The modes behind a change, from the largest contribution down.
#[derive(Clone, Debug, PartialEq)]
pub struct Carriers {
    /// |D|, the whole change.
    pub change: f64,
    pub modes: Vec<Carrier>,
    /// |D - sum of the first k contributions| / |D|, for k = 0 to n.
    left: Vec<f64>,
}

impl Modes {
    /// The modes that carry the change of the evaluation outputs `points` after a time, or a number of steps.
    ///
    /// # Errors
    /// An output that is not among the m; what [`Modes::outputs`] refuses.
    pub fn carriers(&self, rule: Rule, time: f64, points: &[usize]) -> Result<Carriers, TheoryError> {
        self.checked_points(points)?;
        let amplitudes = self.amplitudes(rule, time)?;
        let contributions: Vec<DVector<f64>> = (0..amplitudes.len())
            .map(|i| DVector::from_fn(points.len(), |row, _| self.effect_columns[(points[row], i)] * amplitudes[i]))
            .collect();
        let whole: DVector<f64> = contributions.iter().fold(DVector::zeros(points.len()), |sum, part| sum + part);
        let change = whole.norm();
        if !change.is_finite() {
            return Err(TheoryError::Overflow { time });
        }
        let over = |value: f64, whole: f64| if whole > 0.0 { value / whole } else { 0.0 };
        let mut modes: Vec<Carrier> = contributions
            .iter()
            .enumerate()
            .map(|(mode, part)| Carrier {
                mode,
                size: part.norm(),
                share: over(part.dot(&whole) / change.max(f64::MIN_POSITIVE), change),
            })
            .collect();
        modes.sort_by(|a, b| b.size.total_cmp(&a.size));
        let mut rest = whole;
        let mut left = vec![over(rest.norm(), change)];
        for carrier in &modes {
            rest -= &contributions[carrier.mode];
            left.push(over(rest.norm(), change));
        }
        Ok(Carriers { change, modes, left })
    }

    /// What each mode does to a loss over the evaluation points, `[n]`, fastest first: s_i = sum_j v_j c_ij (2 e_j + D_j)
    /// with the errors e_j at the start and the whole change D = sum_i c_i. They add up to L(t) - L(0), and are negative
    /// where a mode lowers the loss.
    ///
    /// ```
    /// use lethe::kernel::{EvaluationLoss, Linearised, Rule};
    /// use ndarray::array;
    /// // f = theta x, fitted at x = 1 to y = 1 and held against 0 at x = 3.
    /// let line = Linearised::new(array![[1.0]], array![[3.0]], array![-1.0], array![0.0])?;
    /// let loss = EvaluationLoss::mean(1, &[(0, 0.0)])?;
    /// let changes = line.modes(&array![1.0])?.loss_changes(Rule::Descent { rate: 0.5 }, 1.0, &loss)?;
    /// assert_eq!(changes.to_vec(), [9.0]);
    /// # Ok::<(), lethe::kernel::TheoryError>(())
    /// ```
    ///
    /// # Errors
    /// A loss over other points; what [`Modes::outputs`] refuses.
    pub fn loss_changes(&self, rule: Rule, time: f64, loss: &EvaluationLoss) -> Result<Array1<f64>, TheoryError> {
        let amplitudes = self.amplitudes(rule, time)?;
        let slope = loss.slope(&self.start, &(&self.effect_columns * &amplitudes))?;
        let changes = self.effect_columns.tr_mul(&slope).component_mul(&amplitudes);
        if changes.iter().all(|change| change.is_finite()) {
            Ok(outer_vector(&changes))
        } else {
            Err(TheoryError::Overflow { time })
        }
    }
}

impl Carriers {
    /// How many modes, largest first, make the change within 1 - `fraction` of its norm, and so does every
    /// larger number of them; 0 where nothing moves.
    pub fn needed(&self, fraction: f64) -> usize {
        self.left.iter().rposition(|&left| left > 1.0 - fraction).map_or(0, |last| (last + 1).min(self.modes.len()))
    }
}
