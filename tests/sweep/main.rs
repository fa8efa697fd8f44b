//! Sweeps as their user meets them, and what a run logs and needs.
#![cfg(all(feature = "native", not(target_family = "wasm")))]

mod clusters;
mod expansion;
mod folders;
mod logs;
mod memory;
mod running;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn lethe(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lethe")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A new folder.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sweep").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A sweep file in a new folder.
fn file(name: &str, content: &str) -> String {
    let path = folder(name).join("ranks.toml");
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// What a command that succeeds prints as JSON.
fn json(arguments: &[&str]) -> Value {
    let done = lethe(arguments);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

/// What a command says that refuses its input.
fn refused(arguments: &[&str]) -> String {
    let done = lethe(arguments);
    assert_eq!(done.status.code(), Some(2), "{arguments:?}: {}", text(&done.stderr));
    assert!(done.stdout.is_empty(), "{arguments:?}");
    text(&done.stderr)
}

const SWEEP: &str = r#"
[run]
model = "base"
device = "cpu"
data.files = ["rows.json"]
[run.tuning]
method = "lora"
alpha = 16.0
[run.training]
steps = 20
save_every = 5

[vary]
seed = [0, 1, 2]
tuning.rank = [8, 16]
"#;
