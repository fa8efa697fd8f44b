//! `lethe llama pretrain` as its user meets it.

use std::path::PathBuf;
use std::process::{Command, Output};

use burn_tensor::Device;
use lethe::model::Size;
use lethe::model::llama::{Config, Llama, Precision, Weights};
use serde_json::Value;

fn pretrain(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lethe")).args(["llama", "pretrain"]).args(arguments).output().unwrap()
}

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn trained(name: &str, seed: &str) -> (Value, Vec<u8>) {
    let folder = folder(name);
    let out = folder.to_str().unwrap();
    let done = pretrain(&["--size", "small", "--seed", seed, "--steps", "3", "--out", out, "--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    (serde_json::from_slice(&done.stdout).unwrap(), std::fs::read(folder.join("model.safetensors")).unwrap())
}

#[test]
fn it_leaves_a_model_that_can_be_read_and_tells_its_scores() {
    let (told, bytes) = trained("pretrain", "7");
    let folder = folder("pretrain");
    let text = std::fs::read(folder.join("config.json")).unwrap();
    let config = Config::read(&text).unwrap();
    assert_eq!(config, Size::Small.config());
    assert_eq!(serde_json::from_slice::<Value>(&text).unwrap()["eos_token_id"], 3);
    let weights = Weights::read(&[("model.safetensors", &bytes)]).unwrap();
    assert!(Llama::load(config, &weights, Precision::F32, &Device::flex()).is_ok());
    assert!(std::fs::read_to_string(folder.join("tokenizer.json")).unwrap().contains("WordLevel"));
    for (key, value) in [("size", Value::from("small")), ("seed", 7.into()), ("steps", 3.into())] {
        assert_eq!(told[key], value);
    }
    assert_eq!((&told["parameters"], &told["tokens"]), (&46_560.into(), &3072.into()));
    let scores = &told["scores"];
    for (key, of) in [
        ("facts_in_an_unseen_pairing", 1184),
        ("facts_in_an_unseen_phrasing", 1184),
        ("composed", 256),
        ("sums", 80),
        ("refused_harmful", 80),
        ("refused_harmless", 240),
    ] {
        assert_eq!(scores[key]["of"], of, "{key}");
        assert!(scores[key]["count"].as_u64().unwrap() <= of, "{key}");
    }
    // Three steps teach little, but more than a uniform guess among 357 words knows, whose loss is ln 357 = 5.878.
    let loss = scores["loss_on_general_text"].as_f64().unwrap();
    assert!((4.0..5.7).contains(&loss), "{loss}");
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let (first, again, other) = (trained("first", "1").1, trained("again", "1").1, trained("other", "2").1);
    assert_eq!(first, again);
    assert_ne!(first, other);
}

#[test]
fn wrong_arguments_are_refused_by_name() {
    let out = folder("refused");
    let out = out.to_str().unwrap();
    for (arguments, said) in [
        (["--size", "huge", "--out", out], "small, medium, large"),
        (["--steps", "0", "--out", out], "--steps"),
        (["--seed", "-1", "--out", out], "-1"),
    ] {
        let done = pretrain(&arguments);
        let told = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(2), "{told}");
        assert!(told.contains(said), "{told}");
    }
}
