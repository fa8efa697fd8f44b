//! `lethe llama merge` and `lethe llama generate` as their users meet them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use burn_tensor::Device;
use lethe::data::language::LanguageWorld;
use lethe::model::Size;
use lethe::model::llama::{Config, Llama, Lora, Method, Mode, PeftConfig, Precision, Targets, Weights};
use lethe::seed::Seed;
use serde_json::{Value, json};

use super::golden::{assert_near, model, numbers};
use super::peft::{bytes, cases, logits};

pub fn lethe(arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lethe"));
    command.arg("llama").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that refuses its arguments reads no input.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// An empty folder of this name.
pub fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("llama").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The base of a case, in a precision, and PEFT's adapter of it, as folders.
pub fn written(case: &Value, within: &Path, precision: Precision) -> [String; 2] {
    let [base, adapter] = ["base", "adapter"].map(|name| within.join(name));
    for folder in [&base, &adapter] {
        fs::create_dir_all(folder).unwrap();
    }
    let mut config = case["config"].clone();
    let name = match precision {
        Precision::F32 => "float32",
        Precision::F16 => "float16",
        Precision::BF16 => "bfloat16",
    };
    config["dtype"] = name.into();
    config["eos_token_id"] = 7.into();
    fs::write(base.join("config.json"), config.to_string()).unwrap();
    let weights = model(&case["config"], &Device::flex()).to_safetensors(precision).unwrap();
    fs::write(base.join("model.safetensors"), weights).unwrap();
    fs::write(base.join("tokenizer.json"), "{}").unwrap();
    fs::write(base.join("chat_template.jinja"), "{{ messages }}").unwrap();
    fs::write(adapter.join("adapter_config.json"), case["adapter_config"].as_str().unwrap()).unwrap();
    fs::write(adapter.join("adapter_model.safetensors"), bytes(case)).unwrap();
    [base, adapter].map(|folder| folder.to_str().unwrap().to_owned())
}

/// The model of a folder whose weights are in these files.
fn read(folder: &Path, files: &[String]) -> Llama {
    let config = Config::read(&fs::read(folder.join("config.json")).unwrap()).unwrap();
    let bytes: Vec<Vec<u8>> = files.iter().map(|name| fs::read(folder.join(name)).unwrap()).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(String::as_str).zip(bytes.iter().map(Vec::as_slice)).collect();
    Llama::load(config, &Weights::read(&files).unwrap(), Precision::F32, &Device::flex()).unwrap()
}

/// The names in a folder, in order.
fn entries(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut entries: Vec<String> = entries.collect();
    entries.sort();
    entries
}

#[test]
fn a_merged_folder_holds_the_adapted_model_in_one_file_or_in_many() {
    for case in [&cases()[1], &cases()[9], &cases()[10]] {
        let name = case["name"].as_str().unwrap();
        let within = folder(&format!("merge {name}"));
        let [base, adapter] = written(case, &within, Precision::F32);
        for (shard, several) in [("5", false), ("0.00001", true)] {
            let out = within.join(format!("merged {shard}"));
            // What an attempt left that was stopped.
            let left = within.join(format!("merged {shard}.unfinished"));
            fs::create_dir_all(&left).unwrap();
            fs::write(left.join("model.safetensors"), "half of it").unwrap();
            let path = out.to_str().unwrap();
            let merged = lethe(&["merge", &base, "--adapter", &adapter, "--out", path, "--shard", shard], "");
            assert_eq!(merged.status.code(), Some(0), "{}", told(&merged));
            assert!(!left.exists());
            let files = entries(&out);
            let weights: Vec<String> = files.iter().filter(|name| name.ends_with(".safetensors")).cloned().collect();
            assert_eq!(weights.len() > 5, several, "{weights:?}");
            assert_eq!(files.contains(&"model.safetensors.index.json".to_owned()), several);
            for copied in ["tokenizer.json", "chat_template.jinja"] {
                assert_eq!(fs::read(out.join(copied)).unwrap(), fs::read(Path::new(&base).join(copied)).unwrap());
            }
            let config: Value = serde_json::from_slice(&fs::read(out.join("config.json")).unwrap()).unwrap();
            assert_eq!((&config["dtype"], &config["eos_token_id"]), (&json!("float32"), &json!(7)));
            let model = read(&out, &weights);
            assert_near(&logits(&model, case, &Mode::BASE), &numbers(&case["logits"]), 1e-4, name);
            if several {
                let index: Value =
                    serde_json::from_slice(&fs::read(out.join("model.safetensors.index.json")).unwrap()).unwrap();
                let places = index["weight_map"].as_object().unwrap();
                assert_eq!(weights[0], format!("model-00001-of-{:05}.safetensors", weights.len()));
                for name in &weights {
                    let bytes = fs::read(out.join(name)).unwrap();
                    let read = safetensors::SafeTensors::deserialize(&bytes).unwrap();
                    assert!(read.names().into_iter().all(|tensor| places[tensor] == *name));
                    assert!(bytes.len() <= 10_000 + 1000 || read.len() == 1, "{name}: {} bytes", bytes.len());
                }
                let bytes: usize = model.stored(Precision::F32).iter().map(|stored| stored.bytes()).sum();
                assert_eq!(index["metadata"]["total_size"], bytes);
            }
            let again = lethe(&["merge", &base, "--adapter", &adapter, "--out", path], "");
            assert_eq!(again.status.code(), Some(2), "{}", told(&again));
            assert!(told(&again).contains("a folder that does not exist yet"), "{}", told(&again));
        }
    }
}

#[test]
fn a_merged_model_is_in_the_precision_of_its_base_or_in_the_one_that_was_asked_for() {
    let case = &cases()[0];
    let within = folder("merge precision");
    let [base, adapter] = written(case, &within, Precision::BF16);
    for (asked, kept, bits) in [(None, "bfloat16", 8), (Some("f32"), "float32", 8), (Some("f16"), "float16", 8)] {
        let out = within.join(kept);
        let path = out.to_str().unwrap();
        let mut arguments = vec!["merge", &base, "--adapter", &adapter, "--out", path];
        arguments.extend(asked.into_iter().flat_map(|name| ["--precision", name]));
        let merged = lethe(&arguments, "");
        assert_eq!(merged.status.code(), Some(0), "{}", told(&merged));
        let config: Value = serde_json::from_slice(&fs::read(out.join("config.json")).unwrap()).unwrap();
        assert_eq!(config["dtype"], kept);
        let model = read(&out, &["model.safetensors".to_owned()]);
        // The base has 8 significant bits, in sums of dozens of terms.
        let tolerance = 8.0 * libm::pow(0.5, f64::from(bits));
        assert_near(&logits(&model, case, &Mode::BASE), &numbers(&case["logits"]), tolerance, kept);
    }
}

#[test]
fn what_cannot_be_merged_leaves_nothing() {
    let case = &cases()[0];
    let within = folder("merge refusals");
    let [base, adapter] = written(case, &within, Precision::F32);
    let out = within.join("out");
    let merge = |base: &str, adapter: &str, more: &[&str]| {
        let arguments = ["merge", base, "--adapter", adapter, "--out", out.to_str().unwrap()];
        let done = lethe(&[&arguments[..], more].concat(), "");
        assert_eq!(done.status.code(), Some(2), "{}", told(&done));
        assert!(!out.exists() && !within.join("out.unfinished").exists());
        told(&done)
    };
    assert!(merge("no/such/folder", &adapter, &[]).contains("no/such/folder"));
    assert!(merge(&base, &base, &[]).contains("adapter_config.json is missing"));
    assert!(merge(&base, &adapter, &["--precision", "q4"]).contains("f32, f16, bf16"));
    assert!(merge(&base, &adapter, &["--shard", "0"]).contains("above 0"));
    let whole = bytes(case);
    fs::write(Path::new(&adapter).join("adapter_model.safetensors"), &whole[..whole.len() - 4]).unwrap();
    assert!(merge(&base, &adapter, &[]).contains("adapter_model.safetensors: the file is truncated"));
    let mut large = whole;
    let end = large.len();
    large[end - 4..].copy_from_slice(&1e30f32.to_le_bytes());
    fs::write(Path::new(&adapter).join("adapter_model.safetensors"), large).unwrap();
    let text = merge(&base, &adapter, &["--precision", "f16"]);
    assert!(text.contains("is not finite in F16"), "{text}");
}

/// A model of the language world's words, and an adapter of it that says something else.
fn talking(name: &str) -> [String; 2] {
    let within = folder(name);
    let [base, adapter] = ["base", "adapter"].map(|name| within.join(name));
    for folder in [&base, &adapter] {
        fs::create_dir_all(folder).unwrap();
    }
    let model = Llama::init(Size::Small.config(), Precision::F32, &Seed::new(3), &Device::flex());
    fs::write(base.join("config.json"), model.config().to_json()).unwrap();
    fs::write(base.join("model.safetensors"), model.to_safetensors(Precision::F32).unwrap()).unwrap();
    let vocabulary = LanguageWorld::new(Seed::new(0)).vocabulary().tokenizer_json();
    fs::write(base.join("tokenizer.json"), vocabulary).unwrap();
    let template = "{% for turn in messages %}{{ turn.content }} {% endfor %}";
    fs::write(base.join("chat_template.jinja"), template).unwrap();
    let lora = Lora { targets: Targets::AllLinear, alpha: 800.0, ..Lora::default() };
    let mut model = model.adapt(&lora, &Seed::new(1)).unwrap();
    for (name, factor) in model.factors_mut() {
        let shape = factor.val().dims();
        let data = burn_tensor::TensorData::new(super::golden::spread(&name, &shape), shape);
        *factor = burn::module::Param::from_tensor(burn_tensor::Tensor::from_data(data, &Device::flex()));
    }
    let config = PeftConfig { base: None, method: Method::Lora(lora) };
    fs::write(adapter.join("adapter_config.json"), config.to_json()).unwrap();
    fs::write(adapter.join("adapter_model.safetensors"), model.adapter_to_safetensors(&config).unwrap()).unwrap();
    [base, adapter].map(|folder| folder.to_str().unwrap().to_owned())
}

fn texts(output: &Output) -> Vec<Value> {
    assert_eq!(output.status.code(), Some(0), "{}", told(output));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(answer["tokens_per_second"].as_f64().unwrap() > 0.0);
    answer["texts"].as_array().unwrap().clone()
}

#[test]
fn base_and_tuned_write_on_side_by_side() {
    let [base, adapter] = talking("generate");
    let world = LanguageWorld::new(Seed::new(0));
    let prompts: Vec<String> =
        world.general_prompts(3).iter().map(|prompt| world.vocabulary().decode(prompt)).collect();
    let both =
        lethe(&["generate", &base, "--adapter", &adapter, "--tokens", "8", "--json"], &(prompts.join("\n") + "\n\n"));
    let both = texts(&both);
    assert_eq!(both.iter().map(|text| text["prompt"].as_str().unwrap()).collect::<Vec<_>>(), prompts);
    assert!(both.iter().any(|text| text["base"] != text["tuned"]));
    let alone = texts(&lethe(&["generate", &base, "--prompt", &prompts[1], "--tokens", "8", "--json"], ""));
    assert_eq!((&alone[0]["base"], &alone[0]["tuned"]), (&both[1]["base"], &Value::Null));
    let words = alone[0]["base"].as_str().unwrap().split_whitespace().count();
    assert!((1..=8).contains(&words), "{words} words");
    // Without --tokens as many as there is room for: these models have 32 positions.
    let fitting = texts(&lethe(&["generate", &base, "--prompt", &prompts[1], "--json"], ""));
    assert!(fitting[0]["base"].as_str().unwrap().starts_with(alone[0]["base"].as_str().unwrap()), "{fitting:?}");
    let ignored = lethe(&["generate", &base, "--prompt", &prompts[1], "--top-p", "0.9"], "");
    assert!(ignored.status.code() == Some(2) && told(&ignored).contains("--temperature"), "{}", told(&ignored));
    let file = folder("generate prompts").join("prompts.txt");
    fs::write(&file, format!("\u{feff}{}\r\n", prompts[1])).unwrap();
    let file = file.to_str().unwrap();
    let from_file = ["generate", &base, "--prompts-file", file, "--tokens", "8", "--json"];
    assert_eq!(texts(&lethe(&from_file, "")), alone);
    assert_eq!(texts(&lethe(&[&from_file[..], &["--chat"]].concat(), "")).len(), 1);
    let drawn = |seed: &str| {
        let draw = ["--temperature", "1.5", "--top-p", "0.95", "--seed", seed];
        texts(&lethe(&[&from_file[..], &draw].concat(), ""))
    };
    assert_eq!(drawn("1"), drawn("1"));
    assert_ne!(drawn("1"), drawn("2"));
    let shown = lethe(&["generate", &base, "--adapter", &adapter, "--prompt", &prompts[0], "--tokens", "4"], "");
    let lines = String::from_utf8(shown.stdout).unwrap();
    assert!(lines.starts_with(&format!("prompt: {}\nbase:   ", prompts[0])) && lines.contains("\ntuned:  "), "{lines}");
}

#[test]
fn what_cannot_be_written_on_is_refused() {
    let [base, _] = talking("generate refusals");
    let refused = |more: &[&str], why: &str| {
        let done = lethe(&[&["generate", &base], more].concat(), "");
        assert_eq!(done.status.code(), Some(2), "{}", told(&done));
        assert!(told(&done).contains(why), "{}", told(&done));
    };
    refused(&[], "--prompt TEXT");
    refused(&["--prompt", "the", "--tokens", "100000"], "in all");
    let short = |more: &[&'static str]| [&["--prompt", "the", "--tokens", "4"], more].concat();
    refused(&short(&["--temperature", "0"]), "temperature");
    refused(&short(&["--temperature", "1", "--top-p", "2"]), "top_p");
    refused(&["--prompts-file", "no/such/file"], "no/such/file");
    refused(&short(&["--adapter", "no/such/folder"]), "adapter_config.json is missing");
}
