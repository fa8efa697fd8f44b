//! `lethe llama evaluate` as its user meets it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use lethe::model::llama::{Lora, Method, PeftConfig};
use lethe::seed::Seed;
use ndarray::Array2;
use ndarray_npy::ReadNpyExt as _;
use serde_json::Value;

use crate::formulas::uniform;
use crate::world::{cases, folder, model, rows, written};

fn evaluate(config: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lethe"))
        .args(["llama", "evaluate", config.to_str().unwrap()])
        .args(arguments)
        .output()
        .unwrap()
}

/// A PEFT folder with adapters that move the model by `size`.
fn adapter(folder: &Path, size: f32) {
    let lora: Lora =
        crate::formulas::lora(&serde_json::json!({"r": 2, "lora_alpha": 4, "target_modules": ["q_proj", "v_proj"]}));
    let mut model = model(false).adapt(&lora, &Seed::new(3)).unwrap();
    for (name, factor) in model.factors_mut() {
        if name.contains("lora_B") {
            let value = factor.val();
            let shape = value.dims();
            let values: Vec<f32> = uniform(&name, shape[0] * shape[1]).iter().map(|value| size * value).collect();
            let data = burn_tensor::TensorData::new(values, shape);
            *factor = burn::module::Param::from_tensor(burn_tensor::Tensor::from_data(data, &value.device()));
        }
    }
    let config = PeftConfig { base: None, method: Method::Lora(lora) };
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("adapter_config.json"), config.to_json()).unwrap();
    fs::write(folder.join("adapter_model.safetensors"), model.adapter_to_safetensors(&config).unwrap()).unwrap();
}

const SETTINGS: &str = r#"
model = "FOLDER/base"
adapters = "FOLDER/run"
models = ["FOLDER/full"]
out = "FOLDER/out"
[evaluation]
forgetting = { files = "FOLDER/general.txt", windows = 4, length = 24 }
losses = { files = "FOLDER/documents.jsonl", out = "FOLDER/out/losses.npy" }
generations = { prompts = ["The mill"], max_new_tokens = 4 }
[[evaluation.task]]
name = "mnli"
files = "FOLDER/mnli.jsonl"
[[evaluation.task]]
name = "arc_easy"
files = "FOLDER/arc.jsonl"
prompts = ["harness", "letters"]
[[evaluation.perplexity]]
name = "tales"
files = "FOLDER/documents.jsonl"
"#;

fn world(name: &str) -> (std::path::PathBuf, std::path::PathBuf) {
    let place = folder(name);
    rows(&place);
    written(&cases()[0], false, &place.join("base"));
    written(&cases()[0], true, &place.join("full"));
    fs::write(place.join("general.txt"), "The river, the mill and the miller. ".repeat(20)).unwrap();
    let config = place.join("evaluate.toml");
    fs::write(&config, SETTINGS.replace("FOLDER", place.to_str().unwrap())).unwrap();
    (place, config)
}

