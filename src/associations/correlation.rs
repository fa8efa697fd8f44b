//! Whether a factor goes with a property that is known otherwise.

use serde::{Deserialize, Serialize};

use crate::stats::Interval;

/// A correlation and the chance of one as large, either way, were there none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    pub coefficient: f64,
    /// Two-sided, by Student's t with n - 2 degrees of freedom: exact for Pearson's of normal pairs, approximate
    /// otherwise.
    pub p_value: f64,
    pub n: usize,
}

impl Correlation {
    /// 95 % interval of Pearson's, tanh(atanh r -+ 1.96 / sqrt(n - 3)), exact for many normal pairs; `None` for fewer than
    /// four.
    ///
    /// Source: Fisher 1921, Metron 1, 3.
    pub fn pearson_interval(&self) -> Option<Interval> {
        self.interval(1.0)
    }

    /// 95 % interval of Spearman's, whose transform has (1 + r^2 / 2) times the variance; `None` for fewer than four pairs.
    ///
    /// Source: Bonett & Wright 2000, Psychometrika 65, 23.
    pub fn spearman_interval(&self) -> Option<Interval> {
        self.interval(1.0 + 0.5 * self.coefficient * self.coefficient)
    }

    fn interval(&self, variance: f64) -> Option<Interval> {
        const Z: f64 = 1.959_963_984_540_054;
        let half = Z * (variance / self.n.checked_sub(3).filter(|&free| free > 0)? as f64).sqrt();
        let middle = libm::atanh(self.coefficient);
        Some(Interval { low: libm::tanh(middle - half), high: libm::tanh(middle + half) })
    }
}

/// Pearson's correlation; `None` for fewer than three pairs or where either does not vary.
///
/// ```
/// use lethe::associations::{pearson, spearman};
/// let (x, y) = ([1.0, 2.0, 3.0, 4.0], [1.0, 8.0, 27.0, 64.0]);
/// assert!(spearman(&x, &y).expect("four pairs").coefficient > 1.0 - 1e-12);
/// assert!(pearson(&x, &y).expect("four pairs").coefficient < 0.96);
/// ```
pub fn pearson(x: &[f64], y: &[f64]) -> Option<Correlation> {
    let n = x.len();
    let coefficient = if n == y.len() && n >= 3 { product_moment(x, y)? } else { return None };
    let free = n as f64 - 2.0;
    // The chance that |t| is exceeded is that of a Beta(free / 2, 1 / 2) variable below free / (free + t^2) = 1 - r^2.
    let p_value = incomplete_beta(1.0 - coefficient * coefficient, 0.5 * free, 0.5);
    Some(Correlation { coefficient, p_value, n })
}

/// Spearman's rank correlation, ties having their mean rank.
pub fn spearman(x: &[f64], y: &[f64]) -> Option<Correlation> {
    pearson(&ranks(x), &ranks(y))
}

/// Pearson's coefficient alone.
pub(super) fn product_moment(x: &[f64], y: &[f64]) -> Option<f64> {
    let n = x.len() as f64;
    let (mean_x, mean_y) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let sum = |of: &dyn Fn(f64, f64) -> f64| x.iter().zip(y).map(|(x, y)| of(x - mean_x, y - mean_y)).sum::<f64>();
    let (xx, yy, xy) = (sum(&|x, _| x * x), sum(&|_, y| y * y), sum(&|x, y| x * y));
    // What is left of equal numbers is rounding.
    let varies = |squares: f64, mean: f64| squares > n * (mean * 1e-14) * (mean * 1e-14);
    (varies(xx, mean_x) && varies(yy, mean_y)).then(|| (xy / (xx.sqrt() * yy.sqrt())).clamp(-1.0, 1.0))
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
    let mut ranks = vec![0.0; values.len()];
    let mut below = 0;
    for tied in order.chunk_by(|&i, &j| values[i] == values[j]) {
        tied.iter().for_each(|&at| ranks[at] = below as f64 + 0.5 * (tied.len() as f64 + 1.0));
        below += tied.len();
    }
    ranks
}

/// I_x(a, b), by the continued fraction of DLMF 8.17.22 in Lentz's way.
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(1.0 - x, b, a);
    }
    let log = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * libm::log(x) + b * libm::log1p(-x);
    let away = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let (mut c, mut d) = (1.0, 1.0 / away(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = d;
    for m in 1..500 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / away(1.0 + term * d);
            c = away(1.0 + term / c);
            change = c * d;
            fraction *= change;
        }
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    (libm::exp(log) * fraction / a).clamp(0.0, 1.0)
}
