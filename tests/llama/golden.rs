//! Reading the golden file, and the formulas of its weights.

use std::sync::LazyLock;

use burn_tensor::{Device, Tensor, TensorData};
use lethe::model::llama::{Config, Llama, Lora, Precision, Storage, Targets, Tuning, Weights};
use safetensors::tensor::{Dtype, TensorView};
use serde_json::Value;

pub static GOLDEN: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../golden/llama.json")).unwrap());

/// As `uniform` of the script.
pub fn uniform(name: &str, count: usize) -> Vec<f32> {
    let start = crc32(name.as_bytes());
    let mixed = |place: u64| {
        let place = (place * 2_654_435_761 + u64::from(start)) & 0xFFFF_FFFF;
        let mixed = ((place ^ (place >> 15)) * 2_246_822_519) & 0xFFFF_FFFF;
        mixed ^ (mixed >> 13)
    };
    (0..count as u64).map(|place| ((mixed(place) >> 8) as f64 / f64::from(1 << 24) - 0.5) as f32).collect()
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| step(crc)))
}

/// As `spread` of the script.
pub fn spread(name: &str, shape: &[usize]) -> Vec<f32> {
    let mut values = uniform(name, shape.iter().product());
    let last = *shape.last().unwrap() as f64;
    let factor = (2.0 / last.sqrt() * 1.5) as f32;
    for value in &mut values {
        *value = if name.contains("norm") || name.contains("ia3") {
            1.0 + 0.5 * *value
        } else if name.ends_with("bias") {
            0.5 * *value
        } else if name.contains("embed") {
            2.0 * *value
        } else {
            *value * factor
        };
    }
    values
}

/// Tokens of the script's formula.
pub fn tokens(name: &str, count: usize) -> Vec<u32> {
    uniform(name, count).into_iter().map(|value| ((f64::from(value) + 0.5) * 48.0) as u32).collect()
}

/// Names and shapes of a model's parameters.
pub fn shapes(config: &Config) -> Vec<(String, Vec<usize>)> {
    let (hidden, inner) = (config.hidden_size, config.intermediate_size);
    let (asking, answering) =
        (config.num_attention_heads * config.head_dim, config.num_key_value_heads * config.head_dim);
    let mut shapes = vec![("model.embed_tokens.weight".to_owned(), vec![config.vocab_size, hidden])];
    for layer in 0..config.num_hidden_layers {
        let linears = [
            ("self_attn.q_proj", asking, hidden, config.attention_bias),
            ("self_attn.k_proj", answering, hidden, config.attention_bias),
            ("self_attn.v_proj", answering, hidden, config.attention_bias),
            ("self_attn.o_proj", hidden, asking, config.attention_bias),
            ("mlp.gate_proj", inner, hidden, config.mlp_bias),
            ("mlp.up_proj", inner, hidden, config.mlp_bias),
            ("mlp.down_proj", hidden, inner, config.mlp_bias),
        ];
        for (name, outputs, inputs, bias) in linears {
            shapes.push((format!("model.layers.{layer}.{name}.weight"), vec![outputs, inputs]));
            if bias {
                shapes.push((format!("model.layers.{layer}.{name}.bias"), vec![outputs]));
            }
        }
        for name in ["input_layernorm", "post_attention_layernorm"] {
            shapes.push((format!("model.layers.{layer}.{name}.weight"), vec![hidden]));
        }
    }
    shapes.push(("model.norm.weight".to_owned(), vec![hidden]));
    if !config.tie_word_embeddings {
        shapes.push(("lm_head.weight".to_owned(), vec![config.vocab_size, hidden]));
    }
    shapes
}

/// A safetensors file of these tensors.
pub fn file(tensors: &[(String, Vec<usize>, Vec<f32>)]) -> Vec<u8> {
    let bytes: Vec<Vec<u8>> =
        tensors.iter().map(|(_, _, values)| values.iter().flat_map(|value| value.to_le_bytes()).collect()).collect();
    let views = tensors
        .iter()
        .zip(&bytes)
        .map(|((name, shape, _), bytes)| (name.clone(), TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap()));
    safetensors::serialize(views, None).unwrap()
}

/// The script's model.
pub fn model(config: &Value, device: &Device) -> Llama {
    model_held(config, Precision::F32, device)
}

/// The script's model, held so.
pub fn model_held(config: &Value, storage: impl Into<Storage>, device: &Device) -> Llama {
    let config = Config::read(config.to_string().as_bytes()).unwrap();
    let tensors: Vec<_> = shapes(&config)
        .into_iter()
        .map(|(name, shape)| {
            let values = spread(&name, &shape);
            (name, shape, values)
        })
        .collect();
    let bytes = file(&tensors);
    let weights = Weights::read(&[("model.safetensors", &bytes)]).unwrap();
    Llama::load(config, &weights, storage, device).unwrap()
}

/// Settings as PEFT writes them.
pub fn lora(settings: &Value) -> Lora {
    let names = settings["target_modules"].as_array().unwrap();
    Lora {
        rank: settings["r"].as_u64().unwrap() as usize,
        alpha: settings["lora_alpha"].as_f64().unwrap(),
        rank_stabilised: settings["use_rslora"].as_bool().unwrap_or(false),
        dropout: 0.0,
        targets: Targets::Named(names.iter().map(|name| name.as_str().unwrap().to_owned()).collect()),
        ..Lora::default()
    }
}

/// The script's adapted model: its factors by their formulas.
pub fn adapted(config: &Value, settings: &Value, device: &Device) -> Llama {
    tuned(config, &Tuning::Lora(lora(settings)), device)
}

/// The script's model, tuned: what is new by its formulas.
pub fn tuned(config: &Value, tuning: &Tuning, device: &Device) -> Llama {
    let factors = |name: &str, shape: &[usize]| {
        let shrunk = if name.contains("lora_B") { 0.3 } else { 1.0 };
        spread(name, shape).into_iter().map(|value| value * shrunk).collect::<Vec<f32>>()
    };
    let mut model = model(config, device).tune(tuning, &lethe::seed::Seed::new(0)).unwrap();
    for (name, factor) in model.factors_mut() {
        let value = factor.val();
        let shape = value.dims();
        let data = TensorData::new(factors(&name, &shape), shape);
        *factor = burn::module::Param::from_tensor(Tensor::from_data(data, device)).set_require_grad(true);
    }
    model
}

pub fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

pub fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().as_slice::<f32>().unwrap().iter().map(|&value| f64::from(value)).collect()
}

/// Fails where a number is further from the script's than `tolerance` times the largest of them.
pub fn assert_near(found: &[f64], expected: &[f64], tolerance: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}: how many");
    let size = expected.iter().fold(0.0f64, |size, value| size.max(value.abs()));
    for (k, (found, expected)) in found.iter().zip(expected).enumerate() {
        let apart = (found - expected).abs() / size;
        assert!(apart <= tolerance, "{what}, number {k}: {found} against {expected}, {apart:e} of the largest");
    }
}
