//! New rows and replayed ones, at an exact ratio.

use serde::{Deserialize, Serialize};

use super::order::Order;

/// Parts of a whole draw in which fractions are counted.
const WHOLE: f64 = (1_u64 << 32) as f64;

/// Of what the replay fraction is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    Examples,
    Tokens,
}

/// Which corpus a row is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    New,
    Replay,
}

/// The next row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    pub part: Part,
    pub row: u32,
}

/// Where a mixture is: all that is needed to go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Examples drawn, new and replayed.
    pub examples: [u64; 2],
    /// Their tokens.
    pub tokens: [u64; 2],
    /// How much replay is owed, in 2^-32 of the unit.
    pub owed: i64,
}

/// Draws rows of two corpora, so that replay is a fraction p of all.
///
/// In examples: after any draws, replayed ones are within half an example of the sum of their fractions p. In tokens:
/// after any draws, replayed tokens are within one example's tokens of the sum of p times the tokens of each. Fractions
/// are rounded to 2^-32 and the balance is a whole number, so that nothing drifts and any place can be gone on from.
#[derive(Clone, Debug)]
pub struct Mixture {
    unit: Unit,
    new: Order,
    replay: Option<Order>,
    state: State,
    /// The fraction of the draw that has not been counted.
    drawn: Option<(Part, i64)>,
}

impl Mixture {
    /// Nothing drawn yet. Without an order of replay, nothing is replayed.
    pub fn new(unit: Unit, new: Order, replay: Option<Order>) -> Self {
        Self::at(unit, new, replay, State::default())
    }

    /// The same, going on from a state.
    pub fn at(unit: Unit, new: Order, replay: Option<Order>, state: State) -> Self {
        Self { unit, new, replay, state, drawn: None }
    }

    /// Where it is.
    pub fn state(&self) -> State {
        self.state
    }

    /// The next row, with replay owed at this fraction.
    ///
    /// # Panics
    /// If the tokens of the last have not been counted, or the fraction is not in [0, 1].
    pub fn draw(&mut self, fraction: f64) -> Draw {
        assert!(self.drawn.is_none(), "the tokens of each draw are counted");
        assert!((0.0..=1.0).contains(&fraction), "a fraction is in [0, 1]");
        let fraction = if self.replay.is_some() { libm::round(fraction * WHOLE) as i64 } else { 0 };
        let whole = WHOLE as i64;
        let due = match self.unit {
            Unit::Examples => self.state.owed + fraction >= whole / 2 && fraction > 0,
            Unit::Tokens => fraction > 0 && (self.state.owed > 0 || fraction == whole),
        };
        let part = if due { Part::Replay } else { Part::New };
        self.drawn = Some((part, fraction));
        let place = self.state.examples[part as usize];
        let row = match (&mut self.replay, part) {
            (Some(replay), Part::Replay) => replay.at(place),
            _ => self.new.at(place),
        };
        Draw { part, row }
    }

    /// Counts what was drawn: so many tokens.
    ///
    /// # Panics
    /// If nothing was.
    pub fn count(&mut self, tokens: usize) {
        let (part, fraction) = self.drawn.take().expect("a row was drawn");
        let size = match self.unit {
            Unit::Examples => 1,
            Unit::Tokens => tokens as i64,
        };
        self.state.examples[part as usize] += 1;
        self.state.tokens[part as usize] += tokens as u64;
        let paid = if part == Part::Replay { WHOLE as i64 } else { 0 };
        self.state.owed += (fraction - paid) * size;
    }
}
