//! Deep networks, several at a time, by the gradients of burn's autodiff: on the CPU (burn's `flex`) and,
//! with the feature `gpu`, on WebGPU. Which of them is a [`Device`], chosen when the program runs.
//!
//! [`Fleet`] trains, [`outputs()`] asks one network, [`jacobian()`] differentiates single outputs. Results agree with
//! [`super::fused_cpu`] within a tolerance: matrix products sum in another order. They do not depend on
//! which other networks are in the fleet.

mod dense;
mod fleet;
mod forward;
mod jacobian;
mod measure;
mod member;
mod shape;
mod single;
mod squad;
mod task;
mod update;

pub use super::threads::at_once;
pub use burn_tensor::Device;
pub use fleet::{Fleet, bytes_of};
pub use forward::outputs;
pub use jacobian::{jacobian, kernel_trace};
pub use member::{Member, Standing};
pub use shape::Shape;
pub use single::State;
pub use squad::Fault;
