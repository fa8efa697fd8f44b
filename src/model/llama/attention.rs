//! A layer of attention.

use std::sync::Arc;

use burn::module::Module;
use burn_tensor::Tensor;

use super::config::Config;
use super::linear::Linear;
use super::network::Mode;
use super::parameters::Source;
use super::weights::Fault;
use crate::engine::operations::{Extension, Heads, Remembered, Sight, attend};

#[derive(Module, Debug)]
pub struct Attention {
    pub q_proj: Linear,
    pub k_proj: Linear,
    pub v_proj: Linear,
    pub o_proj: Linear,
    #[module(skip)]
    heads: Heads,
}

impl Attention {
    pub fn new(config: &Config, source: &mut Source<'_>) -> Result<Self, Fault> {
        let heads =
            Heads { queries: config.num_attention_heads, keys: config.num_key_value_heads, units: config.head_dim };
        let (hidden, bias) = (config.hidden_size, config.attention_bias);
        let (asking, answering) = (heads.queries * heads.units, heads.keys * heads.units);
        Ok(Self {
            q_proj: source.linear("q_proj", [hidden, asking], bias)?,
            k_proj: source.linear("k_proj", [hidden, answering], bias)?,
            v_proj: source.linear("v_proj", [hidden, answering], bias)?,
            o_proj: source.linear("o_proj", [asking, hidden], bias)?,
            heads,
        })
    }

    pub fn forward(&self, x: Tensor<2>, sight: &Arc<Sight>, mode: &Mode) -> Tensor<2> {
        self.through(x, mode, |q, k, v| attend(q, k, v, self.heads, sight))
    }

    /// The same of positions that follow what is remembered.
    pub fn extend(&self, x: Tensor<2>, before: &mut Remembered, new: &Extension, mode: &Mode) -> Tensor<2> {
        self.through(x, mode, |q, k, v| before.attend(q, k, v, self.heads, new))
    }

    fn through(
        &self,
        x: Tensor<2>,
        mode: &Mode,
        attend: impl FnOnce(Tensor<2>, Tensor<2>, Tensor<2>) -> Tensor<2>,
    ) -> Tensor<2> {
        let [q, k, v] = [&self.q_proj, &self.k_proj, &self.v_proj].map(|linear| linear.forward(x.clone(), mode));
        self.o_proj.forward(attend(q, k, v), mode)
    }

    /// The shape of its heads.
    pub fn heads(&self) -> Heads {
        self.heads
    }
}
