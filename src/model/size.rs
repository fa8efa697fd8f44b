//! The sizes of the language models that are pre-trained on the language world.

use serde::{Deserialize, Serialize};

/// The shape of a base model, by its name. What the sizes have in common: four heads, 32 positions, the world's 357
/// words, a head apart from the embedding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Size {
    /// 46,560 parameters.
    Small,
    /// 89,808 parameters.
    #[default]
    Medium,
    /// 196,672 parameters.
    Large,
}

impl Size {
    /// Every size of this build.
    pub const ALL: [Self; 3] = [Self::Small, Self::Medium, Self::Large];

    /// The word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
        }
    }

    /// The size of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|size| size.name() == name)
    }

    /// Units, layers, and units of a feed-forward layer.
    pub fn shape(self) -> [usize; 3] {
        match self {
            Self::Small => [32, 2, 80],
            Self::Medium => [48, 2, 128],
            Self::Large => [64, 3, 176],
        }
    }

    /// The same as a configuration.
    #[cfg(feature = "llama")]
    pub fn config(self) -> super::llama::Config {
        let [hidden_size, num_hidden_layers, intermediate_size] = self.shape();
        super::llama::Config {
            vocab_size: 357,
            hidden_size,
            intermediate_size,
            num_hidden_layers,
            num_attention_heads: 4,
            num_key_value_heads: 4,
            head_dim: hidden_size / 4,
            max_position_embeddings: crate::data::language::CONTEXT,
            rms_norm_eps: 1e-6,
            rope_theta: 10_000.0,
            rope_scaling: super::llama::Scaling::None,
            tie_word_embeddings: false,
            attention_bias: false,
            mlp_bias: false,
        }
    }
}
