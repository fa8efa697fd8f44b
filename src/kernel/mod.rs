//! The neural tangent kernel (NTK) and what it predicts.
//!
//! k(x, x') = <df(x)/dtheta, df(x')/dtheta>, over all parameters, taken where fine-tuning starts.

pub mod comparison;
mod infinite;
mod matrix;
mod reduced_path;
mod response;
mod tangent;

pub mod carriers;
pub mod evaluation_loss;
pub mod limit;
pub mod linearised;
pub mod mixture;
pub mod modes;
pub mod optimum;
pub mod recovery;
pub mod reduced;
pub mod rule;
pub mod schedule;
pub mod short_time;
pub mod theory_error;
pub mod trajectory;

pub use carriers::{Carrier, Carriers};
pub use comparison::{Centring, ComparisonFault, kernel_alignment, kernel_drift, target_alignment};
pub use evaluation_loss::EvaluationLoss;
pub use infinite::{InfiniteBias, InfiniteKernels, InfiniteNetwork, InfiniteUnit};
pub use limit::Limit;
pub use linearised::Linearised;
pub use mixture::Mixture;
pub use modes::Modes;
pub use recovery::Recovery;
pub use reduced::{Reduced, Truncation};
pub use rule::Rule;
pub use schedule::{Schedule, Segment};
pub use short_time::ShortTime;
pub use tangent::{
    Activation, Erf, Identity, Jacobian, KernelFault, Layer, Network, Number, ParameterStep, Relu, TangentKernel,
    Tangents, Tanh, Unit, mirror_lower,
};
pub use theory_error::TheoryError;
