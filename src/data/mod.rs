//! Worlds: where the examples of both tasks come from.

pub mod two_gaussians;

pub use two_gaussians::{Clouds, TwoGaussians};
