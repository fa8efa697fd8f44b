//! The linearised dynamics mode by mode, under constant weights.

use nalgebra::{DMatrix, DVector};
use ndarray::{Array1, Array2};

use super::linearised::Linearised;
use super::matrix::{eigen, outer, outer_vector, rounding};
use super::response::Response;
use super::rule::Rule;
use super::theory_error::TheoryError;

/// The eigenmodes of A = W^{1/2} K W^{1/2}, from the fastest to the slowest.
///
/// f_*(t) = f_{*,0} - sum_i h_i phi_t(a_i) b_i, with flow's phi_t(a) = kap (1 - exp(-(kap a + lam) t)) / (kap a + lam)
/// and the same with (1 - rate (kap a + lam))^l for descent.
///
/// # Shapes
/// `rates`, `excitations`: `[n]`; `effects`: `[m, n]`.
#[derive(Clone, Debug)]
pub struct Modes {
    /// kap a_i, per unit of time; the ridge adds lam to each.
    pub rates: Array1<f64>,
    /// b = Q^T W^{1/2} r_0: how much of each mode is to be learned.
    pub excitations: Array1<f64>,
    /// h_i = K_* W^{1/2} q_i, by column: what learning a mode does to the evaluation points.
    pub effects: Array2<f64>,
    pub(super) vectors: DMatrix<f64>,
    pub(super) root_weights: DVector<f64>,
    pub(super) effect_columns: DMatrix<f64>,
    /// Eigenvalues a_i.
    pub(super) eigenvalues: DVector<f64>,
    pub(super) start: DVector<f64>,
    pub(super) loss_factor: f64,
    pub(super) ridge: f64,
    /// Eigenvalues up to here are rounding.
    pub(super) cut: f64,
}

impl Linearised {
    /// The eigenmodes under the weights `[n]` of the examples.
    ///
    /// One symmetric eigenvalue problem and two products of n x n matrices.
    ///
    /// # Errors
    /// Weights that are no weights; a kernel that is not positive semi-definite.
    pub fn modes(&self, weights: &Array1<f64>) -> Result<Modes, TheoryError> {
        self.modes_of(self.checked_weights(weights)?)
    }

    pub(super) fn modes_of(&self, weights: DVector<f64>) -> Result<Modes, TheoryError> {
        let root_weights = weights.map(f64::sqrt);
        let n = self.examples();
        let between = DMatrix::from_fn(n, n, |i, j| root_weights[i] * self.kernel[(i, j)] * root_weights[j]);
        let (eigenvalues, vectors) = eigen(between)?;
        let cut = rounding(n) * eigenvalues[0];
        let loaded = DMatrix::from_fn(n, n, |i, j| root_weights[i] * vectors[(i, j)]);
        let mut effects = &self.evaluation_kernel * &loaded;
        let excitations = loaded.tr_mul(&self.residuals);
        silence(&mut effects, &loaded, &self.evaluation_kernel, |mode| eigenvalues[mode] <= cut);
        Ok(Modes {
            rates: outer_vector(&(&eigenvalues * self.loss_factor)),
            excitations: outer_vector(&excitations),
            effects: outer(&effects),
            vectors,
            root_weights,
            effect_columns: effects,
            eigenvalues,
            start: self.outputs.clone(),
            loss_factor: self.loss_factor,
            ridge: self.ridge,
            cut,
        })
    }
}

/// Vectors of modes without eigenvalue are off by the rounding of a matrix over its smallest other eigenvalues:
/// by this many times that of its entries, as found with random kernels.
pub(super) const NOISE: f64 = 64.0;

/// Sets effects of modes without eigenvalue to the zero that they are, where rounding has left less than
/// its own size: a mode that is never learned would otherwise carry that rounding away without end.
fn silence(effects: &mut DMatrix<f64>, loaded: &DMatrix<f64>, kernel: &DMatrix<f64>, null: impl Fn(usize) -> bool) {
    let rounding = NOISE * rounding(loaded.nrows());
    let rows: Vec<f64> = kernel.row_iter().map(|row| row.amax()).collect();
    for mode in (0..loaded.ncols()).filter(|&mode| null(mode)) {
        let noise = rounding * loaded.column(mode).amax();
        for (row, size) in rows.iter().enumerate() {
            if effects[(row, mode)].abs() <= noise * size {
                effects[(row, mode)] = 0.0;
            }
        }
    }
}

impl Modes {
    /// f_*(t), `[m]`: the evaluation outputs after a time, or a number of steps.
    ///
    /// Beyond the stability bound this is still right as long as it is finite.
    ///
    /// # Errors
    /// A rule or time that is none; a prediction that overflows.
    pub fn outputs(&self, rule: Rule, time: f64) -> Result<Array1<f64>, TheoryError> {
        let amplitudes = self.amplitudes(rule, time)?;
        let outputs = &self.start + &self.effect_columns * amplitudes;
        if outputs.iter().all(|output| output.is_finite()) {
            Ok(outer_vector(&outputs))
        } else {
            Err(TheoryError::Overflow { time })
        }
    }

    /// The same modes, asked at some of the evaluation points only.
    ///
    /// # Errors
    /// A point that is not among the m.
    pub fn seen_at(&self, points: &[usize]) -> Result<Self, TheoryError> {
        self.checked_points(points)?;
        let effect_columns = self.effect_columns.select_rows(points);
        Ok(Self {
            effects: outer(&effect_columns),
            effect_columns,
            start: self.start.select_rows(points),
            ..self.clone()
        })
    }

    /// # Errors
    /// A point that is not among the m.
    pub(super) fn checked_points(&self, points: &[usize]) -> Result<(), TheoryError> {
        let m = self.start.len();
        match points.iter().find(|&&point| point >= m) {
            Some(point) => Err(TheoryError::wrong("evaluation output", point, format!("below {m}"))),
            None => Ok(()),
        }
    }

    /// -phi_t(a_i) b_i of each mode, `[n]`: what multiplies its effect.
    pub(super) fn amplitudes(&self, rule: Rule, time: f64) -> Result<DVector<f64>, TheoryError> {
        let (rule, time) = (rule.checked()?, rule.checked_time(time)?);
        let amplitudes = DVector::from_fn(self.rates.len(), |i, _| {
            let push = self.loss_factor * self.excitations[i];
            if push == 0.0 { 0.0 } else { push * Response::of(rule, self.curvature(i), time).pushed }
        });
        if amplitudes.iter().all(|amplitude| amplitude.is_finite()) {
            Ok(amplitudes)
        } else {
            Err(TheoryError::Overflow { time })
        }
    }

    /// kap a_i + lam.
    pub(super) fn curvature(&self, mode: usize) -> f64 {
        self.rates[mode] + self.ridge
    }

    /// The largest rate below which the rule is stable (`None`: every rate is): 2 / (kap a_1 + lam) for descent,
    /// (1 + beta) times that for momentum. At the bound itself the fastest mode oscillates for ever.
    pub fn rate_bound(&self, rule: Rule) -> Option<f64> {
        rule.rate_bound(self.curvature(0))
    }
}
