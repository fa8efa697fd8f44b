//! Optimisers, as plain settings; each engine applies them itself.

use serde::{Deserialize, Serialize};

/// The update rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OptimiserKind {
    /// theta <- theta - lr g, g over all examples.
    Gd,
    /// theta <- theta - lr g, g over a sampled batch.
    Sgd,
    /// v <- beta v + g; theta <- theta - lr v (heavy ball, as torch.optim.SGD).
    Momentum,
    /// Kingma & Ba 2015, as torch.optim.Adam.
    Adam,
}

impl OptimiserKind {
    /// What a gradient that lasts is multiplied by in the end, beside the learning rate: 1 / (1 - beta) under momentum.
    /// 1 for Adam as well, whose steps do not scale with the gradient.
    pub fn amplification(self) -> f64 {
        match self {
            Self::Gd | Self::Sgd | Self::Adam => 1.0,
            Self::Momentum => 1.0 / (1.0 - f64::from(MOMENTUM)),
        }
    }
}

/// An update rule with its constants.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Optimiser {
    pub kind: OptimiserKind,
    /// The step size before any factor of the parameterisation ([`crate::model::Mlp::rate_scale`]).
    pub learning_rate: f32,
}

/// beta of [`OptimiserKind::Momentum`].
pub const MOMENTUM: f32 = 0.9;
/// beta1, beta2 and epsilon of [`OptimiserKind::Adam`].
pub const ADAM: (f32, f32, f32) = (0.9, 0.999, 1e-8);
