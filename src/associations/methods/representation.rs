//! What representations of task and example say, and nothing of the row itself.

use std::sync::Arc;

use nalgebra::{DMatrix, DVector, SymmetricEigen};

use super::{Known, Method, Model, probability};
use crate::associations::{Features, Training};
use crate::seed::Seed;

/// Principal components that are taken of rows, and of columns.
const COMPONENTS: usize = 8;
/// Parts of the training rows that are left out in turn to choose the penalty.
const PARTS: usize = 5;
/// Penalties that are tried, as shares of the number of entries.
const PENALTIES: [f64; 7] = [1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1];
/// Most steps of Newton's method, which ends where no sum moves by more than `ARRIVED`.
const MOST_STEPS: usize = 100;
const ARRIVED: f64 = 1e-9;

/// z_ij = b_j + f_i . W (g_j, 1): the inner product of trained representations of task and example, and how often, or
/// by how much, the example was forgotten in training; of answers the same as a logit. It is shown no entry of the row
/// that it predicts.
///
/// f and g are the leading principal components of what is known of rows and columns; b_j the mean over training rows
/// (of answers the logit of the share that was lost, half the share of all counted once more); W minimises the squares
/// (the negative log-likelihood) and a penalty on |W|^2, which is chosen by leaving out parts of the training rows.
///
/// Source: Jin & Ren 2024 (arXiv 2402.01865), section 4, who train an encoder; here representations stay as they are, and
/// what is trained are linear maps of them.
#[derive(Clone, Debug)]
pub struct Representation {
    pub features: Arc<Features>,
    /// Whether it tells logits of a binary matrix.
    pub is_binary: bool,
}

/// What was learned.
struct Learned {
    prior: Vec<f64>,
    /// f of all rows of the matrix and g of all columns.
    rows: DMatrix<f64>,
    columns: DMatrix<f64>,
    weights: DMatrix<f64>,
}

impl Method for Representation {
    fn name(&self) -> &'static str {
        if self.is_binary { "logistic_representation" } else { "representation" }
    }

    fn tells_logits(&self) -> bool {
        self.is_binary
    }

    fn fit<'a>(&self, training: &Training<'a>) -> Box<dyn Model + 'a> {
        let own: Vec<usize> = (0..training.rows()).map(|row| training.number(row)).collect();
        let (numbers, count) = self.features.rows();
        let rows = components(numbers, count, &own);
        let (numbers, count) = self.features.columns();
        let columns = components(numbers, count, &(0..training.columns()).collect::<Vec<usize>>());
        let columns = columns.clone().insert_column(columns.ncols(), 1.0);
        let problem = Fitting { training, own, rows: &rows, columns: &columns, is_binary: self.is_binary };
        let (prior, weights) = problem.solved();
        Box::new(Learned { prior, rows, columns, weights })
    }
}

impl Model for Learned {
    /// Of a row of which nothing is known, what is known of columns.
    fn complete(&self, _: &Known, _: Seed) -> Vec<f64> {
        self.prior.clone()
    }

    fn complete_row(&self, number: usize, _: &Known, _: Seed) -> Vec<f64> {
        let own = self.rows.row(number) * &self.weights;
        let products = self.columns.row_iter().map(|column| column.dot(&own));
        self.prior.iter().zip(products).map(|(prior, product)| prior + product).collect()
    }
}

/// Leading principal components of some numbers for each item, around the mean of `own` items and in units of the root of
/// their mean square: `[items, COMPONENTS or fewer]`.
fn components(numbers: &[f32], count: usize, own: &[usize]) -> DMatrix<f64> {
    let items = numbers.len() / count;
    let mut all = DMatrix::from_fn(items, count, |item, k| f64::from(numbers[item * count + k]));
    let of_own = all.select_rows(own);
    let mean = of_own.row_mean();
    all.row_iter_mut().for_each(|mut row| row -= &mean);
    let of_own = all.select_rows(own);
    let scale = (of_own.norm_squared() / own.len() as f64).sqrt();
    if scale == 0.0 {
        return DMatrix::zeros(items, 0);
    }
    let found = SymmetricEigen::new(of_own.transpose() * &of_own);
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&a, &b| found.eigenvalues[b].total_cmp(&found.eigenvalues[a]));
    order.truncate(COMPONENTS.min(own.len().saturating_sub(1)));
    all * found.eigenvectors.select_columns(&order) / scale
}

/// What W is fitted to.
struct Fitting<'a, 'b> {
    training: &'b Training<'a>,
    /// The numbers of the training rows.
    own: Vec<usize>,
    rows: &'b DMatrix<f64>,
    columns: &'b DMatrix<f64>,
    is_binary: bool,
}

impl Fitting<'_, '_> {
    /// The prior and the weights by all training rows, with the penalty that predicts rows best which are left out.
    fn solved(&self) -> (Vec<f64>, DMatrix<f64>) {
        let all: Vec<usize> = (0..self.training.rows()).collect();
        let parts = PARTS.min(all.len());
        let mut losses = [0.0; PENALTIES.len()];
        for part in 0..parts {
            let (out, kept): (Vec<usize>, Vec<usize>) = all.iter().partition(|&&row| row % parts == part);
            if kept.is_empty() {
                continue;
            }
            let prior = self.prior(&kept);
            for (loss, penalty) in losses.iter_mut().zip(PENALTIES) {
                let weights = self.weights(&kept, &prior, penalty);
                *loss += out.iter().map(|&row| self.loss(row, &prior, &weights)).sum::<f64>();
            }
        }
        // Of equal ones the larger.
        let best = (0..losses.len()).rev().reduce(|best, k| if losses[k] < losses[best] { k } else { best });
        let prior = self.prior(&all);
        let weights = self.weights(&all, &prior, PENALTIES[best.unwrap_or(0)]);
        (prior, weights)
    }

