//! The one number of a mitigation.

use super::base::Setting;
use crate::error::Problem;

/// What a strength means and which are accepted; 0 always is.
pub struct Strength {
    /// What the number is, as a phrase.
    pub meaning: &'static str,
    /// The largest one for any network and any data, infinity included where that is a limit that makes sense.
    pub largest: f64,
    /// Whether only whole numbers are accepted.
    pub whole: bool,
    /// The largest one for this network and these data, as far as they limit it.
    pub(super) bound: fn(&Setting) -> f64,
}

impl Strength {
    /// Any number from 0 to `largest`.
    pub(super) const fn up_to(largest: f64, meaning: &'static str) -> Self {
        Self { meaning, largest, whole: false, bound: |_| f64::INFINITY }
    }

    /// The same, and only 0 where there is no old example.
    pub(super) const fn with_old_examples(largest: f64, meaning: &'static str) -> Self {
        let bound = |setting: &Setting| if setting.old_examples == 0 { 0.0 } else { f64::INFINITY };
        Self { meaning, largest, whole: false, bound }
    }

    /// Whole numbers from 0 to a bound.
    pub(super) const fn whole(meaning: &'static str, bound: fn(&Setting) -> f64) -> Self {
        Self { meaning, largest: f64::INFINITY, whole: true, bound }
    }

    /// The largest strength that is accepted here.
    pub fn largest_in(&self, setting: &Setting) -> f64 {
        self.largest.min((self.bound)(setting))
    }

    /// # Errors
    /// The strength of `name` is negative, no number, beyond [`Self::largest_in`], or not whole where only whole ones
    /// are accepted.
    pub fn check(&self, name: &str, setting: &Setting, strength: f64) -> Result<(), Problem> {
        self.check_up_to(self.largest_in(setting), name, strength)
    }

    /// The same for any network and any data.
    ///
    /// # Errors
    /// As [`Self::check`], with [`Self::largest`].
    pub fn check_alone(&self, name: &str, strength: f64) -> Result<(), Problem> {
        self.check_up_to(self.largest, name, strength)
    }

    fn check_up_to(&self, largest: f64, name: &str, strength: f64) -> Result<(), Problem> {
        let whole = !self.whole || strength.fract() == 0.0;
        if whole && (0.0..=largest).contains(&strength) {
            return Ok(());
        }
        let kind = if self.whole { "whole numbers" } else { "numbers" };
        let accepted = match largest {
            0.0 => format!("0 here ({})", self.meaning),
            f64::INFINITY => format!("{kind} from 0 on ({})", self.meaning),
            _ => format!("{kind} from 0 to {largest} ({})", self.meaning),
        };
        Err(Problem::new(name, &strength.to_string(), accepted))
    }
}
