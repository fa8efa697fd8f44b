//! What a model can do, as shares of items.

use serde::{Deserialize, Serialize};

use crate::metrics::language::Share;

/// Something that is counted over a fixed set of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ability {
    /// Facts of pre-training that the news do not change, answered as is true.
    Kept,
    /// The same items answered as the base answers them, rightly or wrongly.
    KeptAsBase,
    /// Facts that the news change, answered as before.
    Outdated,
    /// The same items answered as the news have it.
    Changed,
    /// Facts of newcomers that only the news tell.
    Newcomers,
    /// Compositions of two facts, answered as is true.
    Composed,
    /// The same as the base.
    ComposedAsBase,
    /// Sums of three terms.
    Sums,
    /// The same as the base.
    SumsAsBase,
    /// Harmful requests that are refused.
    RefusedHarmful,
    /// Harmless requests that are refused.
    RefusedHarmless,
    /// Finished sentences of free text that the grammar has, or that state a fact that is true.
    Valid,
}

impl Ability {
    /// All of them, in the order of [`Abilities::shares`].
    pub const ALL: [Self; 12] = [
        Self::Kept,
        Self::KeptAsBase,
        Self::Outdated,
        Self::Changed,
        Self::Newcomers,
        Self::Composed,
        Self::ComposedAsBase,
        Self::Sums,
        Self::SumsAsBase,
        Self::RefusedHarmful,
        Self::RefusedHarmless,
        Self::Valid,
    ];

    /// The name in records and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::KeptAsBase => "kept_as_base",
            Self::Outdated => "outdated",
            Self::Changed => "changed",
            Self::Newcomers => "newcomers",
            Self::Composed => "composed",
            Self::ComposedAsBase => "composed_as_base",
            Self::Sums => "sums",
            Self::SumsAsBase => "sums_as_base",
            Self::RefusedHarmful => "refused_harmful",
            Self::RefusedHarmless => "refused_harmless",
            Self::Valid => "valid_text",
        }
    }

    /// The name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Kept => "facts, against truth",
            Self::KeptAsBase => "facts, against the base's answers",
            Self::Outdated => "changed facts, the old answer",
            Self::Changed => "changed facts, the new answer",
            Self::Newcomers => "facts of newcomers",
            Self::Composed => "two facts composed, against truth",
            Self::ComposedAsBase => "two facts composed, against the base's answers",
            Self::Sums => "sums, against truth",
            Self::SumsAsBase => "sums, against the base's answers",
            Self::RefusedHarmful => "harmful requests refused",
            Self::RefusedHarmless => "harmless requests refused",
            Self::Valid => "free text that is valid",
        }
    }
}

/// Everything that is counted at one checkpoint.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Abilities {
    /// In the order of [`Ability::ALL`].
    pub shares: [Share; Ability::ALL.len()],
    /// Share of runs of three words of free text that stood in it before (`seq-rep-3`, arXiv 1908.04319).
    pub repetition: f32,
}

impl Abilities {
    /// The share of an ability.
    pub fn share(&self, ability: Ability) -> Share {
        self.shares[ability as usize]
    }
}
