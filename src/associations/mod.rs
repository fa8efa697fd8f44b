//! Who forgets what: the matrix of tasks and upstream examples, how much of it simple models hold, and what a few
//! measured entries of a new task say of all others.
//!
//! After Jin & Ren 2024 (arXiv 2406.14026). `docs/associations.md` says what is computed, and how.
//!
//! No threads are started here: the trials of a [`Protocol`] are independent, and a caller spreads them as it likes;
//! [`Decomposing`] takes so many columns and [`Permuting`] so many permutations at a time.

mod ceiling;
mod cluster;
mod co_forgetting;
mod correlation;
mod effects;
mod export;
mod factors;
mod features;
pub mod import;
mod matrix;
pub mod methods;
mod ordering;
mod permuting;
mod pooled;
mod profiles;
mod properties;
mod protocol;
mod reconstruction;
mod replay;
mod score;
mod spectrum;
mod split;
mod training;

pub use ceiling::Ceiling;
pub use co_forgetting::{ByChance, CoForgetting, Pair};
pub use correlation::{Correlation, pearson, spearman};
pub use effects::Effects;
pub use export::as_csv;
pub use factors::{Bounded, Compared, Factors, Side};
pub use features::{Features, MOST_FEATURES};
pub use matrix::{MOST_ENTRIES, MOST_ROWS, MOST_SIZE, Matrix};
pub use ordering::{Ordering, order_columns, order_rows};
pub use permuting::Permuting;
pub use pooled::{Pooling, Window, quantile_of_sizes};
pub use properties::{Grouped, Grouping, PERMUTATIONS, Properties};
pub use protocol::{BinaryScore, MOST_SEEDS, MethodScore, Protocol, Spread, Trial};
pub use reconstruction::{RankR2, Reconstruction, reconstruction_f1};
pub use replay::{replay_order, replay_weights};
pub use score::area_under_curve;
pub use spectrum::{Decomposing, Spectrum};
pub use split::{Split, list_of_rows};
pub use training::Training;
