//! The fully connected network that every engine trains; the fused ones train those of [`Mlp::is_shallow`].

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

/// How weights are drawn, scaled inside the network, and stepped. d is the number of inputs, h the width.
///
/// | | f(x), one hidden layer | initial values | step |
/// |---|---|---|---|
/// | `Standard` | w2 . act(W1 x + b1) + b2 | `torch.nn.Linear`: W1, b1 uniform in +-1/sqrt(d); w2, b2 uniform in +-1/sqrt(h) | lr |
/// | `Ntk` | w2 . act(W1 x / sqrt(d) + b1) / sqrt(h) + b2 | W1, b1, w2 normal(0, 1); b2 = 0 | lr |
/// | `Meanfield` | w2 . act(W1 x / sqrt(d) + b1) / (g0 h) + b2 | as `Ntk` | lr g0^2 h, but lr for b2 |
///
/// Further hidden layers repeat the rule of the first with d = h.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Parameterisation {
    Standard,
    Ntk,
    Meanfield,
}

/// What a hidden layer does besides z = W a + b and the activation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Block {
    /// Nothing: act(z).
    #[default]
    #[serde(rename = "plain")]
    Plain,
    /// From the second hidden layer on what goes in is added to what comes out: a + act(z) (He et al. 1512.03385).
    #[serde(rename = "residual")]
    Residual,
    /// z is normalised over the units before the activation: gamma (z - mean) / sqrt(variance + 1e-5) + beta, with
    /// gamma and beta trained (layer normalisation, Ba et al. 1607.06450).
    #[serde(rename = "norm")]
    Norm,
    /// Both.
    #[serde(rename = "resnorm")]
    ResidualNorm,
}

impl Block {
    /// Whether hidden layers are normalised.
    pub fn has_norm(self) -> bool {
        matches!(self, Self::Norm | Self::ResidualNorm)
    }

    /// Whether later hidden layers add what goes in.
    pub fn has_residual(self) -> bool {
        matches!(self, Self::Residual | Self::ResidualNorm)
    }
}

/// The shape and scaling of a network: everything but its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mlp {
    /// d, the number of coordinates of a point.
    pub inputs: usize,
    /// h, the units of each hidden layer.
    pub width: usize,
    /// Hidden layers, at least one.
    pub depth: usize,
    pub block: Block,
    pub activation: Activation,
    pub parameterisation: Parameterisation,
    /// g0 of the mean-field parameterisation; small is lazy, large is rich.
    pub richness: f32,
}

/// The parameters of one network.
///
/// # Shapes
/// `w1`: `[width, inputs]`, unit by unit; `b1`, `w2`: `[width]`; `b2`: scalar; `middle`: what lies between, one
/// after the other ([`Mlp::middle_count`]): gamma and beta of the first hidden layer where it is normalised, then for
/// each further hidden layer W `[width, width]` by unit, b `[width]`, and gamma and beta where it is normalised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameters {
    pub w1: Vec<f32>,
    pub b1: Vec<f32>,
    #[serde(default)]
    pub middle: Vec<f32>,
    pub w2: Vec<f32>,
    pub b2: f32,
}

impl Parameters {
    /// The same number for every parameter.
    pub fn filled(mlp: &Mlp, value: f32) -> Self {
        let rows = |count| vec![value; count];
        Self {
            w1: rows(mlp.width * mlp.inputs),
            b1: rows(mlp.width),
            middle: rows(mlp.middle_count()),
            w2: rows(mlp.width),
            b2: value,
        }
    }

    /// Whether they have the shape of a network.
    pub fn fit(&self, mlp: &Mlp) -> bool {
        let counts = [self.w1.len(), self.b1.len(), self.middle.len(), self.w2.len()];
        counts == [mlp.width * mlp.inputs, mlp.width, mlp.middle_count(), mlp.width]
    }

