//! Binary matrices: logits that are additive, or of low rank.

use super::factorisation::{Learned, coordinates};
use super::row_space::{Answer, Entries, RowSpace, newton};
use super::{Method, Model};
use crate::associations::Training;

/// Most rounds over columns and rows.
const MOST_ROUNDS: usize = 50;
/// The rounds end where no row's coordinates move by more than this.
const SETTLED: f64 = 0.001;
/// Standard deviation of the columns' effects around the logit of the share of ones, and of the rows'.
const COLUMNS: f64 = 2.0;
const ROWS: f64 = 1.0;
/// Weight of |p_i|^2 / 2 and |q_j|^2 / 2, as in the paper's code.
const FACTORS: f64 = 0.1;
/// The derivative of a logit by its probability is at least this.
const STEEPNESS: f64 = 4.0;

/// P(z_ij = 1) = sigmoid(mean + u_i + v_j + p_i . q_j), the most probable parameters under normal priors, by Newton's
/// method, a step on every column and a step on every row in turn. Without factors it is the logistic additive model.
///
/// A new row is completed by the u and p that are most probable given its answers, with the mean and covariance that
/// they have over the training rows.
///
/// Source: Johnson 2014, NIPS workshop (logistic matrix factorisation); here every entry weighs 1.
#[derive(Clone, Copy, Debug)]
pub struct Logistic {
    pub factors: usize,
}

impl Method for Logistic {
    fn name(&self) -> &'static str {
        if self.factors == 0 { "logistic_additive" } else { "logistic_factorisation" }
    }

    fn tells_logits(&self) -> bool {
        true
    }

    fn fit<'a>(&self, training: &Training<'a>) -> Box<dyn Model + 'a> {
        Box::new(Learned(fitted(training, self.factors)))
    }
}

fn fitted(training: &Training<'_>, factors: usize) -> RowSpace {
    let (effects, spectrum) = (training.effects(), training.residual_spectrum());
    let (rows, columns) = (training.rows(), training.columns());
    // Half an answer more of either kind keeps the logit finite.
    let ones: usize = (0..rows).map(|row| training.present(row).filter(|(_, entry)| *entry > 0.5).count()).sum();
    let share = (ones as f64 + 0.5) / (training.entries() as f64 + 1.0);
    let mean = libm::log(share / (1.0 - share));
    let rank = spectrum.rank(factors);
    let d = rank + 1;
    let (mut theta, mut features) = coordinates(training, effects, spectrum, &vec![STEEPNESS; rank]);
    (0..rows).for_each(|row| theta[row * d] = 0.0);
    // By column, because half of the rounds go that way.
    let mut answers: Vec<Vec<(usize, bool)>> = vec![Vec::new(); columns];
    for row in 0..rows {
        training.present(row).for_each(|(column, entry)| answers[column].push((row, entry > 0.5)));
    }
    let mut base = vec![mean; columns];
    let mut column_penalties = vec![FACTORS; d];
    column_penalties[0] = 1.0 / (COLUMNS * COLUMNS);
    let mut row_penalties = vec![FACTORS; d];
    row_penalties[0] = 1.0 / (ROWS * ROWS);
    let mut found = vec![0.0; d];
    for _ in 0..MOST_ROUNDS {
        let known: Vec<f64> =
            theta.chunks_exact(d).flat_map(|row| core::iter::once(1.0).chain(row[1..].iter().copied())).collect();
        for column in 0..columns {
            let of_column: Vec<Answer<'_>> = answers[column]
                .iter()
                .map(|&(row, is_one)| Answer {
                    features: &known[row * d..][..d],
                    offset: mean + theta[row * d],
                    is_one,
                })
                .collect();
            found[0] = base[column] - mean;
            found[1..].copy_from_slice(&features[column * d + 1..][..rank]);
            newton(&of_column, &column_penalties, &mut found, 1);
            base[column] = mean + found[0];
            features[column * d + 1..][..rank].copy_from_slice(&found[1..]);
        }
        let mut moved = 0.0f64;
        for row in 0..rows {
            let of_row: Vec<Answer<'_>> = training
                .present(row)
                .map(|(column, entry)| Answer {
                    features: &features[column * d..][..d],
                    offset: base[column],
                    is_one: entry > 0.5,
                })
                .collect();
            let own = &mut theta[row * d..][..d];
            found.copy_from_slice(own);
            newton(&of_row, &row_penalties, &mut found, 1);
            moved = own.iter().zip(&found).fold(moved, |moved, (old, new)| moved.max((old - new).abs()));
            own.copy_from_slice(&found);
        }
        if moved < SETTLED {
            break;
        }
    }
    RowSpace::of(base, &theta, features, d, Entries::Answers)
}
