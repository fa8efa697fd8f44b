//! Adapters in PEFT's files: `tests/golden/adapters.json`, written by the script beside it.

use std::sync::LazyLock;

use burn_tensor::Device;
use lethe::model::llama::{Llama, Lora, Method, Mode, Pattern, PeftConfig, Precision, Sequences, Targets, Weights};
use lethe::seed::Seed;
use safetensors::tensor::SafeTensors;
use serde_json::{Value, json};

use super::golden::{assert_near, model, numbers, spread, values};

pub static ADAPTERS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../golden/adapters.json")).unwrap());

/// Single precision, in another order of sums.
const TOLERANCE: f64 = 1e-5;

pub fn cases() -> &'static [Value] {
    ADAPTERS["cases"].as_array().unwrap()
}

/// The case of this name.
fn case(name: &str) -> &'static Value {
    cases().iter().find(|case| case["name"] == name).unwrap()
}

pub fn config(case: &Value) -> PeftConfig {
    PeftConfig::read(case["adapter_config"].as_str().unwrap().as_bytes()).unwrap()
}

pub fn bytes(case: &Value) -> Vec<u8> {
    let hex = case["weights"].as_str().unwrap();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn read(model: Llama, config: &PeftConfig, bytes: &[u8]) -> Result<Llama, String> {
    let weights = Weights::read(&[("adapter_model.safetensors", bytes)]).map_err(|fault| fault.to_string())?;
    model.with_adapter(config, &weights).map_err(|fault| fault.to_string())
}

/// The model of a case with the adapter that PEFT saved.
pub fn adapted(case: &Value, device: &Device) -> Llama {
    read(model(&case["config"], device), &config(case), &bytes(case)).unwrap()
}

/// Logits of the last two positions of both texts of a case.
pub fn logits(model: &Llama, case: &Value, mode: &Mode) -> Vec<f64> {
    let tokens = numbers(&case["tokens"]).into_iter().map(|token| token as u32).collect();
    let sequences = Sequences { tokens, sight: model.config().whole(2, 9) };
    let all = values(model.logits(&sequences, mode));
    [7, 8, 16, 17].into_iter().flat_map(|row| all[row * 48..(row + 1) * 48].to_vec()).collect()
}

/// Names, shapes and numbers.
type Tensors = Vec<(String, Vec<usize>, Vec<f32>)>;

#[test]
fn adapters_that_peft_saved_say_here_what_they_say_there() {
    for case in cases() {
        let name = case["name"].as_str().unwrap();
        for device in [Device::flex(), Device::flex().autodiff()] {
            let model = adapted(case, &device);
            assert_near(&logits(&model, case, &Mode::ADAPTED), &numbers(&case["logits"]), TOLERANCE, name);
        }
    }
}

#[test]
fn what_peft_saved_is_written_again_byte_by_byte() {
    for case in cases() {
        let (name, config, model) = (&case["name"], config(case), adapted(case, &Device::flex()));
        let written = model.adapter_to_safetensors(&config).unwrap();
        // Half precision is read as single, as PEFT does, and stays so.
        if name != "half precision" {
            assert_eq!(written, bytes(case), "{name}");
        }
        let text = config.to_json();
        assert_eq!(PeftConfig::read(text.as_bytes()).unwrap(), config, "{name}");
        let [own, theirs]: [Value; 2] =
            [&text, case["adapter_config"].as_str().unwrap()].map(|text| serde_json::from_str(text).unwrap());
        for (key, value) in own.as_object().unwrap() {
            let sorted = |value: &Value| match value {
                Value::Array(items) => {
                    let mut items: Vec<String> = items.iter().map(ToString::to_string).collect();
                    items.sort();
                    json!(items)
                }
                other => other.clone(),
            };
            assert_eq!(sorted(value), sorted(&theirs[key]), "{name}: {key}");
        }
    }
}

#[test]
fn a_merged_model_says_without_adapters_what_it_said_with_them() {
    for case in cases() {
        let name = case["name"].as_str().unwrap();
        for device in [Device::flex(), Device::flex().autodiff()] {
            let merged = adapted(case, &device).merged();
            assert_eq!(merged.trained_parameters(), 0);
            assert_near(&logits(&merged, case, &Mode::BASE), &numbers(&case["logits"]), TOLERANCE, name);
            assert_eq!(logits(&merged, case, &Mode::BASE), logits(&merged, case, &Mode::ADAPTED));
        }
    }
}

#[test]
fn merging_rounds_once_from_single_precision() {
    let case = case("named");
    let whole = adapted(case, &Device::flex());
    let halved = read_as(&whole, Precision::BF16);
    let merged = read(halved.clone(), &config(case), &bytes(case)).unwrap().merged();
    let single = read(read_as(&halved, Precision::F32), &config(case), &bytes(case)).unwrap().merged();
    let weight = |model: &Llama| model.model.layers[1].self_attn.v_proj.weight.val().into_data();
    assert_eq!(weight(&merged), weight(&single).convert_dtype(Precision::BF16.dtype()));
}

/// The base of a model in another precision.
fn read_as(model: &Llama, precision: Precision) -> Llama {
    let bytes = model.to_safetensors(precision).unwrap();
    let weights = Weights::read(&[("model.safetensors", &bytes)]).unwrap();
    Llama::load(model.config().clone(), &weights, precision, &Device::flex()).unwrap()
}

#[test]
fn fresh_adapters_have_the_ranks_of_their_patterns_and_come_back_as_they_went() {
    let end = |text: &str| Pattern::of_end("rank_pattern", text).unwrap();
    let lora = Lora {
        targets: Targets::Matching(Pattern::of_path("target_modules", r".*\.(q|k|up)_proj").unwrap()),
        excluded: Some(Targets::named(&["0.mlp.up_proj"])),
        ranks: vec![(end("k_proj"), 3), (end(r"layers\.1\..*"), 5)],
        alphas: vec![(end("q_proj"), 2.5)],
        ..Lora::default()
    };
    let base = || model(&case("named")["config"], &Device::flex());
    let mut model = base().adapt(&lora, &Seed::new(0)).unwrap();
    let ranks: Vec<(String, usize)> = model
        .factors_mut()
        .into_iter()
        .filter(|(name, _)| name.ends_with("lora_A.weight"))
        .map(|(name, factor)| (name, factor.val().dims()[0]))
        .collect();
    let named = |path: &str, rank| (format!("base_model.model.model.layers.{path}.lora_A.weight"), rank);
    let expected = [
        named("0.self_attn.q_proj", 8),
        named("0.self_attn.k_proj", 3),
        named("1.self_attn.q_proj", 5),
        named("1.self_attn.k_proj", 3),
        named("1.mlp.up_proj", 5),
    ];
    assert_eq!(ranks, expected);
    for (name, factor) in model.factors_mut() {
        let shape = factor.val().dims();
        let data = burn_tensor::TensorData::new(spread(&name, &shape), shape);
        *factor = burn::module::Param::from_tensor(burn_tensor::Tensor::from_data(data, &Device::flex()));
    }
    let config = PeftConfig { base: Some("a/base".to_owned()), method: Method::Lora(lora.clone()) };
    let written = model.adapter_to_safetensors(&config).unwrap();
    let read_config = PeftConfig::read(config.to_json().as_bytes()).unwrap();
    assert_eq!(read_config, config);
    let again = read(base(), &read_config, &written).unwrap();
    let said = |model: &Llama| logits(model, case("named"), &Mode::ADAPTED);
    assert_eq!(said(&again), said(&model));
    assert_ne!(said(&again), said(&base()));
    let other = PeftConfig { base: None, method: Method::Lora(Lora { alpha: 3.0, ..lora }) };
    let fault = model.adapter_to_safetensors(&other).unwrap_err().to_string();
    assert!(fault.starts_with("layer model.layers.0.self_attn.k_proj is not adapted"), "{fault}");
}

#[test]
fn settings_that_compute_something_else_are_refused_by_name() {
    let settings = |key: &str, value: Value| {
        let mut settings: Value = serde_json::from_str(case("named")["adapter_config"].as_str().unwrap()).unwrap();
        settings[key] = value;
        PeftConfig::read(settings.to_string().as_bytes())
    };
    let refused = [
        ("bias", json!("all")),
        ("modules_to_save", json!(["lm_head"])),
        ("use_dora", json!(true)),
        ("fan_in_fan_out", json!(true)),
        ("trainable_token_indices", json!([3])),
        ("target_parameters", json!(["mlp.experts.gate_up_proj"])),
        ("layer_replication", json!([[0, 2], [1, 2]])),
        ("init_lora_weights", json!("pissa_niter_4")),
        ("peft_type", json!("ADALORA")),
        ("peft_type", Value::Null),
        ("r", json!(0)),
        ("r", json!("8")),
        ("lora_alpha", json!(-1)),
        ("lora_dropout", json!(1.0)),
        ("use_rslora", json!("yes")),
        ("target_modules", json!("(")),
        ("target_modules", json!([])),
        ("target_modules", json!([1])),
        ("rank_pattern", json!({ "q_proj": 0 })),
        ("rank_pattern", json!({ "[": 4 })),
        ("rank_pattern", json!([4])),
        ("alpha_pattern", json!({ "q_proj": "many" })),
        ("layers_to_transform", json!([-1])),
        ("layers_pattern", json!("blocks")),
    ];
    for (key, value) in refused {
        let problems = settings(key, value.clone()).expect_err(&format!("{key}: {value}"));
        assert_eq!(problems.0[0].field, key, "{key}: {value}: {problems}");
    }
    let passed_over = [
        ("modules_to_save", json!([])),
        ("bias", Value::Null),
        ("init_lora_weights", json!("gaussian")),
        ("loftq_config", json!({})),
        ("megatron_core", json!("megatron.core")),
        ("a_key_of_tomorrow", json!({ "deep": [1] })),
        ("rank_pattern", Value::Null),
    ];
    for (key, value) in passed_over {
        assert_eq!(settings(key, value.clone()).unwrap(), config(case("named")), "{key}: {value}");
    }
    for text in ["", "[]", "{"] {
        assert_eq!(PeftConfig::read(text.as_bytes()).unwrap_err().0[0].field, "adapter_config.json", "{text}");
    }
    assert_eq!(settings("target_modules", json!("ALL-Linear")).unwrap().method, {
        let Method::Lora(lora) = config(case("named")).method else { panic!("it is LoRA") };
        Method::Lora(Lora { targets: Targets::AllLinear, ..lora })
    });
}

#[test]
fn weights_of_an_adapter_are_refused_by_tensor() {
    let case = case("named");
    let base = model(&case["config"], &Device::flex());
    let (config, whole) = (config(case), bytes(case));
    let refusal = |config: &PeftConfig, bytes: &[u8]| read(base.clone(), config, bytes).unwrap_err();
    for cut in [0, 4, 100, whole.len() / 2, whole.len() - 1] {
        let told = refusal(&config, &whole[..cut]);
        assert!(told.starts_with("adapter_model.safetensors: ") && told.contains("truncated"), "{cut}: {told}");
    }
    let read_whole = SafeTensors::deserialize(&whole).unwrap();
    let name = "base_model.model.model.layers.1.self_attn.q_proj.lora_B.weight";
    let changed = |change: &dyn Fn(&mut Tensors)| {
        let mut tensors: Vec<(String, Vec<usize>, Vec<f32>)> = read_whole
            .tensors()
            .into_iter()
            .map(|(name, view)| {
                let numbers = view.data().chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap()));
                (name, view.shape().to_vec(), numbers.collect())
            })
            .collect();
        change(&mut tensors);
        super::golden::file(&tensors)
    };
    let missing = refusal(&config, &changed(&|tensors| tensors.retain(|tensor| tensor.0 != name)));
    assert!(missing.starts_with(&format!("tensor {name} is missing")), "{missing}");
    let surplus =
        changed(&|tensors| tensors.push(("base_model.model.lm_head.lora_A.weight".into(), vec![1], vec![0.0])));
    let surplus = refusal(&config, &surplus);
    assert!(surplus.contains("tensor base_model.model.lm_head.lora_A.weight is of no layer"), "{surplus}");
    let turned = changed(&|tensors| {
        tensors.iter_mut().filter(|tensor| tensor.0 == name).for_each(|tensor| tensor.1.reverse());
    });
    let turned = refusal(&config, &turned);
    assert!(turned.contains(&format!("{name} has shape [4, 32]; expected [32, 4]")), "{turned}");
    let broken = changed(&|tensors| {
        tensors.iter_mut().filter(|tensor| tensor.0 == name).for_each(|tensor| tensor.2[7] = f32::NAN);
    });
    let broken = refusal(&config, &broken);
    assert!(broken.contains(&format!("number 7 of tensor {name} is not finite")), "{broken}");
    let Method::Lora(lora) = config.method else { panic!("it is LoRA") };
    let nowhere = Lora { targets: Targets::named(&["c_attn"]), ..lora };
    let nowhere = refusal(&PeftConfig { base: None, method: Method::Lora(nowhere) }, &whole);
    assert!(nowhere.starts_with("adapter_config.json: its targets are no linear layers"), "{nowhere}");
}

