//! The fused loop of [`super::fused_cpu`] as kernels for a GPU: one workgroup trains one network.
//!
//! The same source runs on WebGPU in browsers and on Vulkan, Metal or CUDA natively. Results agree with
//! the reference within a tolerance: a GPU sums in another order and may fuse multiplications with
//! additions.

mod activation;
mod device;
mod elementary;
pub mod fleet;
mod forward;
mod gradient;
mod launch;
mod layout;
mod measure;
mod output;
mod plan;
mod seen;
mod stop;
mod sums;
mod table;
mod train;
mod update;
mod workgroup;

pub use device::{AdapterFacts, Gpu, GpuFault, NoGpu};
pub use fleet::{Fleet, bytes_of, bytes_of_world};
