//! Matrices like the paper's.

use lethe::associations::Matrix;
use lethe::seed::Seed;

/// Shares of variance by rank that OLMo-7B has (Jin & Ren 2024, code); what they leave is noise.
const SHARES: [f64; 5] = [0.5123, 0.1205, 0.0823, 0.0464, 0.0289];

/// A matrix of normal factors with the paper's shares of variance, and noise.
pub fn paper_like(rows: usize, columns: usize, size: f64) -> Matrix {
    let mut stream = Seed::new(0).fork("bench").fork("associations").stream();
    let of_rows: Vec<[f64; 5]> = (0..rows).map(|_| SHARES.map(|share| share.sqrt() * stream.normal())).collect();
    let of_columns: Vec<[f64; 5]> = (0..columns).map(|_| SHARES.map(|_| stream.normal())).collect();
    let noise = (1.0 - SHARES.iter().sum::<f64>()).sqrt();
    let mut entries = Vec::with_capacity(rows * columns);
    for p in &of_rows {
        for q in &of_columns {
            let factors: f64 = p.iter().zip(q).map(|(p, q)| p * q).sum();
            entries.push((size * (factors + noise * stream.normal())) as f32);
        }
    }
    Matrix::new(rows, columns, entries).expect("finite entries")
}

/// The same matrix with a share of its entries missing.
pub fn with_gaps(matrix: &Matrix, share: f64) -> Matrix {
    let mut stream = Seed::new(0).fork("bench").fork("gaps").stream();
    let entries = matrix.entries().iter().map(|&entry| if stream.uniform() < share { f32::NAN } else { entry });
    Matrix::new(matrix.rows(), matrix.columns(), entries.collect()).expect("entries")
}

/// A binary matrix with rare ones, whose logits are such a matrix.
pub fn answers_like(rows: usize, columns: usize) -> Matrix {
    let logits = paper_like(rows, columns, 2.5);
    let mut stream = Seed::new(0).fork("bench").fork("answers").stream();
    let answer = |&logit: &f32| f32::from(u8::from(stream.uniform() < 1.0 / (1.0 + libm::exp(3.5 - f64::from(logit)))));
    Matrix::new(rows, columns, logits.entries().iter().map(answer).collect()).expect("answers")
}

/// The matrix as NumPy would write it.
pub fn npy(matrix: &Matrix) -> Vec<u8> {
    let shape = (matrix.rows(), matrix.columns());
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape:?}, }}");
    header.push_str(&" ".repeat(63 - (10 + header.len()) % 64));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(matrix.entries().iter().flat_map(|entry| entry.to_le_bytes()));
    bytes
}
