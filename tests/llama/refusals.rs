//! What no model can be made of is refused, by name.

use burn_tensor::Device;
use lethe::model::llama::{Config, Llama, Lora, Precision, Targets, Weights};
use lethe::seed::Seed;
use serde_json::{Value, json};

use super::golden::{GOLDEN, file, model, shapes, spread};

fn config() -> Value {
    GOLDEN["logits"][1]["config"].clone()
}

#[test]
fn configurations_are_refused_by_field() {
    let cases = [
        ("hidden_size", json!(0), "hidden_size"),
        ("hidden_size", json!("many"), "hidden_size"),
        ("num_key_value_heads", json!(3), "num_key_value_heads"),
        ("head_dim", json!(7), "head_dim"),
        ("hidden_act", json!("gelu"), "hidden_act"),
        ("model_type", json!("mistral"), "model_type"),
        ("rms_norm_eps", json!(-1.0), "rms_norm_eps"),
        ("vocab_size", Value::Null, "vocab_size"),
        ("tie_word_embeddings", json!("yes"), "tie_word_embeddings"),
        ("rope_parameters", json!({ "rope_type": "yarn", "factor": 2.0 }), "rope_parameters.rope_type"),
        ("rope_parameters", json!({ "rope_type": "linear" }), "rope_parameters.factor"),
        ("rope_parameters", json!(3), "rope_parameters"),
    ];
    for (key, value, field) in cases {
        let mut config = config();
        config[key] = value.clone();
        let problems = Config::read(config.to_string().as_bytes()).unwrap_err();
        assert_eq!(problems.0[0].field, field, "{key} = {value}: {problems}");
    }
    for text in ["", "[]", "{", "{\"hidden_size\": 1e400}"] {
        assert_eq!(Config::read(text.as_bytes()).unwrap_err().0[0].field, "config.json", "{text}");
    }
    let huge = json!({ "vocab_size": 1 << 24, "hidden_size": 1 << 20, "intermediate_size": 1 << 22,
        "num_hidden_layers": 4096, "num_attention_heads": 1024 });
    assert!(Config::read(huge.to_string().as_bytes()).unwrap_err().to_string().contains("parameters"));
}

#[test]
fn a_configuration_that_is_written_is_read_as_it_was() {
    for case in GOLDEN["logits"].as_array().unwrap() {
        let config = Config::read(case["config"].to_string().as_bytes()).unwrap();
        assert_eq!(Config::read(config.to_json().as_bytes()).unwrap(), config);
    }
}

#[test]
fn weights_are_refused_by_file_and_tensor() {
    let read = Config::read(config().to_string().as_bytes()).unwrap();
    let tensors: Vec<_> = shapes(&read)
        .into_iter()
        .map(|(name, shape)| {
            let values = spread(&name, &shape);
            (name, shape, values)
        })
        .collect();
    let refusal = |bytes: &[u8]| match Weights::read(&[("model.safetensors", bytes)]) {
        Err(fault) => fault.to_string(),
        Ok(weights) => Llama::load(read.clone(), &weights, Precision::F32, &Device::flex()).unwrap_err().to_string(),
    };
    let whole = file(&tensors);
    for cut in [0, 4, 9, 100, whole.len() / 2, whole.len() - 1] {
        assert!(refusal(&whole[..cut]).contains("truncated"), "{cut} bytes: {}", refusal(&whole[..cut]));
    }
    let mut bad = whole.clone();
    bad[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(refusal(&bad).starts_with("model.safetensors: "), "{}", refusal(&bad));
    assert!(refusal(b"PK\x03\x04 a zip file, which is not what was asked for").starts_with("model.safetensors: "));

    let mut missing = tensors.clone();
    missing.retain(|(name, ..)| name != "model.layers.1.mlp.up_proj.weight");
    assert!(refusal(&file(&missing)).starts_with("tensor model.layers.1.mlp.up_proj.weight is missing"));
    let mut turned = tensors.clone();
    turned[1].1 = vec![16, 64];
    assert!(
        refusal(&file(&turned)).contains("self_attn.q_proj.weight has shape [16, 64]"),
        "{}",
        refusal(&file(&turned))
    );
    let mut broken = tensors.clone();
    broken[3].2[5] = f32::NAN;
    assert!(refusal(&file(&broken)).contains("number 5 of tensor model.layers.0.self_attn.v_proj.weight"));
    let twice = Weights::read(&[("one", &whole), ("two", &whole)]).err().unwrap().to_string();
    assert!(twice.starts_with("two: tensor") && twice.ends_with("is in one, too"), "{twice}");
}

#[test]
fn adaptations_are_refused_by_setting() {
    let good = Lora { targets: Targets::AllLinear, ..Lora::default() };
    let named = |names: &[&str]| Targets::Named(names.iter().map(|&name| name.to_owned()).collect());
    let cases = [
        (Lora { rank: 0, ..good.clone() }, "r"),
        (Lora { alpha: f64::NAN, ..good.clone() }, "lora_alpha"),
        (Lora { dropout: 1.0, ..good.clone() }, "lora_dropout"),
        (Lora { targets: named(&["q_proj", "c_attn"]), ..good.clone() }, "target_modules"),
        (Lora { targets: named(&[]), ..good }, "target_modules"),
    ];
    for (lora, field) in cases {
        let problems = model(&config(), &Device::flex()).adapt(&lora, &Seed::new(0)).unwrap_err();
        assert_eq!(problems.0[0].field, field, "{problems}");
    }
}
