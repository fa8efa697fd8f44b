//! Figures: one plain value per chart, and everything that is made from it.
//!
//! A builder (`learned_function`, `loss_over_time`, `forgetting_by_width`, `forgetting_by_replay`,
//! `forgetting_map`, `gap_by_width`, `mitigation_front`, `task_matrix`; of language models `confusion_matrix` and `change_matrix`; of ways to predict `method_matrix`; of one network's kernel `kernel_map`, `spectrum`, `modes`,
//! `replay_over_time`, `pareto`, `schedule`; `curves` for all that are curves and no more) turns results into a [`Figure`]. From that one value come the
//! picture ([`draw()`] on any plotters backend: canvas in the page, [`to_svg`] elsewhere), the
//! table and CSV ([`Table`]), the one-sentence summary, and what the pointer and the arrow
//! keys read ([`Cursor`]). [`Layout`] sits between: it decides where everything goes, text
//! included, so that a test can hold every label against every other.
//!
//! Nothing in a figure is NaN or infinite; what was not measured is `None`.

#![expect(clippy::disallowed_methods, reason = "pixels and labels; nothing here enters a fingerprint")]

pub mod change_matrix;
pub mod confusion_matrix;
pub mod cursor;
pub mod curves;
pub mod diverging;
pub mod draw;
pub mod forgetting_by_replay;
pub mod forgetting_by_width;
pub mod forgetting_map;
pub mod gap_by_width;
pub mod heat;
pub mod kernel_map;
pub mod layout;
pub mod learned_function;
pub mod loss_over_time;
pub mod method_matrix;
pub mod mitigation_front;
pub mod modes;
pub mod number;
pub mod paired_differences;
pub mod panel;
pub mod pareto;
pub mod png;
pub mod range;
pub mod replay_over_time;
pub mod schedule;
pub mod spectrum;
pub mod svg;
pub mod table;
pub mod task_matrix;
pub mod text;
pub mod theme;

pub use change_matrix::{Change, ChangeMatrix};
pub use confusion_matrix::ConfusionMatrix;
pub use cursor::{Cursor, Reading, Step};
pub use curves::{Curve, CurvePanel, Curves, Points};
pub use draw::{Surface, draw};
pub use forgetting_by_replay::ForgettingByReplay;
pub use forgetting_by_width::{Comparison, ForgettingByWidth};
pub use forgetting_map::{ForgettingMap, MapCell};
pub use gap_by_width::{GapByWidth, WidthGap};
pub use kernel_map::KernelMap;
pub use layout::{Layout, Sheet};
pub use learned_function::{LearnedFunction, Relabelling};
pub use loss_over_time::{LossOverTime, Phase, PhaseLosses};
pub use method_matrix::MethodMatrix;
pub use mitigation_front::{FrontLine, MitigationFront};
pub use modes::{ModeRow, Modes};
pub use paired_differences::{ArmDifference, PairedDifferences};
pub use panel::{Panel, Role};
pub use pareto::{Bought, Pareto, ParetoFront};
pub use range::Spread;
pub use replay_over_time::{ReplayCourse, ReplayOverTime};
pub use schedule::{Schedule, ScheduleCourse};
pub use spectrum::{Spectrum, SpectrumAt};
pub use svg::to_svg;
pub use table::{Cell, Column, Table};
pub use task_matrix::{Measured, TaskMatrix};
pub use theme::Theme;

use serde::{Deserialize, Serialize};

/// One chart: what it says, what it shows, and the numbers behind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Stable name for files and element ids, e.g. `loss-over-time`.
    pub id: String,
    pub title: String,
    /// One sentence that says what the figure shows, for everyone who does not see it.
    pub summary: String,
    /// Curves computed in advance, not the reader's run: drawn lighter and named "reference".
    pub reference: bool,
    /// Side by side, left to right.
    pub panels: Vec<Panel>,
    pub table: Table,
    /// Sentences that belong under the figure: what the lines and bands are, what was clamped.
    pub notes: Vec<String>,
}
