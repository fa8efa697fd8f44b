//! The language world as files, for test programs that run the command line on them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program.
pub const LETHE: &str = env!("CARGO_BIN_EXE_lethe");

/// A folder of a test program, empty at its start.
pub fn folder(program: &str, name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(program).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Writes the world's files, so many documents of each corpus.
pub fn write(folder: &Path, documents: u32) {
    let written = Command::new(LETHE)
        .args(["llama", "world", "--documents", &documents.to_string(), "--out"])
        .arg(folder)
        .output()
        .unwrap();
    assert!(written.status.success(), "{}", told(&written));
}

/// What a program said.
pub fn told(output: &Output) -> String {
    let [out, error] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    format!("{:?}\n{out}\n{error}", output.status.code())
}
