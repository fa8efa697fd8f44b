//! Small systems of linear equations, many times over.

/// Solves A x = b in place for a symmetric positive definite A, by Cholesky's decomposition. A direction in which A is
/// zero up to rounding is left out: x is 0 there.
///
/// # Shapes
/// `a`: `[d, d]`, of which the lower half is read and overwritten; `b`: `[d]`, which becomes x.
pub(super) fn solve(a: &mut [f64], b: &mut [f64]) {
    let d = b.len();
    let largest = (0..d).map(|i| a[i * d + i]).fold(0.0, f64::max);
    for i in 0..d {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| a[i * d + k] * a[j * d + k]).sum();
            let rest = a[i * d + j] - known;
            a[i * d + j] = if i != j {
                rest * a[j * d + j]
            } else if rest > NOTHING * largest {
                // The reciprocal, because only that is needed.
                1.0 / rest.sqrt()
            } else {
                0.0
            };
        }
    }
    for i in 0..d {
        let known: f64 = (0..i).map(|k| a[i * d + k] * b[k]).sum();
        b[i] = (b[i] - known) * a[i * d + i];
    }
    for i in (0..d).rev() {
        let known: f64 = (i + 1..d).map(|k| a[k * d + i] * b[k]).sum();
        b[i] = (b[i] - known) * a[i * d + i];
    }
}

/// Up to this share of the largest diagonal entry a remainder is rounding.
const NOTHING: f64 = 1e-13;

/// Adds weight x x^T to the lower half of A.
pub(super) fn add_outer(a: &mut [f64], x: &[f64], weight: f64) {
    let d = x.len();
    for i in 0..d {
        let scaled = weight * x[i];
        for j in 0..=i {
            a[i * d + j] += scaled * x[j];
        }
    }
}

/// Adds weight x to b.
pub(super) fn add(b: &mut [f64], x: &[f64], weight: f64) {
    b.iter_mut().zip(x).for_each(|(b, x)| *b += weight * x);
}

/// a . b.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_solved_solves() {
        let (mut a, mut b) = ([4.0, 9.0, 9.0, 2.0, 3.0, 9.0, 1.0, 0.5, 5.0], [1.0, 2.0, 3.0]);
        let whole = [[4.0, 2.0, 1.0], [2.0, 3.0, 0.5], [1.0, 0.5, 5.0]];
        let wanted = b;
        solve(&mut a, &mut b);
        for (row, wanted) in whole.iter().zip(wanted) {
            assert!((dot(row, &b) - wanted).abs() < 1e-14, "{b:?}");
        }
    }

    #[test]
    fn a_direction_without_weight_is_left_out() {
        let (mut a, mut b) = ([1.0, 0.0, 1.0, 1.0], [3.0, 3.0]);
        solve(&mut a, &mut b);
        assert_eq!(b, [3.0, 0.0]);
    }
}
