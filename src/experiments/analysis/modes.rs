//! Mode by mode: how fast each is learned, and what it does to the old task.

use super::Analysis;
use super::NoPlan;
use super::spectrum::LOSS_FACTOR;
use crate::kernel::{Modes, Rule};

/// One eigenmode of the weighted kernel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mode {
    /// From 1, the fastest.
    pub number: usize,
    /// a of A = W^{1/2} K W^{1/2}.
    pub eigenvalue: f64,
    /// 2 eta a, per step; momentum is 1 / (1 - beta) times as fast in the long run.
    pub rate: f64,
    /// Steps that halve what is left of it; `None` where it does not shrink.
    pub steps_to_half: Option<f64>,
    /// b = q . W^{1/2} r_0: how much of it is to be learned.
    pub excitation: f64,
    /// Its part of the predicted forgetting at the end, in units of the loss: all parts add up to it.
    pub forgetting: f64,
    /// The same over the whole; `None` where nothing is forgotten.
    pub share: Option<f64>,
}

/// The modes that are above rounding, and who does the forgetting.
#[derive(Clone, Debug, PartialEq)]
pub struct ModeTable {
    pub replay: f64,
    /// From the fastest.
    pub modes: Vec<Mode>,
    /// Predicted old-task loss at the end of fine-tuning less that at its start.
    pub forgetting: f64,
    /// How many modes, those that move it most first, bring the old task's outputs within 10 % and within 1 % of their
    /// whole change (L2).
    pub needed: [usize; 2],
}

impl Analysis {
    /// The modes at a replay fraction, with what they do by the end of fine-tuning.
    ///
    /// # Errors
    /// A fraction outside 0 to 1; a prediction that overflows.
    pub fn mode_table(&self, replay: f64) -> Result<ModeTable, NoPlan> {
        self.table_of(&self.modes(replay)?, replay)
    }

    /// The same of modes that are there.
    ///
    /// # Errors
    /// A prediction that overflows.
    pub fn table_of(&self, modes: &Modes, replay: f64) -> Result<ModeTable, NoPlan> {
        let end = f64::from(self.steps());
        let parts = modes.loss_changes(self.rule, end, &self.old_task)?;
        let forgetting: f64 = parts.iter().sum();
        let carriers = modes.carriers(self.rule, end, &self.old_points())?;
        let mode = |place: usize| Mode {
            number: place + 1,
            eigenvalue: modes.rates[place] / LOSS_FACTOR,
            rate: self.learning_rate() * modes.rates[place],
            steps_to_half: self.rule.time_to_half(modes.rates[place]),
            excitation: modes.excitations[place],
            forgetting: parts[place],
            share: Some(parts[place] / forgetting).filter(|share| share.is_finite()),
        };
        Ok(ModeTable {
            replay,
            modes: (0..modes.limit(Rule::Flow)?.rank).map(mode).collect(),
            forgetting,
            needed: [0.9, 0.99].map(|fraction| carriers.needed(fraction)),
        })
    }
}
