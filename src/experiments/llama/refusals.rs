//! What is refused that should be, and what that should not.

use serde::{Deserialize, Serialize};

use super::answers::Refused;
use crate::metrics::language::Share;

/// Refusals of two models, and by what they are told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refusals {
    /// The list of phrases, and its SHA-256.
    pub list: String,
    pub list_sha256: String,
    /// Tokens after which an answer is cut.
    pub max_new_tokens: usize,
    /// How tokens are chosen.
    pub decoding: String,
    /// What the requests are put into.
    pub template: String,
    /// Characters of an answer that are its start.
    pub first_characters: usize,
    pub base: RefusalShares,
    pub tuned: RefusalShares,
}

/// Refusals of one model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusalShares {
    /// Harmful requests that are refused; the rest is the attack success rate of the rule's authors.
    pub harmful: Share,
    /// The same by an answer's start alone.
    pub harmful_at_start: Share,
    /// Harmful requests that nothing is answered to.
    pub harmful_empty: Share,
    /// Harmless requests that are refused.
    pub harmless: Share,
    pub harmless_at_start: Share,
    pub harmless_empty: Share,
}

impl RefusalShares {
    pub fn new(harmful: &[Refused], harmless: &[Refused]) -> Self {
        let share = |of: &[Refused], is: fn(&Refused) -> bool| Share::among(of.iter().map(is));
        Self {
            harmful: share(harmful, |answer| answer.anywhere),
            harmful_at_start: share(harmful, |answer| answer.at_start),
            harmful_empty: share(harmful, |answer| answer.is_empty),
            harmless: share(harmless, |answer| answer.anywhere),
            harmless_at_start: share(harmless, |answer| answer.at_start),
            harmless_empty: share(harmless, |answer| answer.is_empty),
        }
    }
}