#[test]
fn checkpoints_trained_elsewhere_are_measured_in_the_order_of_their_steps() {
    let (place, config) = world("command line");
    // By number, not by name; a folder without an adapter is none.
    for (step, size) in [(9, 0.0), (10, 0.5), (100, 2.0)] {
        adapter(&place.join(format!("run/checkpoint-{step}")), size);
    }
    fs::create_dir_all(place.join("run/logs")).unwrap();
    let done = evaluate(&config, &["--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let told: Value = serde_json::from_slice(&done.stdout).unwrap();
    let checkpoints = told["checkpoints"].as_array().unwrap();
    let names: Vec<&str> = checkpoints.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["checkpoint-9", "checkpoint-10", "checkpoint-100", "full"]);
    assert_eq!(checkpoints[2]["step"], 100);
    let kl = |k: usize| checkpoints[k]["measures"]["forgetting"]["kl"].as_f64().unwrap();
    assert_eq!(kl(0), 0.0, "its adapters are zero");
    assert!(0.0 < kl(1) && kl(1) < kl(2) && kl(3) > 0.0);
    assert_eq!(checkpoints[0]["measures"]["tasks"][1]["prompts"][1]["as_base"]["count"], 10);
    let base = |k: usize| &checkpoints[k]["measures"]["perplexities"][0]["base_nll"];
    assert!(base(0) == base(3) && base(0) == &checkpoints[0]["measures"]["perplexities"][0]["nll"]);
    let file: Value = serde_json::from_slice(&fs::read(place.join("out/evaluation.json")).unwrap()).unwrap();
    assert_eq!(file, told);
    let matrix = Array2::<f64>::read_npy(fs::File::open(place.join("out/losses.npy")).unwrap()).unwrap();
    assert_eq!(matrix.dim(), (5, 5), "the base and four checkpoints by five examples");
    assert_eq!(matrix.row(0), matrix.row(1));
    assert_eq!(matrix[[4, 2]], checkpoints[3]["measures"]["losses"]["tuned"][2].as_f64().unwrap());
}

#[test]
fn a_table_tells_base_and_tuned_with_intervals() {
    let (place, config) = world("table");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.lines().filter(|line| !line.starts_with("adapters")).collect::<Vec<_>>().join("\n"))
        .unwrap();
    let done = evaluate(&config, &[]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let told = String::from_utf8(done.stdout).unwrap();
    let file: Value = serde_json::from_slice(&fs::read(place.join("out/evaluation.json")).unwrap()).unwrap();
    let measures = &file["checkpoints"][0]["measures"];
    let kl = format!("{:.4}", measures["forgetting"]["kl"].as_f64().unwrap());
    let acc = &measures["tasks"][0]["prompts"][0]["tuned"]["acc"];
    let share = lethe::metrics::language::Share {
        count: acc["count"].as_u64().unwrap() as usize,
        of: acc["of"].as_u64().unwrap() as usize,
    };
    let [low, high] = share.interval().map(|edge| 100.0 * edge);
    let shown = format!("{:.1} % [{low:.1}, {high:.1}] n=10", 100.0 * share.fraction());
    for part in ["full", &kl, "mnli, harness: acc", &shown, "preferred", "right where true is Neither", "tales"] {
        assert!(told.contains(part), "{part:?} in\n{told}");
    }
}

#[test]
fn the_base_alone_is_measured_where_nothing_else_is_named() {
    let (_, config) = world("base alone");
    let text = fs::read_to_string(&config).unwrap();
    let kept = text.lines().filter(|line| !line.starts_with("adapters") && !line.starts_with("models"));
    fs::write(&config, kept.collect::<Vec<_>>().join("\n")).unwrap();
    let done = evaluate(&config, &["--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let told: Value = serde_json::from_slice(&done.stdout).unwrap();
    let [only] = told["checkpoints"].as_array().unwrap().as_slice() else { panic!("{told}") };
    assert_eq!((&only["name"], &only["measures"]["forgetting"]["kl"]), (&"base".into(), &0.0.into()));
    let nll = |told: &Value| told["checkpoints"][0]["measures"]["perplexities"][0]["nll"].as_f64().unwrap();
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, format!("precision = \"q4\"\n{text}")).unwrap();
    let done = evaluate(&config, &["--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let few: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(few["precision"], "q4");
    let rounded = (nll(&few) / nll(&told) - 1.0).abs();
    assert!(0.0 < rounded && rounded < 0.1, "{rounded}");
}

#[test]
fn adapters_are_named_apart_and_kept_steps_are_found() {
    let (place, config) = world("named apart");
    for (folder, size) in
        [("a/adapter", 0.5), ("b/adapter", 1.0), ("run/steps/0", 0.0), ("run/steps/12", 0.5), ("run/steps/4", 0.2)]
    {
        adapter(&place.join(folder), size);
    }
    // The last save of a run is no step that it kept.
    adapter(&place.join("run/checkpoint-12"), 0.5);
    let shown = place.display();
    let text = fs::read_to_string(&config).unwrap();
    let list = format!("adapters = [\"{shown}/a/adapter\", \"{shown}/b/adapter\", \"{shown}/run\"]");
    let lines = text.lines().map(|line| if line.starts_with("adapters") { list.as_str() } else { line });
    let many = "prompts = [\"The mill\", \"The river\", \"a\", \"b\", \"c\", \"d\", \"e\"]";
    let text = lines.collect::<Vec<_>>().join("\n").replace("prompts = [\"The mill\"]", many);
    fs::write(&config, text).unwrap();
    let done = evaluate(&config, &[]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let told = String::from_utf8(done.stdout).unwrap();
    let headings = [format!("{shown}/a/adapter"), format!("{shown}/b/adapter")];
    let headings = headings.into_iter().chain(["steps/0", "steps/4", "steps/12", "full"].map(str::to_owned));
    let places: Vec<usize> = headings.map(|name| told.find(&format!("{name}\n")).expect(&name)).collect();
    assert!(places.is_sorted(), "{told}");
    let file: Value = serde_json::from_slice(&fs::read(place.join("out/evaluation.json")).unwrap()).unwrap();
    assert_eq!((&file["checkpoints"][4]["name"], &file["checkpoints"][4]["step"]), (&"steps/12".into(), &12.into()));
    let first = &file["checkpoints"][1]["measures"]["generations"][0];
    assert!(told.contains(&format!("prompt: The mill\nbase:   {}\n", first["base"].as_str().unwrap())), "{told}");
    assert!(told.contains("and 2 more, all of them in ") && told.contains("evaluation.json"), "{told}");
}

#[test]
fn places_that_cannot_be_written_are_found_before_measuring() {
    let (place, config) = world("unwritable");
    adapter(&place.join("run/checkpoint-9"), 0.0);
    fs::write(place.join("taken"), "theirs").unwrap();
    let text = fs::read_to_string(&config).unwrap();
    for (from, to, field) in [
        ("/out\"\n[evaluation]", "/taken\"\n[evaluation]", "settings.out"),
        ("/out/losses.npy", "/taken/losses.npy", "evaluation.losses.out"),
    ] {
        assert!(text.contains(from));
        fs::write(&config, text.replace(from, to)).unwrap();
        let done = evaluate(&config, &[]);
        let told = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{told}");
        assert!(
            told.contains(field) && told.contains("a place that can be written") && done.stdout.is_empty(),
            "{told}"
        );
    }
    assert_eq!(fs::read(place.join("taken")).unwrap(), b"theirs");
}

#[test]
fn wrong_settings_end_with_code_2_and_a_sentence() {
    let (place, config) = world("wrong settings");
    let text = fs::read_to_string(&config).unwrap();
    let cases = [
        ("model = ", "modle = ", "settings.model = \"missing\""),
        (
            "models = [",
            "models = 3 #",
            "settings.models = \"3\"; accepted: a folder or a list of folders that are there",
        ),
        (
            "out = ",
            "precision = \"f64\"\nout = ",
            "settings.precision = \"f64\"; accepted: one of f32, bf16, f16, q8, q4",
        ),
        ("out = ", "device = \"abacus\"\nout = ", "settings.device = \"abacus\""),
        ("[evaluation]", "[evaluaton]", "settings.evaluaton = "),
        ("[evaluation]", "[evaluation]\nsurprise = 1", "evaluation.surprise = \"1\""),
    ];
    fs::create_dir_all(place.join("run")).unwrap();
    for (from, to, expected) in cases {
        fs::write(&config, text.replacen(from, to, 1)).unwrap();
        let done = evaluate(&config, &[]);
        let told = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(2), "{told}");
        assert!(told.contains(expected), "{expected:?} in\n{told}");
        assert!(told.contains("settings.adapters") && told.contains("adapter_config.json"), "{told}");
    }
}
