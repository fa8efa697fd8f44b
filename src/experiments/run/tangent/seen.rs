//! Some points as a network's tangent sees them: by its layers where it is plain, by its gradients where not.

use ndarray::{Array1, Array2};

use super::layers::{flat, network, points};
#[cfg(feature = "autodiff")]
use crate::engine::autodiff::{Shape, jacobian, outputs};
#[cfg(feature = "autodiff")]
use crate::kernel::Jacobian;
use crate::kernel::Tangents;
use crate::model::{Block, Mlp, Parameters};

/// Everything about some points that their kernel needs.
pub enum Seen {
    /// Activations and derivatives of the layers of a plain network.
    Layers(Tangents<f64>),
    /// Gradients of a network of another kind, and its outputs.
    #[cfg(feature = "autodiff")]
    Gradients { jacobian: Jacobian, outputs: Array1<f64> },
}

/// Numbers of a Jacobian of points that are not kept: 256 MiB.
const PASSING: usize = 1 << 26;

/// Whether the kernel's closed form knows a network: with one hidden layer there is nothing to be added to.
fn is_layered(mlp: &Mlp) -> bool {
    mlp.block == Block::Plain || mlp.is_shallow()
}

impl Seen {
    /// How many points are best seen at a time where only their products with others are wanted.
    pub fn together(mlp: &Mlp) -> usize {
        if is_layered(mlp) { usize::MAX } else { (PASSING / mlp.parameter_count()).max(1) }
    }

    /// Sees points, [n, inputs] row by row; `None` where something is not finite, or no engine of this build has
    /// the network's gradients.
    pub fn of(mlp: &Mlp, parameters: &Parameters, x: &[f32]) -> Option<Self> {
        if is_layered(mlp) {
            let seen = network(mlp, parameters).ok()?.tangents(points(mlp, x).view());
            return seen.ok().map(Self::Layers);
        }
        Self::by_gradients(mlp, parameters, x)
    }

    #[cfg(not(feature = "autodiff"))]
    fn by_gradients(_: &Mlp, _: &Parameters, _: &[f32]) -> Option<Self> {
        None
    }

    #[cfg(feature = "autodiff")]
    fn by_gradients(mlp: &Mlp, parameters: &Parameters, x: &[f32]) -> Option<Self> {
        let (shape, row) = (Shape::scalar(*mlp), parameters.iter().collect::<Vec<f32>>());
        let slopes = jacobian(&shape, &row, x, 1);
        let slopes = Array2::from_shape_vec((x.len() / mlp.inputs, row.len()), slopes).ok()?;
        // Of all parameters but the last, b2.
        let rates = vec![(row.len() - 1, f64::from(mlp.rate_scale())), (1, 1.0)];
        Some(Self::Gradients {
            jacobian: Jacobian::new(slopes, rates).ok()?,
            outputs: outputs(&shape, &row, x).into_iter().map(f64::from).collect(),
        })
    }

    /// f at the points.
    pub fn outputs(&self) -> Array1<f64> {
        match self {
            Self::Layers(tangents) => tangents.outputs().column(0).to_owned(),
            #[cfg(feature = "autodiff")]
            Self::Gradients { outputs, .. } => outputs.clone(),
        }
    }

    /// K between the points; `None` where it is not finite.
    pub fn kernel(&self) -> Option<Array2<f64>> {
        match self {
            Self::Layers(tangents) => tangents.kernel().ok(),
            #[cfg(feature = "autodiff")]
            Self::Gradients { jacobian, .. } => jacobian.kernel().ok(),
        }
    }

    /// K between these points and others of the same network; `None` where it is not finite.
    pub fn cross_kernel(&self, columns: &Self) -> Option<Array2<f64>> {
        match (self, columns) {
            (Self::Layers(rows), Self::Layers(columns)) => rows.cross_kernel(columns).ok(),
            #[cfg(feature = "autodiff")]
            (Self::Gradients { jacobian: rows, .. }, Self::Gradients { jacobian: columns, .. }) => {
                rows.cross_kernel(columns).ok()
            }
            #[cfg(feature = "autodiff")]
            _ => None,
        }
    }

    /// What the parameters change by where the outputs change by K alpha.
    pub fn pulled_back(&self, alpha: &[f64]) -> Vec<f64> {
        match self {
            Self::Layers(tangents) => flat(&tangents.pulled_back(alpha)),
            #[cfg(feature = "autodiff")]
            Self::Gradients { jacobian, .. } => jacobian.pulled_back(alpha),
        }
    }
}
