//! The one-hidden-layer network that every fused engine trains.

use serde::{Deserialize, Serialize};

#[cfg(feature = "fused")]
use crate::seed::Stream;

/// What each hidden unit applies to its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    Relu,
    Tanh,
    Erf,
    Linear,
}

/// How weights are drawn, scaled inside the network, and stepped.
///
/// | | f(x), hidden width h, one input | initial values | step |
/// |---|---|---|---|
/// | `Standard` | w2 . act(w1 x + b1) + b2 | `torch.nn.Linear`: w1, b1 uniform in +-1; w2, b2 uniform in +-1/sqrt(h) | lr |
/// | `Ntk` | w2 . act(w1 x + b1) / sqrt(h) + b2 | w1, b1, w2 normal(0, 1); b2 = 0 | lr |
/// | `Meanfield` | w2 . act(w1 x + b1) / (g0 h) + b2 | as `Ntk` | lr g0^2 h, but lr for b2 |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Parameterisation {
    Standard,
    Ntk,
    Meanfield,
}

/// The shape and scaling of a network: everything but its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mlp {
    pub width: usize,
    pub activation: Activation,
    pub parameterisation: Parameterisation,
    /// g0 of the mean-field parameterisation; small is lazy, large is rich.
    pub richness: f32,
}

/// The parameters of one network.
///
/// # Shapes
/// `w1`, `b1`, `w2`: `[width]`; `b2`: scalar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameters {
    pub w1: Vec<f32>,
    pub b1: Vec<f32>,
    pub w2: Vec<f32>,
    pub b2: f32,
}

impl Mlp {
    /// The factor between w2 . act(..) and the output: 1, 1/sqrt(h) or 1/(g0 h).
    pub fn output_scale(&self) -> f32 {
        let h = self.width as f32;
        match self.parameterisation {
            Parameterisation::Standard => 1.0,
            Parameterisation::Ntk => 1.0 / h.sqrt(),
            Parameterisation::Meanfield => 1.0 / (self.richness * h),
        }
    }

    /// The factor on the learning rate of w1, b1 and w2 (that of b2 is always 1).
    pub fn rate_scale(&self) -> f32 {
        match self.parameterisation {
            Parameterisation::Standard | Parameterisation::Ntk => 1.0,
            Parameterisation::Meanfield => self.richness * self.richness * self.width as f32,
        }
    }

    /// Initial parameters by the table of [`Parameterisation`]: drawn in f64 in the order w1, b1, w2, b2
    /// and rounded once.
    #[cfg(feature = "fused")]
    pub fn init(&self, stream: &mut Stream) -> Parameters {
        let outer = 1.0 / (self.width as f64).sqrt();
        let mut draw = |uniform_within: f64| match self.parameterisation {
            Parameterisation::Standard => ((2.0 * stream.uniform() - 1.0) * uniform_within) as f32,
            Parameterisation::Ntk | Parameterisation::Meanfield => stream.normal() as f32,
        };
        let mut row = |uniform_within| (0..self.width).map(|_| draw(uniform_within)).collect();
        let (w1, b1, w2) = (row(1.0), row(1.0), row(outer));
        let b2 = match self.parameterisation {
            Parameterisation::Standard => draw(outer),
            Parameterisation::Ntk | Parameterisation::Meanfield => 0.0,
        };
        Parameters { w1, b1, w2, b2 }
    }
}
