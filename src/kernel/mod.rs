//! The neural tangent kernel (NTK) and what it predicts.
//!
//! k(x, x') = <df(x)/dtheta, df(x')/dtheta>, over all parameters, taken where fine-tuning starts.

mod comparison;
mod infinite;
mod tangent;

pub use comparison::{Centring, ComparisonFault, kernel_alignment, kernel_drift, target_alignment};
pub use infinite::{InfiniteBias, InfiniteKernels, InfiniteNetwork, InfiniteUnit};
pub use tangent::{
    Activation, Erf, Identity, KernelFault, Layer, Network, Number, Relu, TangentKernel, Tangents, Tanh, Unit,
    mirror_lower,
};
