//! What became of a task: whether it is surely worse, and whether that looks like a lost form of answering.

use crate::experiments::llama::{Answered, Prompted};
use crate::metrics::language::Share;
use crate::record::llama::most;

/// A share of one answer above this, with all of its interval, is a habit more than a choice.
const HABIT: f64 = 0.8;

/// How a share of now stands to the base's, by Wilson's intervals at 95 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The intervals are apart: surely less.
    Fell,
    Rose,
    /// They overlap.
    Unsure,
}

impl Change {
    pub fn of(base: Share, now: Share) -> Self {
        let ([base_low, base_high], [low, high]) = (base.interval(), now.interval());
        match (high < base_low, low > base_high) {
            _ if base.of == 0 || now.of == 0 => Self::Unsure,
            (true, _) => Self::Fell,
            (_, true) => Self::Rose,
            _ => Self::Unsure,
        }
    }
}

/// The answer that is given nearly always.
#[derive(Clone, Debug, PartialEq)]
pub struct Habit {
    /// Its name, where answers have names, or its place.
    pub answer: String,
    pub share: Share,
    /// What the base gives of it.
    pub base: Share,
}

/// The answer that the tuned model gives nearly always, where the base does not and the truth does not: a sign that the
/// form of the question is lost, and not what was known.
pub fn habit(prompted: &Prompted) -> Option<Habit> {
    let (place, share) = most(&prompted.tuned.preferred)?;
    let given = |answered: &Answered| Share {
        count: answered.preferred.get(place).copied().unwrap_or(0),
        of: answered.preferred.iter().sum(),
    };
    let base = given(&prompted.base);
    let low = share.interval()[0];
    let is_new = low > HABIT && low > base.interval()[1] && truth(prompted, place).is_none_or(|true_| low > true_);
    is_new.then(|| Habit { answer: answer(prompted, place), share, base })
}

/// The share of items of which this answer is true, where it is known.
fn truth(prompted: &Prompted, place: usize) -> Option<f64> {
    let counts = &prompted.tuned.confusion.as_ref()?.counts;
    let rows: Vec<usize> = counts.iter().map(|row| row.iter().sum()).collect();
    let share = Share { count: *rows.get(place)?, of: rows.iter().sum() };
    Some(share.fraction())
}

/// What an answer is called.
pub fn answer(prompted: &Prompted, place: usize) -> String {
    let class = prompted.classes.as_ref().and_then(|classes| classes.get(place));
    class.map_or_else(|| format!("answer {}", place + 1), |class| format!("\"{}\"", super::plain(class)))
}

/// The share of right answers of someone who guesses, where the answers are the same for all items.
pub fn chance(prompted: &Prompted) -> Option<f64> {
    let classes = prompted.classes.as_ref()?.len();
    (classes > 0).then(|| 1.0 / classes as f64)
}
