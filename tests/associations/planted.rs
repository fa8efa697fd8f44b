//! Matrices whose truth is known.

use lethe::associations::Matrix;
use lethe::seed::{Seed, Stream};

pub fn stream(label: &str) -> Stream {
    Seed::new(3).fork("planted").fork(label).stream()
}

/// A matrix of effects, `rank` factors of unequal size and noise, all normal.
pub fn planted(rows: usize, columns: usize, rank: usize, noise: f64, label: &str) -> Matrix {
    let mut stream = stream(label);
    let mut draw = |count: usize, size: f64| (0..count).map(|_| size * stream.normal()).collect::<Vec<f64>>();
    let (u, v) = (draw(rows, 0.3), draw(columns, 0.3));
    let (p, q) = (draw(rows * rank, 1.0), draw(columns * rank, 1.0));
    let errors = draw(rows * columns, noise);
    let entry = |at: usize| {
        let (i, j) = (at / columns, at % columns);
        let factors: f64 = (0..rank).map(|k| p[i * rank + k] * q[j * rank + k] / (k + 1) as f64).sum();
        (0.2 + u[i] + v[j] + factors + errors[at]) as f32
    };
    Matrix::new(rows, columns, (0..rows * columns).map(entry).collect()).unwrap()
}

/// The same matrix with a share of its entries missing.
pub fn with_gaps(matrix: &Matrix, share: f64, label: &str) -> Matrix {
    let mut stream = stream(label);
    let entries = matrix.entries().iter().map(|&entry| if stream.uniform() < share { f32::NAN } else { entry });
    Matrix::new(matrix.rows(), matrix.columns(), entries.collect()).unwrap()
}

/// A 0/1 matrix of effects and `rank` factors in the logits.
pub fn planted_binary(rows: usize, columns: usize, rank: usize, label: &str) -> Matrix {
    let logits = planted(rows, columns, rank, 0.0, label);
    let mut stream = stream(&format!("{label} answers"));
    let answer = |&logit: &f32| {
        let probability = 1.0 / (1.0 + libm::exp(-(3.0 * f64::from(logit) - 2.0)));
        f32::from(u8::from(stream.uniform() < probability))
    };
    Matrix::new(rows, columns, logits.entries().iter().map(answer).collect()).unwrap()
}

/// Rows in another order.
pub fn reordered(matrix: &Matrix, rows: &[usize]) -> Matrix {
    let entries = rows.iter().flat_map(|&row| matrix.row(row).iter().copied()).collect();
    Matrix::new(rows.len(), matrix.columns(), entries).unwrap()
}

pub fn rmse(found: &[f64], wanted: &[f32]) -> f64 {
    let squares =
        found.iter().zip(wanted).map(|(found, &wanted)| (found - f64::from(wanted)) * (found - f64::from(wanted)));
    (squares.sum::<f64>() / wanted.len() as f64).sqrt()
}
