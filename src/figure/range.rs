//! Spreads over seeds, and the ranges that axes take from them.

use super::panel::Scale;
use serde::{Deserialize, Serialize};

/// Median and quartiles over seeds, or a measured value and its interval; one that is not finite is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    pub median: Option<f64>,
    pub q25: Option<f64>,
    pub q75: Option<f64>,
}

impl Spread {
    /// Keeps what is finite.
    pub fn new(median: f64, q25: f64, q75: f64) -> Self {
        Spread { median: finite(median), q25: finite(q25), q75: finite(q75) }
    }

    /// Nothing was measured.
    pub const MISSING: Spread = Spread { median: None, q25: None, q75: None };

    /// The same without values that are not finite (they can arrive in public fields).
    pub(super) fn checked(self) -> Self {
        let keep = |value: Option<f64>| value.and_then(finite);
        Spread { median: keep(self.median), q25: keep(self.q25), q75: keep(self.q75) }
    }

    /// Both quartiles, where both are known.
    pub(super) fn band(self) -> Option<[f64; 2]> {
        Some([self.q25?, self.q75?])
    }
}

pub(super) fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// A linear range from zero (or below, if a median or quartile is) to a little above the
/// medians. A band that leaves the medians' range by more than `BAND_REACH` of it is cut off
/// there; the figure says how far it goes.
pub(super) fn from_zero(spreads: impl Iterator<Item = Spread> + Clone) -> [f64; 2] {
    const BAND_REACH: f64 = 0.45;
    let medians = spreads.clone().filter_map(|s| s.median);
    let top = medians.clone().fold(0.0, f64::max);
    let bottom = medians.fold(0.0, f64::min);
    let reach = BAND_REACH * (top - bottom);
    let high = spreads.clone().filter_map(|s| s.q75).fold(top, f64::max).min(top + reach);
    let low = spreads.filter_map(|s| s.q25).fold(bottom, f64::min).max(bottom - reach);
    let span = high - low;
    if span <= 0.0 {
        return [0.0, 0.01];
    }
    let low = if low < 0.0 { low - 0.06 * span } else { 0.0 };
    [low, high + 0.06 * span]
}

/// Whole decades around the values above zero, or one decade around 1 where there are none.
pub(super) fn decades(values: impl Iterator<Item = f64> + Clone, floor: f64) -> [f64; 2] {
    let values = values.filter(|v| *v > 0.0).map(|v| v.max(floor));
    let low = values.clone().fold(f64::INFINITY, f64::min);
    let high = values.fold(0.0, f64::max);
    if high == 0.0 {
        return [0.1, 1.0];
    }
    let (low, mut high) = (low.log10() + 1e-9, high.log10() - 1e-9);
    high = high.max(low);
    [low.floor(), high.ceil().max(low.floor() + 1.0)].map(power_of_ten)
}

/// A whole power of ten. Not by `powf`, which is much code for the page.
fn power_of_ten(exponent: f64) -> f64 {
    10f64.powi(exponent as i32)
}

/// Ticks of a scale between `min` and `max`, about `wanted` of them, with their labels.
pub(super) fn ticks(scale: Scale, min: f64, max: f64, wanted: f64) -> Vec<(f64, String)> {
    match scale {
        Scale::Place => Vec::new(),
        Scale::Linear => linear_ticks(min, max, wanted),
        Scale::Log => log_ticks(min, max, wanted),
    }
}

fn linear_ticks(min: f64, max: f64, wanted: f64) -> Vec<(f64, String)> {
    let span = max - min;
    if span <= 0.0 || !span.is_finite() {
        return vec![(min, super::number::short(min))];
    }
    let raw = span / wanted.max(1.0);
    let power = power_of_ten(raw.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|m| m * power);
    let step = step.into_iter().find(|s| *s >= raw * 0.999).unwrap_or(10.0 * power);
    let (first, last) = ((min / step - 1e-6).ceil() as i64, (max / step + 1e-6).floor() as i64);
    (first..=last).map(|i| (i as f64 * step, super::number::tick(i as f64 * step, step))).collect()
}

fn log_ticks(min: f64, max: f64, wanted: f64) -> Vec<(f64, String)> {
    let (low, high) = (min.log10(), max.log10());
    let decades = (low - 1e-6).ceil() as i32..=(high + 1e-6).floor() as i32;
    let count = (high - low).max(1.0);
    let stride = (count / wanted.max(1.0)).ceil().max(1.0) as i32;
    let mut at: Vec<f64> = decades.filter(|d| d.rem_euclid(stride) == 0).map(|d| 10f64.powi(d)).collect();
    if at.len() < 2 {
        at = (low.floor() as i32..=high.floor() as i32)
            .flat_map(|d| [1.0, 2.0, 5.0].map(|m| m * 10f64.powi(d)))
            .filter(|v| (min * (1.0 - 1e-9)..=max * (1.0 + 1e-9)).contains(v))
            .collect();
    }
    at.into_iter().map(|v| (v, super::number::short(v))).collect()
}
