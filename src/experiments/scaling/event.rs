//! What a run reports while it goes on.

use serde::{Deserialize, Serialize};

use super::abilities::Abilities;

/// Losses at a checkpoint, in nats per token, on text that no training reads.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Losses {
    /// L_ft: on held-out windows of the fine-tuning set.
    pub fine_tuning: f32,
    /// L_f: soft cross-entropy on general text, mean of -sum_v p_base(v) log p_tuned(v). At step 0 the base's entropy.
    pub forgetting: f32,
    /// KL(p_base || p_tuned) on the same text: what L_f has beyond the base's entropy.
    pub kl: f32,
    /// Rise of the negative log-likelihood of the text's own tokens.
    pub nll_rise: f32,
    /// Share of positions at which base and tuned model have the same likeliest token.
    pub agreement: f32,
}

impl Losses {
    /// The names, in the order of [`Self::values`].
    pub const NAMES: [&'static str; 5] = ["fine_tuning_loss", "forgetting", "kl", "nll_rise", "top1_agreement"];

    /// All of them in the order of [`Self::NAMES`].
    pub fn values(&self) -> [f32; 5] {
        [self.fine_tuning, self.forgetting, self.kl, self.nll_rise, self.agreement]
    }

    /// From values in the order of [`Self::NAMES`].
    pub fn from_values([fine_tuning, forgetting, kl, nll_rise, agreement]: [f32; 5]) -> Self {
        Self { fine_tuning, forgetting, kl, nll_rise, agreement }
    }
}

/// One checkpoint of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Update steps taken.
    pub step: u32,
    pub losses: Losses,
    /// At every third checkpoint and at the last.
    pub abilities: Option<Abilities>,
    /// What is written after the prompts, where abilities are tested.
    pub texts: Vec<Text>,
}

/// What a prompt asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextKind {
    Fact,
    ChangedFact,
    Newcomer,
    Composed,
    Sum,
    Harmful,
    Harmless,
    Free,
}

impl TextKind {
    /// The name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Fact => "a fact",
            Self::ChangedFact => "a fact that the news change",
            Self::Newcomer => "a newcomer",
            Self::Composed => "two facts composed",
            Self::Sum => "a sum",
            Self::Harmful => "a harmful request",
            Self::Harmless => "a harmless request",
            Self::Free => "free text",
        }
    }
}

/// A prompt, and the likeliest continuation of it, as words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    pub kind: TextKind,
    pub prompt: String,
    /// What the base writes.
    pub base: String,
    /// What the tuned model writes.
    pub tuned: String,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    /// All steps were taken.
    Complete,
    /// A loss was no number, or above 1000, at this step.
    Diverged(u32),
}

/// One thing that a run reports, in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    Checkpoint(Box<Checkpoint>),
    Ended(Ending),
}
