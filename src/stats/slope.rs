//! The one estimator behind "rises", "falls" and "undecided".

use serde::{Deserialize, Serialize};

use super::bootstrap::{Interval, Resamples};
use super::quantile::Quartiles;

/// What the interval of a slope says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Rises,
    Falls,
    Undecided,
}

impl Verdict {
    /// The word itself.
    pub fn word(self) -> &'static str {
        match self {
            Self::Rises => "rises",
            Self::Falls => "falls",
            Self::Undecided => "undecided",
        }
    }
}

/// How a value changes with width: the median over seeds of each seed's least-squares slope on
/// log2 of the width, with its bootstrap interval over seeds.
///
/// The median, because a few narrow networks forget ten times what is usual: in the poster's world
/// 32 seeds leave the mean slope undecided where 29 of them rise (`docs/log.md`).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slope {
    /// Change of the value per doubling of the width; `None` where no seed has values at two widths.
    pub per_doubling: Option<f64>,
    /// 95 % interval; `None` where the slope or the bootstrap is undefined.
    pub interval: Option<Interval>,
    /// Rises or falls where the interval leaves zero out.
    pub verdict: Verdict,
    /// Seeds that have a slope.
    pub seeds: usize,
}

/// The slope over seeds.
///
/// # Shapes
/// `widths`: `[k]`; `values`: one row of k per seed, `None` where a seed has no value at a width
/// (it diverged, or never reached the level compared at).
///
/// ```
/// use lethe::stats::{Verdict, slope_over_seeds};
/// let values: Vec<Vec<Option<f64>>> = (0..8).map(|seed| vec![Some(seed as f64), None, Some(seed as f64 + 2.0)]).collect();
/// let slope = slope_over_seeds(&[4.0, 8.0, 16.0], &values);
/// assert_eq!((slope.per_doubling, slope.verdict), (Some(1.0), Verdict::Rises));
/// ```
pub fn slope_over_seeds(widths: &[f64], values: &[Vec<Option<f64>>]) -> Slope {
    let doublings: Vec<f64> = widths.iter().map(|&width| libm::log2(width)).collect();
    let slopes: Vec<f64> = values.iter().filter_map(|row| slope(&doublings, row)).collect();
    let per_doubling = Quartiles::of(&slopes).map(|q| q.median);
    let interval = Resamples::of(slopes.len()).interval_of_median(&slopes);
    let verdict = match interval {
        Some(Interval { low, .. }) if low > 0.0 => Verdict::Rises,
        Some(Interval { high, .. }) if high < 0.0 => Verdict::Falls,
        _ => Verdict::Undecided,
    };
    Slope { per_doubling, interval, verdict, seeds: slopes.len() }
}

/// Least-squares slope of one seed; `None` with fewer than two values.
fn slope(x: &[f64], y: &[Option<f64>]) -> Option<f64> {
    let known: Vec<(f64, f64)> = x.iter().zip(y).filter_map(|(&x, &y)| Some((x, y?))).collect();
    let n = known.len() as f64;
    let (mean_x, mean_y) =
        (known.iter().map(|&(x, _)| x).sum::<f64>() / n, known.iter().map(|&(_, y)| y).sum::<f64>() / n);
    let spread: f64 = known.iter().map(|&(x, _)| (x - mean_x) * (x - mean_x)).sum();
    let together: f64 = known.iter().map(|&(x, y)| (x - mean_x) * (y - mean_y)).sum();
    (known.len() > 1 && spread > 0.0).then(|| together / spread)
}
