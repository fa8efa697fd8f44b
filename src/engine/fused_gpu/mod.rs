//! The fused loop of [`super::fused_cpu`] as kernels for a GPU: one workgroup trains one network.
//!
//! The same source runs on WebGPU in browsers and on Vulkan, Metal or CUDA natively. Results agree with
//! the reference within a tolerance: a GPU sums in another order and may fuse multiplications with
//! additions.

mod activation;
mod device;
mod elementary;
pub mod fleet;
mod launch;
mod measure;
mod plan;
mod step;
mod table;
mod train;

pub use device::{AdapterFacts, Gpu, GpuFault, NoGpu};
pub use fleet::{Fleet, bytes_of};
