//! A model's shape, as Hugging Face writes it.

use serde_json::{Map, Value, json};

use super::numbers::Fields;
use super::rope::Scaling;
use crate::error::{Problem, Problems};

/// Parameters of the largest model that a configuration may describe.
const LARGEST: f64 = 1e12;

/// What a `config.json` says of a model of type `llama`.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    pub vocab_size: usize,
    pub hidden_size: usize,
    /// Units of a feed-forward layer.
    pub intermediate_size: usize,
    pub num_hidden_layers: usize,
    /// Heads that ask.
    pub num_attention_heads: usize,
    /// Heads that answer.
    pub num_key_value_heads: usize,
    /// Units of a head; `hidden_size / num_attention_heads` where a file does not say.
    pub head_dim: usize,
    pub max_position_embeddings: usize,
    pub rms_norm_eps: f64,
    pub rope_theta: f64,
    pub rope_scaling: Scaling,
    /// Whether the output head is the embedding.
    pub tie_word_embeddings: bool,
    /// Whether the layers of attention have biases.
    pub attention_bias: bool,
    /// Whether the feed-forward layers have biases.
    pub mlp_bias: bool,
}

impl Config {
    /// Reads a `config.json`. Keys that are no matter of the model's shape are passed over.
    ///
    /// # Errors
    /// Everything wrong with it: field, value, what is accepted.
    pub fn read(text: &[u8]) -> Result<Self, Problems> {
        let whole = |problem| Problems(vec![problem]);
        let value: Value = serde_json::from_slice(text)
            .map_err(|error| whole(Problem::new("config.json", &error.to_string(), "a JSON object")))?;
        let Value::Object(map) = &value else {
            return Err(whole(Problem::new("config.json", &value.to_string(), "a JSON object")));
        };
        let mut fields = Fields::of(map);
        let config = Self::from_fields(&mut fields);
        match fields.problems.is_empty() {
            true => Ok(config),
            false => Err(Problems(fields.problems)),
        }
    }

    fn from_fields(fields: &mut Fields<'_>) -> Self {
        if fields.get("model_type").is_some_and(|kind| kind != "llama") {
            fields.wrong("model_type", "\"llama\"");
        }
        if fields.get("hidden_act").is_some_and(|act| act != "silu") {
            fields.wrong("hidden_act", "\"silu\"");
        }
        let hidden_size = fields.count("hidden_size", 1 << 20, None);
        let heads = fields.count("num_attention_heads", 1 << 16, None);
        let keys = fields.count("num_key_value_heads", 1 << 16, Some(heads));
        if !heads.is_multiple_of(keys) {
            fields.wrong("num_key_value_heads", format!("a divisor of num_attention_heads, {heads}"));
        }
        if fields.get("head_dim").is_none() && !hidden_size.is_multiple_of(heads) {
            fields.wrong(
                "num_attention_heads",
                format!("a divisor of hidden_size, {hidden_size}, where head_dim is missing"),
            );
        }
        let head_dim = fields.count("head_dim", 1 << 16, Some((hidden_size / heads).max(1)));
        if !head_dim.is_multiple_of(2) {
            fields.wrong("head_dim", format!("an even number (it is {head_dim}): positions turn pairs of units"));
        }
        let max_position_embeddings = fields.count("max_position_embeddings", 1 << 30, Some(2048));
        let (rope_theta, rope_scaling) = Scaling::read(fields, max_position_embeddings);
        let config = Self {
            vocab_size: fields.count("vocab_size", 1 << 24, None),
            hidden_size,
            intermediate_size: fields.count("intermediate_size", 1 << 22, None),
            num_hidden_layers: fields.count("num_hidden_layers", 1 << 12, None),
            num_attention_heads: heads,
            num_key_value_heads: keys,
            head_dim,
            max_position_embeddings,
            rms_norm_eps: fields.positive("rms_norm_eps", 1.0, Some(1e-6)),
            rope_theta,
            rope_scaling,
            tie_word_embeddings: fields.flag("tie_word_embeddings"),
            attention_bias: fields.flag("attention_bias"),
            mlp_bias: fields.flag("mlp_bias"),
        };
        let parameters = config.parameters_about();
        if parameters > LARGEST {
            let described = format!("{parameters:e} parameters");
            fields.problems.push(Problem::new("config.json", &described, format!("up to {LARGEST:e}")));
        }
        config
    }

    /// Parameters of the base, biases and norms aside.
    fn parameters_about(&self) -> f64 {
        let [vocabulary, hidden, inner, layers, units] =
            [self.vocab_size, self.hidden_size, self.intermediate_size, self.num_hidden_layers, self.head_dim]
                .map(|count| count as f64);
        let heads = 2.0 * (self.num_attention_heads + self.num_key_value_heads) as f64;
        let tables = if self.tie_word_embeddings { 1.0 } else { 2.0 };
        tables * vocabulary * hidden + layers * hidden * (heads * units + 3.0 * inner)
    }

    /// The same as a `config.json` that transformers reads.
    pub fn to_json(&self) -> String {
        let mut map = Map::new();
        let fields = json!({
            "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu",
            "vocab_size": self.vocab_size, "hidden_size": self.hidden_size,
            "intermediate_size": self.intermediate_size, "num_hidden_layers": self.num_hidden_layers,
            "num_attention_heads": self.num_attention_heads, "num_key_value_heads": self.num_key_value_heads,
            "head_dim": self.head_dim, "max_position_embeddings": self.max_position_embeddings,
            "rms_norm_eps": self.rms_norm_eps, "rope_theta": self.rope_theta,
            "rope_scaling": self.rope_scaling.to_json(), "tie_word_embeddings": self.tie_word_embeddings,
            "attention_bias": self.attention_bias, "mlp_bias": self.mlp_bias, "torch_dtype": "float32",
        });
        if let Value::Object(fields) = fields {
            map.extend(fields);
        }
        format!("{:#}\n", Value::Object(map))
    }
}
