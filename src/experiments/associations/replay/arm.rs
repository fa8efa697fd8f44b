//! By what replayed examples are chosen.

use serde::{Deserialize, Serialize};

/// A way to choose what is replayed. The docs say what each may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arm {
    /// Nothing is replayed: what the others are held against. It always runs.
    None,
    /// All examples are as likely: what aiming is held against. It always runs.
    Random,
    /// By the rises that a method completes from a few entries of the run without replay.
    Additive,
    Neighbours,
    Factorisation,
    SoftImpute,
    /// At random for the first tenth of the steps; then a few rises are measured on the model in hand and completed by
    /// factorisation.
    Online,
    /// By all rises of the run without replay: no prediction can know more.
    Truth,
    /// By what gradients at the base say, before any step.
    Gradients,
    /// Of a few candidates those whose loss a step on the new windows alone would raise most: maximally interfered
    /// retrieval (Aljundi et al. 2019, arXiv 1908.04742).
    Mir,
    /// The nearer the base's loss is to the median, the likelier.
    Perplexity,
}

impl Arm {
    /// Every arm, in the order in which they are told.
    pub const ALL: [Self; 11] = [
        Self::None,
        Self::Random,
        Self::Additive,
        Self::Neighbours,
        Self::Factorisation,
        Self::SoftImpute,
        Self::Online,
        Self::Truth,
        Self::Gradients,
        Self::Mir,
        Self::Perplexity,
    ];

    /// Those that can be asked for.
    pub const CHOSEN: [Self; 10] = {
        let [Self::None, chosen @ ..] = Self::ALL else { panic!("none is the first") };
        chosen
    };

    /// The name in links and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Random => "random",
            Self::Additive => "additive",
            Self::Neighbours => "neighbours",
            Self::Factorisation => "factorisation",
            Self::SoftImpute => "soft_impute",
            Self::Online => "online",
            Self::Truth => "truth",
            Self::Gradients => "gradients",
            Self::Mir => "mir",
            Self::Perplexity => "perplexity",
        }
    }

    /// How much a run costs beside one without replay, about.
    pub fn work(&self) -> f64 {
        // A step ahead, and candidates twice.
        if *self == Self::Mir { 5.0 } else { 1.0 }
    }

    /// Whether it knows rises, or what stands for them, before its first step.
    pub(super) const fn goes_by_rises(self) -> bool {
        !matches!(self, Self::None | Self::Random | Self::Mir | Self::Online)
    }

    /// The method that completes a row for it.
    pub(super) const fn method(self) -> Option<&'static str> {
        match self {
            Self::Additive | Self::Neighbours | Self::Factorisation | Self::SoftImpute => Some(self.name()),
            Self::Online => Some("factorisation"),
            _ => None,
        }
    }
}