#[test]
fn patterns_match_whole_paths_and_nothing_but_linear_layers() {
    let base = || model(&case("named")["config"], &Device::flex());
    let adapt = |text: &str| {
        let targets = Targets::Matching(Pattern::of_path("target_modules", text).unwrap());
        base().adapt(&Lora { targets, ..Lora::default() }, &Seed::new(0))
    };
    assert_eq!(adapt(".*_proj").unwrap().factors_mut().len(), 28);
    assert_eq!(adapt(r"model\.layers\.\d\.mlp\.(gate|up)_proj").unwrap().factors_mut().len(), 8);
    for (text, why) in [("q_proj", "the whole path"), (".*", "it matches \"\" too"), (r".*(q_proj|norm)", "norm")] {
        let problems = adapt(text).unwrap_err();
        assert_eq!(problems.0[0].field, "target_modules");
        assert!(problems.to_string().contains(why), "{problems}");
    }
    // Backtracking without end is an answer, too.
    let endless = adapt(r"(?=(.*_)+)(([a-z_.0-9]*)*)*(?!x)!").unwrap_err().to_string();
    assert!(endless.contains("soon decided") || endless.contains("the whole path"), "{endless}");
    let excluded = Lora { excluded: Some(Targets::AllLinear), ..Lora::default() };
    let problems = base().adapt(&excluded, &Seed::new(0)).unwrap_err();
    assert!(problems.to_string().contains("exclude every target"), "{problems}");
    let blocks = Lora { blocks: Some(vec![1]), targets: Targets::AllLinear, ..Lora::default() };
    assert_eq!(base().adapt(&blocks, &Seed::new(0)).unwrap_err().0[0].field, "layers_to_transform");
}
