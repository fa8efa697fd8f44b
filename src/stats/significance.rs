//! Whether a change may be chance, and what remains of that when many are looked at.

use super::order::order;

/// The two-sided p-value of the sign test: of `changed` items each went one way or the other with equal chance, and the two
/// ways differ by `difference` or more. Of paired right and wrong answers it is McNemar's exact test.
///
/// A difference that so many items cannot have (it is larger, or odd where they are even) is taken as that of one fewer.
///
/// Source: McNemar 1947, Psychometrika 12, 153.
///
/// ```
/// use lethe::stats::sign_test;
/// // Ten of ten went one way: 2 / 2^10.
/// assert!((sign_test(10, 10) - 2.0 / 1024.0).abs() < 1e-15);
/// assert_eq!(sign_test(10, 0), 1.0);
/// assert!(sign_test(100, 20) < sign_test(200, 20));
/// ```
pub fn sign_test(changed: usize, difference: usize) -> f64 {
    let changed = changed - usize::from((changed + difference) % 2 == 1 && changed > 0);
    let rarer = (changed - difference.min(changed)) / 2;
    if 2 * rarer == changed {
        return 1.0;
    }
    let (n, k) = (changed as f64, rarer as f64);
    let log = libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0) - n * core::f64::consts::LN_2;
    // From the largest term down; what underflows adds nothing.
    let mut term = libm::exp(log);
    let mut tail = term;
    for i in (1..=rarer).rev() {
        term *= i as f64 / (n - i as f64 + 1.0);
        tail += term;
    }
    (2.0 * tail).min(1.0)
}

/// The p-values after Holm's correction, each in its place: all that are at or below 0.05 are so with a chance of 5 % at most
/// that any of them is a false alarm, however they hang together.
///
/// Source: Holm 1979, Scand. J. Statist. 6, 65.
///
/// ```
/// use lethe::stats::holm;
/// assert_eq!(holm(&[0.5, 0.25, 0.0625]), [0.5, 0.5, 0.1875]);
/// ```
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut corrected = vec![1.0; p_values.len()];
    let mut least = 0.0f64;
    for (place, index) in order(p_values).into_iter().enumerate() {
        least = least.max(((p_values.len() - place) as f64 * p_values[index]).min(1.0));
        corrected[index] = least;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By counting all ways in which `changed` items can go.
    fn counted(changed: usize, difference: usize) -> f64 {
        let all = 1u32 << changed;
        let is_as_far = |ways: &u32| (2 * ways.count_ones() as usize).abs_diff(changed) >= difference;
        f64::from((0..all).filter(is_as_far).count() as u32) / f64::from(all)
    }

    #[test]
    fn the_sign_test_counts_ways() {
        for changed in 0usize..15 {
            for difference in (changed % 2..=changed).step_by(2) {
                let [own, all] = [sign_test(changed, difference), counted(changed, difference)];
                assert!((own - all).abs() < 1e-12, "{difference} of {changed}: {own} and {all}");
            }
        }
    }

    #[test]
    fn the_sign_test_of_thousands_is_exact() {
        // Python's fractions: 2 sum_{i <= 2994} comb(6871, i) / 2^6871, for 883 more one way of 6,871 that changed.
        let expected = 1.652_724_886_574_804_6e-26;
        assert!((sign_test(6871, 883) / expected - 1.0).abs() < 1e-9, "{}", sign_test(6871, 883));
        assert!(sign_test(1_000_000, 1_000_000) < 1e-300);
    }

    #[test]
    fn holm_is_never_below_what_it_corrects_nor_out_of_order() {
        let p_values = [0.01, 0.04, 0.03, 0.005, 0.9];
        let corrected = holm(&p_values);
        // By hand: 5 x 0.005, 4 x 0.01, 3 x 0.03, at least that, 0.9.
        let expected = [0.04, 0.09, 0.09, 0.025, 0.9];
        assert!(corrected.iter().zip(expected).all(|(own, other)| (own - other).abs() < 1e-12), "{corrected:?}");
        assert!(holm(&[]).is_empty());
    }
}
