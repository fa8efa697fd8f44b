//! The one estimator behind "rises", "falls" and "undecided".

use serde::{Deserialize, Serialize};

use super::bootstrap::{Interval, Resamples};

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

/// A least-squares slope over all (seed, width) values and its bootstrap interval over seeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slope {
    /// Change of the value per doubling of the width; `None` where fewer than two widths have values.
    pub per_doubling: Option<f64>,
    /// 95 % interval; `None` where the slope or the bootstrap is undefined.
    pub interval: Option<Interval>,
    pub verdict: Verdict,
}

/// Sums that make a least-squares slope; they add over seeds.
#[derive(Clone, Copy, Default)]
struct Sums {
    n: f64,
    x: f64,
    y: f64,
    xx: f64,
    xy: f64,
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.n += other.n;
        self.x += other.x;
        self.y += other.y;
        self.xx += other.xx;
        self.xy += other.xy;
    }

    fn slope(self) -> Option<f64> {
        let spread = self.n * self.xx - self.x * self.x;
        (self.n > 1.0 && spread > 1e-9 * self.n * self.xx.max(1.0))
            .then(|| (self.n * self.xy - self.x * self.y) / spread)
    }
}

/// The slope of per-seed values on log2 of the width.
///
/// # Shapes
/// `widths`: `[k]`; `values`: one row of k per seed, `None` where a seed has no value at a width
/// (it diverged, or never reached the level compared at). Seeds are resampled whole, so that the
/// pairing of widths within a seed is kept.
pub fn slope_over_seeds(widths: &[f64], values: &[Vec<Option<f64>>]) -> Slope {
    let sums: Vec<Sums> = values
        .iter()
        .map(|row| {
            let mut sums = Sums::default();
            for (&width, value) in widths.iter().zip(row) {
                if let Some(y) = *value {
                    let x = libm::log2(width);
                    sums.add(Sums { n: 1.0, x, y, xx: x * x, xy: x * y });
                }
            }
            sums
        })
        .collect();
    let total = |rows: &mut dyn Iterator<Item = &Sums>| {
        let mut all = Sums::default();
        rows.for_each(|row| all.add(*row));
        all.slope()
    };
    let per_doubling = total(&mut sums.iter());
    let interval = per_doubling.and_then(|_| {
        Resamples::new(sums.len()).interval(|seeds| total(&mut seeds.iter().map(|&seed| &sums[seed as usize])))
    });
    let verdict = match interval {
        Some(Interval { low, .. }) if low > 0.0 => Verdict::Rises,
        Some(Interval { high, .. }) if high < 0.0 => Verdict::Falls,
        _ => Verdict::Undecided,
    };
    Slope { per_doubling, interval, verdict }
}
