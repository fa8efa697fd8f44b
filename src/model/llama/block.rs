//! One block: attention, then a feed-forward layer, each on normalised inputs and added to them.

use std::sync::Arc;

use burn::module::{Module, Param};
use burn_tensor::Tensor;

use super::attention::Attention;
use super::config::Config;
use super::feed_forward::FeedForward;
use super::network::Mode;
use super::parameters::Source;
use super::weights::Fault;
use crate::engine::operations::{Extension, Remembered, Sight, rms_norm};

#[derive(Module, Debug)]
pub struct Norm {
    /// `[units]`
    pub weight: Param<Tensor<1>>,
    #[module(skip)]
    epsilon: f64,
}

impl Norm {
    pub fn new(config: &Config, name: &str, source: &mut Source<'_>) -> Result<Self, Fault> {
        let weight = source.within(name, |source| source.vector("weight", config.hidden_size))?;
        Ok(Self { weight, epsilon: config.rms_norm_eps })
    }

    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        rms_norm(x, self.weight.val(), self.epsilon)
    }
}

#[derive(Module, Debug)]
pub struct Block {
    pub self_attn: Attention,
    pub mlp: FeedForward,
    pub input_layernorm: Norm,
    pub post_attention_layernorm: Norm,
}

impl Block {
    pub fn new(config: &Config, source: &mut Source<'_>) -> Result<Self, Fault> {
        Ok(Self {
            self_attn: source.within("self_attn", |source| Attention::new(config, source))?,
            mlp: source.within("mlp", |source| FeedForward::new(config, source))?,
            input_layernorm: Norm::new(config, "input_layernorm", source)?,
            post_attention_layernorm: Norm::new(config, "post_attention_layernorm", source)?,
        })
    }

    pub fn forward(&self, x: Tensor<2>, sight: &Arc<Sight>, mode: &Mode) -> Tensor<2> {
        self.around(x, mode, |x| self.self_attn.forward(x, sight, mode))
    }

    /// The same of positions that follow what is remembered.
    pub fn extend(&self, x: Tensor<2>, before: &mut Remembered, new: &Extension, mode: &Mode) -> Tensor<2> {
        self.around(x, mode, |x| self.self_attn.extend(x, before, new, mode))
    }

    fn around(&self, x: Tensor<2>, mode: &Mode, attention: impl FnOnce(Tensor<2>) -> Tensor<2>) -> Tensor<2> {
        let x = x.clone() + attention(self.input_layernorm.forward(x));
        x.clone() + self.mlp.forward(self.post_attention_layernorm.forward(x), mode)
    }
}
