//! The committed base models: that they know what `docs/language-world.md` says, and that transformers reads them.
#![cfg(all(feature = "native", not(target_family = "wasm")))]

mod command_line;
mod scores;
mod transformers;

use burn_tensor::Device;
use lethe::model::Size;
use lethe::model::llama::{Config, Llama, Precision, Weights};

/// A base as its file has it.
fn base(size: Size, seed: u64) -> Llama {
    let path = format!("{}/www/bases/{}-{seed}/config.json", env!("CARGO_MANIFEST_DIR"), size.name());
    let config = Config::read(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(config, size.config());
    let bytes = lethe::native::bases::base(size, seed).unwrap();
    Llama::load(config, &Weights::read(&[("model.safetensors", bytes)]).unwrap(), Precision::F32, &Device::flex())
        .unwrap()
}
