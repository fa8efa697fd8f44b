//! A feed-forward layer.

use burn::module::Module;
use burn_tensor::Tensor;

use super::config::Config;
use super::linear::Linear;
use super::network::Mode;
use super::parameters::Source;
use super::weights::Fault;
use crate::engine::operations::swiglu;

#[derive(Module, Debug)]
pub struct FeedForward {
    pub gate_proj: Linear,
    pub up_proj: Linear,
    pub down_proj: Linear,
}

impl FeedForward {
    pub fn new(config: &Config, source: &mut Source<'_>) -> Result<Self, Fault> {
        let (hidden, inner, bias) = (config.hidden_size, config.intermediate_size, config.mlp_bias);
        Ok(Self {
            gate_proj: source.linear("gate_proj", [hidden, inner], bias)?,
            up_proj: source.linear("up_proj", [hidden, inner], bias)?,
            down_proj: source.linear("down_proj", [inner, hidden], bias)?,
        })
    }

    pub fn forward(&self, x: Tensor<2>, mode: &Mode) -> Tensor<2> {
        let gate = self.gate_proj.forward(x.clone(), mode);
        self.down_proj.forward(swiglu(gate, self.up_proj.forward(x, mode)), mode)
    }
}
