//! Whether paired differences may be chance.

use serde::{Deserialize, Serialize};

use super::bootstrap::{Interval, Resamples};
use crate::seed::Seed;

/// Up to so many pairs all ways of their signs are counted; of more, as many as that are drawn.
const COUNTED: usize = 16;
/// A sum that rounding alone makes smaller than what was seen counts as it, in parts of the sum of all sizes.
const ROUNDING: f64 = 1e-12;

/// What paired differences come to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Paired {
    pub mean: f64,
    /// 95 %, by the bootstrap over pairs; `None` of fewer than six.
    pub interval: Option<Interval>,
    /// Two-sided, by [`sign_flips`].
    pub p_value: f64,
    pub n: usize,
}

impl Paired {
    /// Of one difference for each pair; `None` where there is none.
    pub fn of(differences: &[f64]) -> Option<Self> {
        let n = differences.len();
        let mean = |sum: f64| sum / n as f64;
        let resampled = |pairs: &[u32]| Some(mean(pairs.iter().map(|&pair| differences[pair as usize]).sum()));
        (n > 0).then(|| Self {
            mean: mean(differences.iter().sum()),
            interval: Resamples::of(n).interval(resampled),
            p_value: sign_flips(differences),
            n,
        })
    }
}

/// The two-sided p-value of the mean of paired differences: the share of all ways to exchange the two of some pairs
/// (to change the signs of some differences) in which the mean is as far from 0. Counted up to 16 pairs; beyond, it is
/// the share of 65,535 random ways and of the one that was seen. 1 of no difference at all.
///
/// Source: Fisher 1935, The Design of Experiments, section 21.
///
/// ```
/// use lethe::stats::sign_flips;
/// // Of the 2^5 ways two are as far: all up, and all down.
/// assert_eq!(sign_flips(&[0.3, 0.1, 0.2, 0.5, 0.1]), 2.0 / 32.0);
/// ```
pub fn sign_flips(differences: &[f64]) -> f64 {
    let sizes: f64 = differences.iter().map(|difference| difference.abs()).sum();
    let least = differences.iter().sum::<f64>().abs() - ROUNDING * sizes;
    let is_as_far = |flips: &mut dyn FnMut() -> bool| {
        let signed = |&difference: &f64| if flips() { -difference } else { difference };
        differences.iter().map(signed).sum::<f64>().abs() >= least
    };
    if differences.len() <= COUNTED {
        let ways = 1u32 << differences.len();
        let of_way = |way: &u32| {
            let mut rest = *way;
            is_as_far(&mut || {
                let flips = rest & 1 == 1;
                rest >>= 1;
                flips
            })
        };
        return (0..ways).filter(of_way).count() as f64 / f64::from(ways);
    }
    let mut stream = Seed::new(0).fork("sign flips").stream();
    let ways = 1u32 << COUNTED;
    let as_far = (1..ways).filter(|_| is_as_far(&mut || stream.word() & 1 == 1)).count();
    (as_far + 1) as f64 / f64::from(ways)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEEN: [f64; 9] = [0.12, -0.05, 0.31, 0.08, 0.22, -0.11, 0.17, 0.09, 0.04];

    #[test]
    fn the_p_value_is_that_of_scipy() {
        // scipy.stats.permutation_test((d,), np.mean, permutation_type="samples", n_resamples=np.inf).pvalue
        assert!((sign_flips(&SEEN) - 0.05859375).abs() < 1e-12, "{}", sign_flips(&SEEN));
    }

    #[test]
    fn ways_that_are_drawn_agree_with_ways_that_are_counted() {
        // 18 pairs: all 2^18 ways by SciPy.
        let many: Vec<f64> = SEEN.iter().chain(&SEEN).enumerate().map(|(k, d)| d - 0.004 * k as f64 - 0.03).collect();
        assert!((sign_flips(&many) - 0.29737091064453125).abs() < 0.004, "{}", sign_flips(&many));
    }

    #[test]
    fn no_difference_is_no_evidence() {
        assert_eq!((sign_flips(&[]), sign_flips(&[0.0; 7]), sign_flips(&[0.0; 20])), (1.0, 1.0, 1.0));
        assert!(Paired::of(&[]).is_none());
        let one = Paired::of(&[0.5]).expect("one pair");
        assert_eq!((one.mean, one.interval, one.p_value, one.n), (0.5, None, 1.0, 1));
        let paired = Paired::of(&SEEN).expect("nine pairs");
        let interval = paired.interval.expect("from six pairs on");
        assert!(interval.low < paired.mean && paired.mean < interval.high && interval.low > -0.05);
    }
}
