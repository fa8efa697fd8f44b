//! A network as it stands, for the kernel: what a step along its tangents does to it.

mod layers;
mod seen;

use std::rc::Rc;

use ndarray::{Array1, Array2, Axis, concatenate};

#[cfg(all(feature = "scaling", feature = "associations"))]
pub use self::layers::plain_kernel;
use self::seen::Seen;
use crate::experiments::inputs::Inputs;
use crate::kernel::{Linearised, TheoryError};
use crate::model::{Mlp, Parameters};

/// A network linearised where it stands: kernels and outputs on all points of a job.
///
/// Training points are those of the new tasks, then of the old one; evaluation points their test points in the same
/// order, then the grid.
#[derive(Clone)]
pub struct Tangent {
    pub parameters: Parameters,
    training: Rc<Seen>,
    /// [(stages + 1) samples, (stages + 1) samples]
    pub kernel: Array2<f64>,
    /// [evaluation points, (stages + 1) samples]
    pub evaluation: Array2<f64>,
    /// f at the training points and at the evaluation points.
    pub outputs: [Array1<f64>; 2],
}

impl Tangent {
    /// The tangent of a network; `None` where it has no finite kernel, or this build has no gradients of it.
    pub fn of(mlp: &Mlp, parameters: Parameters, inputs: &Inputs) -> Option<Self> {
        let training = Seen::of(mlp, &parameters, inputs.training_inputs())?;
        let evaluated = [&inputs.test_inputs()[..], inputs.line()].concat();
        let (mut outputs, mut kernels) = (Vec::new(), Vec::new());
        for x in evaluated.chunks(Seen::together(mlp).saturating_mul(mlp.inputs)) {
            let some = Seen::of(mlp, &parameters, x)?;
            outputs.extend(some.outputs());
            kernels.push(some.cross_kernel(&training)?);
        }
        let kernels: Vec<_> = kernels.iter().map(|kernel| kernel.view()).collect();
        Some(Self {
            parameters,
            kernel: training.kernel()?,
            evaluation: concatenate(Axis(0), &kernels).ok()?,
            outputs: [training.outputs(), outputs.into()],
            training: Rc::new(training),
        })
    }

    /// The network as a linear model of all training examples in fine-tuning, asked at the evaluation points.
    ///
    /// # Errors
    /// Too many examples; values that are not finite.
    pub fn linearised(&self, inputs: &Inputs) -> Result<Linearised, TheoryError> {
        let labels = inputs.labels(true).iter().copied().map(f64::from);
        let residuals = self.outputs[0].iter().zip(labels).map(|(f, y)| f - y).collect();
        Linearised::new(self.kernel.clone(), self.evaluation.clone(), residuals, self.outputs[1].clone())
    }

    /// What the parameters change by where the outputs change by K alpha, in the order of [`Parameters::iter`].
    ///
    /// # Shapes
    /// `alpha`: one number for each training point
    pub fn pulled_back(&self, alpha: &[f64]) -> Vec<f64> {
        self.training.pulled_back(alpha)
    }
}

/// The kernel of a network between some points; `None` as for [`Tangent::of`].
///
/// # Shapes
/// `x`: [n, inputs] row by row; result: [n, n]
pub fn kernel(mlp: &Mlp, parameters: &Parameters, x: &[f32]) -> Option<Array2<f64>> {
    Seen::of(mlp, parameters, x)?.kernel()
}

/// Parameters that have moved; `None` where they are not the network's.
pub fn moved(mlp: &Mlp, parameters: &Parameters, by: &[f64]) -> Option<Parameters> {
    let row: Vec<f32> = parameters.iter().zip(by).map(|(p, d)| (f64::from(p) + d) as f32).collect();
    Parameters::from_row(mlp, &row)
}
