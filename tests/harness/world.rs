//! The golden file's models, tokenizers and rows, as folders and files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use burn_tensor::Device;
use lethe::experiments::llama::Measures;
use lethe::model::llama::{Config, Llama, Mode, Precision, Weights};
use lethe::native::Failure;
use lethe::native::llama::Tokenizer;
use lethe::native::llama::evaluate::Evaluation;
use serde_json::Value;

use crate::formulas::{file, shapes, spread, uniform};

pub static GOLDEN: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../golden/harness.json")).unwrap());

/// The cases: the first with BOS before each text, the second without.
pub fn cases() -> &'static [Value] {
    GOLDEN["cases"].as_array().unwrap()
}

/// The bytes of the weights: the base's, or another model's not far from it.
pub fn weights(tuned: bool) -> Vec<u8> {
    let tensor = |(name, shape): (String, Vec<usize>)| {
        let mut values = spread(&name, &shape);
        if tuned {
            let moved = uniform(&format!("tuned {name}"), values.len());
            values.iter_mut().zip(moved).for_each(|(value, moved)| *value += 0.1 * moved);
        }
        (name, shape, values)
    };
    file(&shapes(&config()).into_iter().map(tensor).collect::<Vec<_>>())
}

pub fn config() -> Config {
    Config::read(GOLDEN["config"].to_string().as_bytes()).unwrap()
}

pub fn model(tuned: bool) -> Llama {
    let bytes = weights(tuned);
    let weights = Weights::read(&[("model.safetensors", &bytes)]).unwrap();
    Llama::load(config(), &weights, Precision::F32, &Device::flex()).unwrap()
}

/// A folder of a test's own, empty.
pub fn folder(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("harness").join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// A Hugging Face folder of a case.
pub fn written(case: &Value, tuned: bool, folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("config.json"), GOLDEN["config"].to_string()).unwrap();
    fs::write(folder.join("tokenizer.json"), case["tokenizer"].to_string()).unwrap();
    let special = r#"{"bos_token": "<s>", "eos_token": "</s>", "chat_template": "{{ bos_token }}[{{ messages[0]['content'] }}]"}"#;
    fs::write(folder.join("tokenizer_config.json"), special).unwrap();
    fs::write(folder.join("model.safetensors"), weights(tuned)).unwrap();
}

/// The golden rows as files: arc.jsonl, arc.parquet, mnli.jsonl, mnli.tsv, pairs.jsonl, documents.jsonl.
pub fn rows(folder: &Path) {
    let lines = |rows: &Value| rows.as_array().unwrap().iter().map(|row| format!("{row}\n")).collect::<String>();
    let rows = &GOLDEN["rows"];
    fs::write(folder.join("arc.jsonl"), lines(&rows["arc"])).unwrap();
    fs::write(folder.join("arc.parquet"), include_bytes!("../golden/harness.parquet")).unwrap();
    fs::write(folder.join("pairs.jsonl"), lines(&rows["pairs"])).unwrap();
    let mnli = rows["mnli"].as_array().unwrap().iter();
    let object = |row: &Value| serde_json::json!({"premise": row[0], "hypothesis": row[1], "label": row[2]});
    fs::write(folder.join("mnli.jsonl"), lines(&mnli.map(object).collect())).unwrap();
    let documents = rows["documents"].as_array().unwrap().iter();
    let object = |text: &Value| serde_json::json!({"text": text});
    fs::write(folder.join("documents.jsonl"), lines(&documents.map(object).collect())).unwrap();
}

/// What is measured of two models by the settings of a table `[evaluation]`, in which FOLDER is the folder.
pub fn measured(
    case: &Value,
    name: &str,
    settings: &str,
    base: (&Llama, &Mode),
    tuned: (&Llama, &Mode),
) -> Result<Measures, String> {
    let folder = folder(name);
    written(case, false, &folder);
    rows(&folder);
    let table = settings.replace("FOLDER", folder.to_str().unwrap()).parse().unwrap();
    let tokenizer = Tokenizer::open(&folder).map_err(said)?;
    let evaluation = Evaluation::open(&table, &tokenizer, &config()).map_err(said)?;
    let answers = evaluation.ask(base, &mut |_, _, _| true).map_err(said)?;
    evaluation.measure(&answers, base, tuned, &mut |_, _, _| true).map_err(said)
}

/// What a failure tells its reader.
pub fn said(failure: Failure) -> String {
    match failure {
        Failure::Input(problems) => problems.to_string(),
        Failure::Other(text) | Failure::Interrupted(text) => text,
        Failure::No => String::new(),
    }
}
