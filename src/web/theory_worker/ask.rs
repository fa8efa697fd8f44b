//! What can be asked of the theory's worker, as plain objects: `{ analyse: { link, width: 64 } }`.

use serde::Deserialize;

use crate::experiments::analysis::prescription;
use crate::kernel::optimum::{self, Reference};
use crate::web::answering::Sheet;
use crate::web::protocol::Packed;

/// One question. All but the first two and the last are about the network analysed before.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Which networks a link has.
    Choices { link: String },
    /// Pre-trains one network of a link and takes its kernel; what is left out is chosen as the page does.
    Analyse {
        link: String,
        seed: Option<u32>,
        width: Option<u32>,
        /// p of statements and figures.
        replay: Option<f64>,
    },
    /// A figure of the analysis, or the last one that `Schedule` or `Front` made.
    Figure { id: String, sheet: Sheet },
    /// Everything as numbers.
    Numbers {},
    /// What the fractions of equal stretches of fine-tuning come to, and their figure.
    Schedule {
        fractions: Vec<f64>,
        sheet: Sheet,
        /// Whose seeds are to train along it; those of the link that was analysed without it.
        link: Option<String>,
    },
    /// The fractions of a schedule that anybody would think of.
    Usual { way: Usual, budget: f64, segments: usize },
    /// The fractions that the kernel prescribes.
    Prescribe { objective: Objective, terms: Terms },
    /// The best replay fraction that stays the same all the time.
    BestConstant { objective: Objective, id_slack: f64 },
    /// Makes the figure of the least that each objective comes to, over budgets.
    Front { terms: Terms },
    /// A PNG, with the words in it that say where it comes from.
    Stamp { png: Packed, source: String },
}

/// [`optimum::Objective`], by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    End,
    Average,
    Worst,
}

impl From<Objective> for optimum::Objective {
    fn from(objective: Objective) -> Self {
        match objective {
            Objective::End => Self::End,
            Objective::Average => Self::Average,
            Objective::Worst => Self::Worst,
        }
    }
}

/// [`Reference`], by its name in results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Usual {
    Uniform,
    FrontLoaded,
    BackLoaded,
    Periodic,
}

impl From<Usual> for Reference {
    fn from(usual: Usual) -> Self {
        match usual {
            Usual::Uniform => Self::Uniform,
            Usual::FrontLoaded => Self::FrontLoaded,
            Usual::BackLoaded => Self::BackLoaded,
            Usual::Periodic => Self::Periodic,
        }
    }
}

/// [`prescription::Terms`], as they arrive.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Terms {
    budget: f64,
    segments: usize,
    id_slack: f64,
}

impl From<Terms> for prescription::Terms {
    fn from(Terms { budget, segments, id_slack }: Terms) -> Self {
        Self { budget, segments, id_slack }
    }
}
