//! Worlds: where the examples of the old task and of the new ones come from. Each stands in a file of its own
//! and in [`ALL`].

mod clusters;
mod gradual;
#[cfg(feature = "fused")]
pub mod language;
mod partial;
mod permuted;
mod rotated;
mod setting;
#[cfg(feature = "fused")]
mod tasks;
mod teacher;
#[cfg(feature = "llama")]
pub mod text;
mod two_gaussians;
mod world;

pub use setting::Setting;
#[cfg(feature = "fused")]
pub use tasks::{Examples, NewTask, Tasks};
pub use two_gaussians::cloud_on_line;
pub use world::{Definition, World};

/// Every world of this build, the default first.
pub const ALL: &[&Definition] = &[
    &two_gaussians::TWO_GAUSSIANS,
    &clusters::CLUSTERS,
    &teacher::TEACHER,
    &rotated::ROTATED,
    &permuted::PERMUTED,
    &partial::PARTIAL,
    &gradual::GRADUAL,
];

/// The label that pre-training gives to X1, where the world has one for all of it.
pub const OLD_LABEL_X1: f32 = 0.0;
/// The label of X2, where the world has one for all of it.
pub const LABEL_X2: f32 = 1.0;