    /// All of them in one row: w1, b1, middle, w2, b2.
    pub fn iter(&self) -> impl Iterator<Item = f32> + '_ {
        let rows = [&self.w1, &self.b1, &self.middle, &self.w2];
        rows.into_iter().flatten().copied().chain([self.b2])
    }

    /// From one row in the order of [`Self::iter`]; `None` where its length is not the network's.
    pub fn from_row(mlp: &Mlp, row: &[f32]) -> Option<Self> {
        if row.len() != mlp.parameter_count() {
            return None;
        }
        let mut rest = row.iter().copied();
        let mut next = |count| rest.by_ref().take(count).collect();
        let (w1, b1) = (next(mlp.width * mlp.inputs), next(mlp.width));
        let (middle, w2) = (next(mlp.middle_count()), next(mlp.width));
        Some(Self { w1, b1, middle, w2, b2: rest.next()? })
    }
}

impl Mlp {
    /// One plain hidden layer on a line, with g0 = 1.
    pub fn on_a_line(width: usize, activation: Activation, parameterisation: Parameterisation) -> Self {
        Self { inputs: 1, width, depth: 1, block: Block::Plain, activation, parameterisation, richness: 1.0 }
    }

    /// Whether it is a network of the fused engines: one hidden layer that is not normalised.
    pub fn is_shallow(&self) -> bool {
        self.depth == 1 && !self.block.has_norm()
    }

    /// How many numbers [`Parameters::middle`] has.
    pub fn middle_count(&self) -> usize {
        let norm = if self.block.has_norm() { 2 * self.width } else { 0 };
        self.depth * norm + (self.depth - 1) * (self.width * self.width + self.width)
    }

    /// How many parameters it has in all.
    pub fn parameter_count(&self) -> usize {
        self.width * (self.inputs + 2) + self.middle_count() + 1
    }

    /// The factor between a layer's weights and what goes into it: 1, or 1/sqrt(inputs) of that layer.
    pub fn hidden_scale(&self, inputs: usize) -> f32 {
        match self.parameterisation {
            Parameterisation::Standard => 1.0,
            Parameterisation::Ntk | Parameterisation::Meanfield => 1.0 / (inputs as f32).sqrt(),
        }
    }

    /// The factor between w2 . act(..) and the output: 1, 1/sqrt(h) or 1/(g0 h).
    pub fn output_scale(&self) -> f32 {
        let h = self.width as f32;
        match self.parameterisation {
            Parameterisation::Standard => 1.0,
            Parameterisation::Ntk => 1.0 / h.sqrt(),
            Parameterisation::Meanfield => 1.0 / (self.richness * h),
        }
    }

    /// The factor on the learning rate of all parameters but b2, whose is always 1.
    pub fn rate_scale(&self) -> f32 {
        match self.parameterisation {
            Parameterisation::Standard | Parameterisation::Ntk => 1.0,
            Parameterisation::Meanfield => self.richness * self.richness * self.width as f32,
        }
    }

    /// Initial parameters by the table of [`Parameterisation`]: drawn in f64 in the order w1, b1, middle, w2, b2
    /// and rounded once. Each gamma is 1 and each beta 0.
    #[cfg(feature = "fused")]
    pub fn init(&self, stream: &mut Stream) -> Parameters {
        let within = |inputs: usize| 1.0 / (inputs as f64).sqrt();
        let outer = within(self.width);
        let mut draw = |uniform_within: f64| match self.parameterisation {
            Parameterisation::Standard => ((2.0 * stream.uniform() - 1.0) * uniform_within) as f32,
            Parameterisation::Ntk | Parameterisation::Meanfield => stream.normal() as f32,
        };
        let mut row = |count: usize, uniform_within| (0..count).map(|_| draw(uniform_within)).collect::<Vec<f32>>();
        let first = within(self.inputs);
        let (w1, b1) = (row(self.width * self.inputs, first), row(self.width, first));
        let norm = if self.block.has_norm() { self.width } else { 0 };
        let mut middle = Vec::with_capacity(self.middle_count());
        for layer in 0..self.depth {
            if layer > 0 {
                middle.extend(row(self.width * (self.width + 1), outer));
            }
            middle.extend((0..2 * norm).map(|k| if k < norm { 1.0 } else { 0.0 }));
        }
        let w2 = row(self.width, outer);
        let b2 = match self.parameterisation {
            Parameterisation::Standard => draw(outer),
            Parameterisation::Ntk | Parameterisation::Meanfield => 0.0,
        };
        Parameters { w1, b1, middle, w2, b2 }
    }
}
