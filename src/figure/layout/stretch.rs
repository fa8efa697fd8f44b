//! A scale between two pixels.

use core::f64::consts::LN_10;

use super::super::panel::Scale;

/// Maps values to pixels and back. On a logarithmic scale whatever lies below `min` (zero
/// included) stands at `min`; a linear scale goes on beyond its ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    pub scale: Scale,
    pub min: f64,
    pub max: f64,
    /// Pixels of `min` and `max`.
    pub from: f64,
    pub to: f64,
    /// Pixels of the stretch with the empty space around it.
    pub room: [f64; 2],
}

impl Stretch {
    pub fn px(&self, value: f64) -> f64 {
        let middle = (self.from + self.to) / 2.0;
        let part = match self.scale {
            Scale::Place => return middle,
            Scale::Linear => (value - self.min) / (self.max - self.min),
            Scale::Log => (value.max(self.min) / self.min).log10() / (self.max / self.min).log10(),
        };
        if part.is_finite() { self.from + part * (self.to - self.from) } else { middle }
    }

    pub fn value(&self, px: f64) -> f64 {
        let part = (px - self.from) / (self.to - self.from);
        let value = match self.scale {
            Scale::Place => self.min,
            Scale::Linear => self.min + part * (self.max - self.min),
            Scale::Log => self.min * (part * LN_10 * (self.max / self.min).log10()).exp(),
        };
        if value.is_finite() { value } else { self.min }
    }
}
