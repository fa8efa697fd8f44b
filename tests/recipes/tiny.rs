//! The recipe of docs/llama-finetune.md, by its two commands.

use std::fs;
use std::process::Command;

use super::kitchen::{LETHE, contains, example, folder, told};

#[test]
fn the_tiny_recipe_runs_as_the_documentation_says() {
    let folder = folder("tiny");
    let lethe = |arguments: &[&str]| {
        let output = Command::new(LETHE).args(arguments).current_dir(&folder).output().unwrap();
        assert!(output.status.success(), "{}", told(&output));
        told(&output)
    };
    lethe(&["llama", "world", "--out", "world"]);
    let tiny = example("tiny.toml");
    let tiny = tiny.to_str().unwrap();
    let said = lethe(&[
        "llama",
        "finetune",
        tiny,
        "--out",
        "run",
        "--set",
        "training.steps=20",
        "--set",
        "evaluation.at=\"ends\"",
    ]);
    contains(&said, &["In 20 steps the fine-tuning loss fell", "Harmful requests refused", "facts: right 100"]);
    let page = fs::read_to_string(folder.join("run/report.html")).unwrap();
    contains(&page, &["sums", "what is the pet of mira ?", "<svg"]);
}
