//! How like texts, or points, are on the face of it.

/// The cosine of how often each word comes in two texts; 0 where one has none.
///
/// # Shapes
/// Both `[vocabulary]`
pub(super) fn cosine(one: &[f64], other: &[f64]) -> f64 {
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let lengths = (product(one, one) * product(other, other)).sqrt();
    if lengths > 0.0 { product(one, other) / lengths } else { 0.0 }
}

/// How often each of so many words comes.
pub(super) fn counts(tokens: impl IntoIterator<Item = u32>, vocabulary: usize) -> Vec<f64> {
    let mut counts = vec![0.0; vocabulary];
    tokens.into_iter().for_each(|token| counts[token as usize] += 1.0);
    counts
}

/// The distance from a point to the nearest of some.
///
/// # Shapes
/// `point`: `[inputs]`; `points`: `[n, inputs]`
pub(super) fn nearest(point: &[f32], points: &[f32]) -> f32 {
    let square = |other: &[f32]| other.iter().zip(point).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
    points.chunks_exact(point.len()).map(square).fold(f32::INFINITY, f32::min).sqrt()
}