    fn prior(&self, rows: &[usize]) -> Vec<f64> {
        let (mut sums, mut counts) = (vec![0.0; self.training.columns()], vec![0.0; self.training.columns()]);
        for (column, entry) in rows.iter().flat_map(|&row| self.training.present(row)) {
            sums[column] += entry;
            counts[column] += 1.0;
        }
        let all = counts.iter().sum::<f64>();
        let mean = sums.iter().sum::<f64>() / all.max(1.0);
        // Half an answer more of either kind keeps the logit finite.
        let share = (mean * all + 0.5) / (all + 1.0);
        let of_column = |(sum, count): (&f64, &f64)| match (self.is_binary, *count > 0.0) {
            (true, _) => logit((sum + share) / (count + 1.0)),
            (false, true) => sum / count,
            (false, false) => mean,
        };
        sums.iter().zip(&counts).map(of_column).collect()
    }

    /// The sums of a row: prior and product.
    fn sums(&self, row: usize, prior: &[f64], weights: &DMatrix<f64>) -> Vec<f64> {
        let own = self.rows.row(self.own[row]) * weights;
        let products = self.columns.row_iter().map(|column| column.dot(&own));
        prior.iter().zip(products).map(|(prior, product)| prior + product).collect()
    }

    fn loss(&self, row: usize, prior: &[f64], weights: &DMatrix<f64>) -> f64 {
        let sums = self.sums(row, prior, weights);
        let of_entry = |(column, entry): (usize, f64)| match self.is_binary {
            // log(1 + exp(-+ sum))
            true => {
                let against = if entry > 0.5 { -sums[column] } else { sums[column] };
                against.max(0.0) + libm::log1p(libm::exp(-against.abs()))
            }
            false => 0.5 * (entry - sums[column]) * (entry - sums[column]),
        };
        self.training.present(row).map(of_entry).sum()
    }

    /// The minimiser of the loss and penalty |W|^2 / 2 by Newton's method, of which squares need one step. A step is
    /// shortened until it moves no logit by more than 1, as in `row_space`.
    fn weights(&self, rows: &[usize], prior: &[f64], share: f64) -> DMatrix<f64> {
        let (d, e) = (self.rows.ncols(), self.columns.ncols());
        let mut weights = DMatrix::zeros(d, e);
        if d == 0 {
            return weights;
        }
        let entries: usize = rows.iter().map(|&row| self.training.present(row).count()).sum();
        let penalty = share * entries as f64;
        for _ in 0..if self.is_binary { MOST_STEPS } else { 1 } {
            let (gradient, curvature) = self.derivatives(rows, prior, &weights, penalty);
            let Some(factor) = curvature.cholesky() else { return weights };
            let step = factor.solve(&gradient);
            let step = DMatrix::from_fn(d, e, |i, k| step[i * e + k]);
            let moved = |row: &usize| (self.rows.row(self.own[*row]) * &step * self.columns.transpose()).amax();
            let farthest = rows.iter().map(moved).fold(0.0, f64::max);
            weights += if self.is_binary { step / farthest.max(1.0) } else { step };
            if farthest < ARRIVED {
                break;
            }
        }
        weights
    }

    /// Minus the gradient and the second derivatives by W, row by row: per column, one product of the rows' squares.
    fn derivatives(
        &self,
        rows: &[usize],
        prior: &[f64],
        weights: &DMatrix<f64>,
        penalty: f64,
    ) -> (DVector<f64>, DMatrix<f64>) {
        let (d, e, columns) = (self.rows.ncols(), self.columns.ncols(), self.training.columns());
        let (mut slopes, mut squares) = (vec![0.0; columns * d], vec![0.0; columns * d * d]);
        for &row in rows {
            let f: Vec<f64> = self.rows.row(self.own[row]).iter().copied().collect();
            let sums = self.sums(row, prior, weights);
            for (column, entry) in self.training.present(row) {
                let (left, weight) = if self.is_binary {
                    let chance = probability(sums[column]);
                    (f64::from(u8::from(entry > 0.5)) - chance, chance * (1.0 - chance))
                } else {
                    (entry - sums[column], 1.0)
                };
                let (slope, square) = (&mut slopes[column * d..][..d], &mut squares[column * d * d..][..d * d]);
                for i in 0..d {
                    slope[i] += left * f[i];
                    let own = weight * f[i];
                    (0..=i).for_each(|k| square[i * d + k] += own * f[k]);
                }
            }
        }
        let mut gradient = DVector::zeros(d * e);
        let mut curvature = DMatrix::zeros(d * e, d * e);
        for column in 0..columns {
            let g: Vec<f64> = self.columns.row(column).iter().copied().collect();
            for i in 0..d {
                (0..e).for_each(|k| gradient[i * e + k] += slopes[column * d + i] * g[k]);
                for j in 0..=i {
                    let own = squares[(column * d + i) * d + j];
                    for k in 0..e {
                        let scaled = own * g[k];
                        (0..e).for_each(|l| curvature[(i * e + k, j * e + l)] += scaled * g[l]);
                    }
                }
            }
        }
        for i in 0..d * e {
            gradient[i] -= penalty * weights[(i / e, i % e)];
            curvature[(i, i)] += penalty;
        }
        (gradient, curvature)
    }
}

fn logit(share: f64) -> f64 {
    libm::log(share / (1.0 - share))
}
