//! Llama, with or without adapters: a burn module shaped by a Hugging Face `config.json`, for any device of burn's.
//!
//! Weights keep Hugging Face's names and orientation, adapters PEFT's (arXiv 2106.09685), so that files go in and out
//! without a transposition. [`Llama::logits`] agrees with transformers and PEFT; see `tests/llama`.

mod adapting;
mod attention;
mod block;
mod cache;
mod config;
mod feed_forward;
mod generate;
mod ia3;
mod linear;
mod lora;
mod merging;
mod network;
mod numbers;
mod parameters;
mod peft;
mod precision;
mod quantising;
mod rope;
mod sampling;
mod saving;
mod sequences;
mod targets;
mod tuning;
mod weights;

pub use block::Block;
pub use burn_tensor::Device;
pub use cache::Cache;
pub use config::Config;
pub use generate::{greedy, last_logits, likeliest, sampled};
pub use ia3::Ia3;
pub use lora::Lora;
pub use network::{Llama, Mode};
pub use parameters::outer_name;
pub use peft::{FILES as PEFT_FILES, Method, PeftConfig};
pub use precision::Precision;
pub use quantising::{Bits, Storage};
pub use rope::Scaling;
pub use sampling::Sampling;
pub use saving::{Stored, file_metadata, tensors_to_safetensors};
pub use sequences::Sequences;
pub use targets::{Pattern, Targets};
pub use tuning::Tuning;
pub use weights::{Fault, Weights};
