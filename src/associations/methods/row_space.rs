//! What the training rows say of any row: a mean, and the directions in which rows differ.

use nalgebra::{DMatrix, SymmetricEigen};

use super::probability;
use super::regression::{add, add_outer, dot, solve};

/// Most steps of Newton's method.
const MOST_STEPS: usize = 50;

/// Rows as z = base + G w, with w ~ N(0, I) over rows and noise on every entry: a new row is completed by the w that
/// its observed entries make most probable.
///
/// # Shapes
/// `base`: `[N]`; `directions`, G: `[N, d]`, row-major.
pub(super) struct RowSpace {
    pub base: Vec<f64>,
    pub directions: Vec<f64>,
    /// Dimensions, d.
    pub d: usize,
    /// How entries come about.
    pub entries: Entries,
}

/// How entries come about.
pub(super) enum Entries {
    /// z plus noise of this variance.
    Values { noise: f64 },
    /// Not said: w minimises the mean square over what is observed plus sum penalty w^2 (`[d]`).
    Averaged { penalties: Vec<f64> },
    /// 1 with probability 1 / (1 + exp(-z)), else 0. What is told is the logit of the probability that is left over what
    /// of w is uncertain.
    Answers,
}

impl RowSpace {
    /// From the coordinates of the training rows and the features of columns: the model is base_j + x_j . theta_i, and
    /// theta has the mean and covariance that it has over the training rows.
    ///
    /// # Shapes
    /// `theta`: `[M, d]`; `features`, x: `[N, d]`; both row-major.
    pub fn of(mut base: Vec<f64>, theta: &[f64], features: Vec<f64>, d: usize, entries: Entries) -> Self {
        let rows = theta.len() / d.max(1);
        let mut mean = vec![0.0; d];
        theta.chunks_exact(d.max(1)).for_each(|row| add(&mut mean, row, 1.0 / rows as f64));
        let covariance = DMatrix::from_fn(d, d, |i, j| {
            let products = theta.chunks_exact(d.max(1)).map(|row| (row[i] - mean[i]) * (row[j] - mean[j]));
            products.sum::<f64>() / (rows.max(2) - 1) as f64
        });
        let mut directions = features;
        if d > 0 {
            let found = SymmetricEigen::new(covariance);
            let root = DMatrix::from_fn(d, d, |i, j| found.eigenvectors[(i, j)] * found.eigenvalues[j].max(0.0).sqrt());
            for (base, features) in base.iter_mut().zip(directions.chunks_exact_mut(d)) {
                *base += dot(features, &mean);
                let turned: Vec<f64> = (0..d).map(|j| (0..d).map(|i| features[i] * root[(i, j)]).sum()).collect();
                features.copy_from_slice(&turned);
            }
        }
        Self { base, directions, d, entries }
    }

    /// What is expected of every column, given some: `[N]`; of answers the logits.
    pub fn complete(&self, observed: &[(usize, f32)]) -> Vec<f64> {
        let w = match &self.entries {
            Entries::Values { noise } => self.fitted(observed, |_| *noise),
            Entries::Averaged { penalties } => self.fitted(observed, |k| penalties[k] * observed.len() as f64),
            Entries::Answers => self.likeliest(observed),
        };
        let directions = self.directions.chunks_exact(self.d.max(1));
        let mut expected = match self.d {
            0 => self.base.clone(),
            _ => self.base.iter().zip(directions).map(|(base, direction)| base + dot(direction, &w)).collect(),
        };
        if let Entries::Answers = self.entries {
            self.soften(&mut expected, observed);
        }
        expected
    }

