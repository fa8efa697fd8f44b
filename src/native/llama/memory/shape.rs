//! How many numbers a model has, and where.

use crate::model::llama::{Config, Lora, Tuning};

/// A linear layer of a block.
#[derive(Clone, Copy, Debug)]
pub struct Layer {
    /// Its path in the block, such as `self_attn.q_proj`.
    pub path: &'static str,
    pub inputs: usize,
    pub outputs: usize,
    pub bias: bool,
}

impl Layer {
    /// The linear layers of each block.
    pub fn all(config: &Config) -> [Self; 7] {
        let (hidden, inner) = (config.hidden_size, config.intermediate_size);
        let [queries, keys] = [config.num_attention_heads, config.num_key_value_heads].map(|n| n * config.head_dim);
        let of = |path, inputs, outputs, bias| Self { path, inputs, outputs, bias };
        let (attention, feed_forward) = (config.attention_bias, config.mlp_bias);
        [
            of("self_attn.q_proj", hidden, queries, attention),
            of("self_attn.k_proj", hidden, keys, attention),
            of("self_attn.v_proj", hidden, keys, attention),
            of("self_attn.o_proj", queries, hidden, attention),
            of("mlp.gate_proj", hidden, inner, feed_forward),
            of("mlp.up_proj", hidden, inner, feed_forward),
            of("mlp.down_proj", inner, hidden, feed_forward),
        ]
    }

    /// Numbers of its matrix.
    pub fn matrix(&self) -> usize {
        self.inputs * self.outputs
    }

    /// The rank that LoRA gives it in the block of this index; `None` where it is not adapted. A pattern that cannot be
    /// matched is refused when the model is tuned.
    pub fn rank(&self, block: usize, lora: &Lora) -> Option<usize> {
        let share = lora.share(&format!("model.layers.{block}.{}", self.path));
        share.ok().flatten().map(|share| share.rank)
    }
}

/// Numbers of a block's matrices.
pub fn block_matrices(config: &Config) -> usize {
    Layer::all(config).iter().map(Layer::matrix).sum()
}

/// Parameters of a block: matrices, biases, two norms.
fn block(config: &Config) -> usize {
    let biases: usize = Layer::all(config).iter().filter(|layer| layer.bias).map(|layer| layer.outputs).sum();
    block_matrices(config) + biases + 2 * config.hidden_size
}

/// Numbers of the embedding.
pub fn embedding(config: &Config) -> usize {
    config.vocab_size * config.hidden_size
}

/// Parameters of the base.
///
/// ```
/// use lethe::native::llama::memory::{parameters, preset};
/// assert_eq!(preset("Llama-2-7B").map(|config| parameters(&config)), Some(6_738_415_616));
/// ```
pub fn parameters(config: &Config) -> usize {
    let tables = if config.tie_word_embeddings { 1 } else { 2 };
    tables * embedding(config) + config.num_hidden_layers * block(config) + config.hidden_size
}

/// Parameters that a tuning trains.
pub fn trained(config: &Config, tuning: &Tuning) -> usize {
    let layers = Layer::all(config);
    match tuning {
        Tuning::Lora(lora) => (0..config.num_hidden_layers)
            .flat_map(|block| layers.iter().map(move |layer| (layer, layer.rank(block, lora).unwrap_or(0))))
            .map(|(layer, rank)| rank * (layer.inputs + layer.outputs))
            .sum(),
        Tuning::Ia3 => {
            config.num_hidden_layers * (2 * config.num_key_value_heads * config.head_dim + config.intermediate_size)
        }
        Tuning::Top(blocks) => blocks * block(config),
        Tuning::Full => parameters(config),
    }
}
