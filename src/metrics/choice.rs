//! Which of several answers a model prefers, by lm-evaluation-harness's rules.

use serde::{Deserialize, Serialize};

/// An answer as what it is judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Length {
    /// Characters of its text, the space before it not counted.
    pub characters: usize,
    /// Bytes of the same in UTF-8.
    pub bytes: usize,
}

impl Length {
    pub fn of(text: &str) -> Self {
        Self { characters: text.chars().count(), bytes: text.len() }
    }
}

/// By what an answer's log-probability is divided before answers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Normalisation {
    /// By nothing: `acc`.
    Plain,
    /// `acc_norm`.
    Characters,
    /// `acc_bytes`.
    Bytes,
}

/// The place of the answer that is preferred, of equally good ones the first.
///
/// # Shapes
/// `log_probabilities`, `lengths`: `[answers]`
///
/// ```
/// use lethe::metrics::choice::{Length, Normalisation, preferred};
/// let lengths = ["no", "perhaps"].map(Length::of);
/// assert_eq!(preferred(&[-3.0, -7.0], &lengths, Normalisation::Plain), 0);
/// assert_eq!(preferred(&[-3.0, -7.0], &lengths, Normalisation::Characters), 1);
/// ```
pub fn preferred(log_probabilities: &[f64], lengths: &[Length], by: Normalisation) -> usize {
    let worth = |place: usize| {
        log_probabilities[place]
            / match by {
                Normalisation::Plain => 1.0,
                Normalisation::Characters => lengths[place].characters as f64,
                Normalisation::Bytes => lengths[place].bytes as f64,
            }
    };
    (1..log_probabilities.len()).fold(0, |best, place| if worth(place) > worth(best) { place } else { best })
}
