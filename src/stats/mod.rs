//! Statistics of populations over seeds, with the same bits on every platform.

pub mod bootstrap;
pub mod order;
pub mod paired;
pub mod quantile;
pub mod significance;
pub mod slope;

pub use bootstrap::{Interval, Resamples};
pub use order::{sorted, sorted_by_key};
pub use paired::{Paired, sign_flips};
pub use quantile::{Quartiles, quantile};
pub use significance::{holm, sign_test};
pub use slope::{Slope, Verdict, slope_over_seeds};