    /// Makes the logits at the most probable w those of the mean probability over w, which is normal about there with
    /// the inverse of the curvature: logit / sqrt(1 + pi variance / 8).
    ///
    /// Source: MacKay 1992, Neural Computation 4, 720.
    fn soften(&self, logits: &mut [f64], observed: &[(usize, f32)]) {
        let d = self.d;
        if d == 0 {
            return;
        }
        let mut curvature = vec![0.0; d * d];
        (0..d).for_each(|k| curvature[k * d + k] = 1.0);
        for &(column, _) in observed {
            let chance = probability(logits[column]);
            add_outer(&mut curvature, self.direction(column), chance * (1.0 - chance));
        }
        // Its inverse, column by column.
        let mut covariance = vec![0.0; d * d];
        for k in 0..d {
            let unit = &mut covariance[k * d..][..d];
            unit[k] = 1.0;
            solve(&mut curvature.clone(), unit);
        }
        for (logit, direction) in logits.iter_mut().zip(self.directions.chunks_exact(d)) {
            let rows = covariance.chunks_exact(d).zip(direction);
            let variance: f64 = rows.map(|(row, own)| own * dot(row, direction)).sum();
            *logit /= (1.0 + core::f64::consts::PI / 8.0 * variance).sqrt();
        }
    }

    fn direction(&self, column: usize) -> &[f64] {
        &self.directions[column * self.d..][..self.d]
    }

    /// (G^T G + penalties)^-1 G^T (z - base) over the observed columns.
    fn fitted(&self, observed: &[(usize, f32)], penalty: impl Fn(usize) -> f64) -> Vec<f64> {
        let d = self.d;
        let (mut normal, mut w) = (vec![0.0; d * d], vec![0.0; d]);
        for &(column, value) in observed {
            let direction = self.direction(column);
            add_outer(&mut normal, direction, 1.0);
            add(&mut w, direction, f64::from(value) - self.base[column]);
        }
        (0..d).for_each(|k| normal[k * d + k] += penalty(k));
        solve(&mut normal, &mut w);
        w
    }

    /// The minimiser of -log likelihood + |w|^2 / 2.
    fn likeliest(&self, observed: &[(usize, f32)]) -> Vec<f64> {
        let rows: Vec<Answer<'_>> = observed
            .iter()
            .map(|&(column, value)| Answer {
                features: self.direction(column),
                offset: self.base[column],
                is_one: value > 0.5,
            })
            .collect();
        let mut w = vec![0.0; self.d];
        newton(&rows, &vec![1.0; self.d], &mut w, MOST_STEPS);
        w
    }
}

/// One answer: its logit is offset + features . w.
pub(super) struct Answer<'a> {
    pub features: &'a [f64],
    pub offset: f64,
    pub is_one: bool,
}

/// Improves w by so many steps of Newton's method on sum log(1 + exp(-+logit)) + sum penalty w^2 / 2, each shortened
/// until it moves no logit by more than 1. Such a step always makes it better: the logistic loss's third derivative is
/// at most its second, so curvature averages at most 1.44 times what it is at the start (Bach 2010, Electron. J. Statist.
/// 4, 384).
pub(super) fn newton(answers: &[Answer<'_>], penalties: &[f64], w: &mut [f64], steps: usize) {
    let d = w.len();
    let (mut normal, mut step) = (vec![0.0; d * d], vec![0.0; d]);
    for _ in 0..steps {
        normal.fill(0.0);
        for i in 0..d {
            normal[i * d + i] = penalties[i];
            step[i] = -penalties[i] * w[i];
        }
        for one in answers {
            let chance = probability(one.offset + dot(one.features, w));
            add(&mut step, one.features, f64::from(u8::from(one.is_one)) - chance);
            add_outer(&mut normal, one.features, chance * (1.0 - chance));
        }
        solve(&mut normal, &mut step);
        let farthest = answers.iter().map(|one| dot(one.features, &step).abs()).fold(0.0, f64::max);
        add(w, &step, 1.0 / farthest.max(1.0));
        if farthest < ARRIVED {
            return;
        }
    }
}

/// Newton's method ends where no logit moves by more than this.
const ARRIVED: f64 = 1e-9;
