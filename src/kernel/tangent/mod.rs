//! Empirical tangent kernels: of a network as it stands, at any parameters.
//!
//! ```text
//! K[x c, x' c'] = sum_g rate_g <df_c(x)/dtheta_g, df_c'(x')/dtheta_g>
//! ```
//!
//! over groups g of parameters, each with the factor by which its steps differ from the learning rate. With C
//! outputs the kernel of n and m points is [n C, m C]: all outputs of the first point, then of the second, and so
//! on, which is the order of `outputs` read row by row.
//!
//! [`Network`] is a fully connected network, whose kernel follows from its layers without the Jacobian
//! (Jacot et al. 1806.10572; the sum over layers as in Novak et al. 2206.08720). [`Jacobian`] makes the kernel of a
//! network of any other kind from its gradients. [`TangentKernel`] is the interface of networks that are asked.

mod activation;
mod bands;
mod fault;
mod jacobian;
mod network;
mod number;
mod pass;
mod tangents;
mod tile;
mod vectors;

pub use activation::{Activation, Erf, Identity, Relu, Tanh, Unit};
pub use fault::KernelFault;
pub use jacobian::Jacobian;
pub use network::{Layer, Network};
pub use number::Number;
pub use tangents::{ParameterStep, Tangents, mirror_lower};

use ndarray::{Array2, ArrayView2};

/// A network whose tangent kernel can be taken, however it comes by it.
pub trait TangentKernel<F> {
    /// Why there is none.
    type Fault: core::error::Error;

    /// f at every point.
    ///
    /// # Shapes
    /// `x`: `[n, inputs]`; result: `[n, C]`.
    ///
    /// # Errors
    /// If the points do not fit the network, or the result is not finite.
    fn outputs(&self, x: ArrayView2<F>) -> Result<Array2<F>, Self::Fault>;

    /// K between all points of one set: symmetric and positive semidefinite.
    ///
    /// # Shapes
    /// `x`: `[n, inputs]`; result: `[n C, n C]`.
    ///
    /// # Errors
    /// As `outputs`.
    fn kernel(&self, x: ArrayView2<F>) -> Result<Array2<F>, Self::Fault>;

    /// K between two sets of points.
    ///
    /// # Shapes
    /// `rows`: `[m, inputs]`; `columns`: `[n, inputs]`; result: `[m C, n C]`.
    ///
    /// # Errors
    /// As `outputs`.
    fn cross_kernel(&self, rows: ArrayView2<F>, columns: ArrayView2<F>) -> Result<Array2<F>, Self::Fault>;
}
