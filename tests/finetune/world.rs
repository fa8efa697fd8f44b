//! The language world as files, and runs on them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::tiny_world;
pub use super::tiny_world::{LETHE, told};

/// A folder of this test program, empty at its start.
pub fn folder(name: &str) -> PathBuf {
    tiny_world::folder("finetune", name)
}

/// The world's files.
pub fn world() -> PathBuf {
    tiny_world::world("finetune", 400)
}

/// Settings of a short run: 12 steps, measured at 0, 4 and 12, saved every 3.
pub fn settings(more: &str) -> String {
    let world = world();
    let world = world.display();
    format!(
        r#"
model = "{world}/small"
data.files = ["{world}/orca.jsonl"]
data.sequence = 32
data.hold_out = 20
training.steps = 12
training.batch = 4
training.micro_batch = 2
training.learning_rate = 0.003
training.warm_up = 2
training.save_every = 3
evaluation.at = [4]
evaluation.forgetting = {{ files = ["{world}/general.jsonl"], windows = 8, length = 32 }}
{more}
"#
    )
}

/// The command that runs settings in a folder, which holds them.
pub fn command(folder: &Path, settings: &str) -> Command {
    let file = folder.with_extension("toml");
    fs::write(&file, settings).unwrap();
    let mut command = Command::new(LETHE);
    command.args(["llama", "finetune"]).arg(&file).arg("--set").arg(format!("out={}", folder.display()));
    command
}

/// Runs settings to the end.
pub fn run(folder: &Path, settings: &str) {
    let output = command(folder, settings).output().unwrap();
    assert!(output.status.success(), "{}", told(&output));
}

pub fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Everything that a run's result consists of: what was trained, what the optimiser remembers, what was measured and
/// logged.
pub fn result(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let last = json(&folder.join("manifest.json"))["step"].as_u64().unwrap();
    let save = format!("checkpoint-{last}");
    let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(folder.join(&save))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "progress.json")
        .map(|name| (format!("{save}/{name}"), fs::read(folder.join(&save).join(&name)).unwrap()))
        .collect();
    files.sort();
    for name in ["points.csv", "log.csv"] {
        files.push((name.to_owned(), fs::read(folder.join(name)).unwrap()));
    }
    let mut progress = json(&folder.join(&save).join("progress.json"));
    progress["seconds"] = Value::Null;
    files.push(("progress".to_owned(), progress.to_string().into_bytes()));
    files
}

/// Fails unless two runs came to the same bits.
pub fn assert_same(one: &Path, other: &Path, what: &str) {
    let [one, other] = [result(one), result(other)];
    let names = |files: &[(String, Vec<u8>)]| files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&one), names(&other), "{what}");
    for ((name, own), (_, others)) in one.iter().zip(&other) {
        assert!(own == others, "{what}: {name} differs");
    }
}
