//! Shapes of published models, so that memory can be told without their files.

use crate::model::llama::{Config, Scaling};

/// Name, vocabulary, hidden size, units of the feed-forward layers, blocks, heads that ask and that answer, and whether the
/// embedding is the head.
type Shape = (&'static str, usize, usize, usize, usize, usize, usize, bool);

const SHAPES: [Shape; 6] = [
    ("Llama-2-7B", 32_000, 4_096, 11_008, 32, 32, 32, false),
    ("Llama-2-13B", 32_000, 5_120, 13_824, 40, 40, 40, false),
    ("Llama-3-8B", 128_256, 4_096, 14_336, 32, 32, 8, false),
    ("Llama-3.2-1B", 128_256, 2_048, 8_192, 16, 32, 8, true),
    ("Llama-3.2-3B", 128_256, 3_072, 8_192, 28, 24, 8, true),
    ("TinyLlama-1.1B", 32_000, 2_048, 5_632, 22, 32, 4, false),
];

/// Names of the published models that are known.
pub fn presets() -> Vec<&'static str> {
    SHAPES.iter().map(|shape| shape.0).collect()
}

/// The shape of a published model. Positions are left as they are without scaling: they hold no memory.
pub fn preset(name: &str) -> Option<Config> {
    let shape = SHAPES.iter().find(|shape| shape.0.eq_ignore_ascii_case(name))?;
    let &(_, vocab_size, hidden_size, intermediate_size, num_hidden_layers, heads, keys, tied) = shape;
    Some(Config {
        vocab_size,
        hidden_size,
        intermediate_size,
        num_hidden_layers,
        num_attention_heads: heads,
        num_key_value_heads: keys,
        head_dim: hidden_size / heads,
        max_position_embeddings: 4_096,
        rms_norm_eps: 1e-5,
        rope_theta: 1e4,
        rope_scaling: Scaling::None,
        tie_word_embeddings: tied,
        attention_bias: false,
        mlp_bias: false,
    })
}
