//! Where training would end, and when it would be there.

use super::Analysis;
use super::NoPlan;
use crate::kernel::{Modes, TheoryError};

/// The limit under a constant replay fraction.
#[derive(Clone, Debug, PartialEq)]
pub struct Destination {
    pub id_loss: f64,
    pub old_loss: f64,
    /// Modes that are learned, of `weighted` examples that have weight. Where they are as many, every one of these
    /// is fitted in the end, and the limit does not depend on how they are weighted.
    pub rank: usize,
    pub weighted: usize,
    /// The step after which the old task's outputs keep within 10 % and within 1 % of their way to the limit, or
    /// why there is none.
    pub reached: [Result<f64, TheoryError>; 2],
}

impl Analysis {
    /// The limit at a replay fraction.
    ///
    /// # Errors
    /// A fraction outside 0 to 1; a learning rate at or beyond the stability bound.
    pub fn destination(&self, replay: f64) -> Result<Destination, NoPlan> {
        self.destination_of(&self.modes(replay)?, replay)
    }

    /// The same by modes that are there.
    ///
    /// # Errors
    /// A learning rate at or beyond the stability bound.
    pub fn destination_of(&self, modes: &Modes, replay: f64) -> Result<Destination, NoPlan> {
        let rank = modes.limit(self.rule)?.rank;
        let [id_loss, old_loss] = self.limit_losses(modes)?;
        let old_task = modes.seen_at(&self.old_points())?;
        Ok(Destination {
            id_loss,
            old_loss,
            rank,
            weighted: self.mixture.weights(replay)?.iter().filter(|&&weight| weight > 0.0).count(),
            reached: [0.9, 0.99].map(|fraction| old_task.time_to_fraction(self.rule, fraction)),
        })
    }

    /// ID and old-task loss in the limit.
    ///
    /// # Errors
    /// A learning rate at or beyond the stability bound.
    pub fn limit_losses(&self, modes: &Modes) -> Result<[f64; 2], NoPlan> {
        Ok(self.losses(&modes.limit(self.rule)?.outputs)?)
    }

    /// The learning rate below which fine-tuning at a replay fraction is stable as the kernel sees it; `None` where
    /// every rate is.
    pub fn rate_bound(&self, modes: &Modes) -> Option<f64> {
        modes.rate_bound(self.rule)
    }

    /// The learning rate that fine-tuning has.
    pub fn learning_rate(&self) -> f64 {
        use crate::kernel::Rule::{Descent, Flow, Momentum};
        match self.rule {
            Flow => 0.0,
            Descent { rate } | Momentum { rate, .. } => rate,
        }
    }
}
