//! The language world as files, recipes changed to fit it, and what they come to.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lethe::figure::number::significant;
use lethe::metrics::language::Share;
use lethe::record::llama::Record;
use serde_json::Value;

use super::tiny_world;
pub use super::tiny_world::{LETHE, told};

/// A folder of this test program, empty at its start.
pub fn folder(name: &str) -> PathBuf {
    tiny_world::folder("recipes", name)
}

/// The world's files.
pub fn world() -> PathBuf {
    tiny_world::world("recipes", 600)
}

pub fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

/// A recipe with changes.
pub struct Recipe {
    file: PathBuf,
    set: Vec<String>,
    pub out: PathBuf,
}

impl Recipe {
    /// A recipe made small: 32 tokens, on the CPU, its runs in a folder of the test's.
    pub fn small(name: &str, test: &str) -> Self {
        let out = folder(test);
        let mut recipe = Self { file: example(&format!("{name}.toml")), set: Vec::new(), out };
        recipe.change("out", &recipe.out.display().to_string());
        for (key, value) in [
            ("device", "\"cpu\""),
            ("precision", "\"f32\""),
            ("data.sequence", "32"),
            ("data.hold_out", "16"),
            ("training.batch", "8"),
            ("training.micro_batch", "4"),
            ("training.warm_up", "2"),
            ("training.learning_rate", "3e-3"),
        ] {
            recipe.run(key, value);
        }
        let general = format!("{{ files = [{}], windows = 4, length = 32 }}", of("general.jsonl"));
        recipe.run("evaluation.forgetting", &general);
        recipe
    }

    /// Changes what the sweep file says.
    pub fn change(&mut self, key: &str, value: &str) {
        self.set.push(format!("{key}={value}"));
    }

    /// Changes what it says of every run.
    pub fn run(&mut self, key: &str, value: &str) {
        self.change(&format!("run.{key}"), value);
    }

    /// The world's questions in place of MNLI and ARC, so many of each.
    pub fn ask(&mut self, tasks: &[&str], limit: usize) {
        let task = |name: &&str| {
            let file = of(&format!("{name}.jsonl"));
            format!("{{ name = \"choices\", title = \"{name}\", files = {file}, limit = {limit} }}")
        };
        let tasks: Vec<String> = tasks.iter().map(task).collect();
        self.run("evaluation.task", &format!("[{}]", tasks.join(", ")));
    }

    /// The world's requests in place of AdvBench.
    pub fn refuse(&mut self) {
        let [harmful, harmless, phrases] = ["harmful.csv", "harmless.txt", "refusals.txt"].map(of);
        self.run(
            "evaluation.refusals",
            &format!(
                "{{ harmful = {harmful}, harmless = {harmless}, phrases = {phrases}, limit = 24, max_new_tokens = 6 }}"
            ),
        );
    }

    /// A command of `lethe sweep` on it.
    pub fn command(&self, name: &str, more: &[&str]) -> Output {
        let mut command = Command::new(LETHE);
        command.args(["sweep", name]).arg(&self.file).args(more);
        self.set.iter().for_each(|change| {
            command.args(["--set", change]);
        });
        command.output().unwrap()
    }

    /// What a command that succeeds prints as JSON.
    pub fn json(&self, name: &str, more: &[&str]) -> Value {
        let output = self.command(name, &[more, &["--json"]].concat());
        assert!(output.status.success(), "{}", told(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Runs all of it.
    pub fn cook(&self) {
        let output = self.command("run", &["-j", "2"]);
        assert!(output.status.success(), "{}", told(&output));
    }

    /// The records of the runs, in the order of the report's.
    pub fn records(&self, report: &Value) -> Vec<Record> {
        let runs = report["runs"].as_array().unwrap().iter();
        let record = |run: &Value| {
            let path = self.out.join(run["run"].as_str().unwrap()).join("record.json");
            Record::read(&fs::read(path).unwrap()).unwrap()
        };
        runs.map(record).collect()
    }

    /// The page, which stands alone.
    pub fn page(&self) -> String {
        let page = fs::read_to_string(self.out.join("report.html")).unwrap();
        for outside in ["<script", "src=", "href=", "@import", "url("] {
            assert!(!page.contains(outside), "the page has {outside}");
        }
        assert!(page.contains("<svg") || !page.contains("<figure"), "figures are in it");
        page
    }
}

/// A file of the world in TOML.
pub fn of(name: &str) -> String {
    format!("\"{}\"", world().join(name).display())
}

/// The text of the only statement with this id.
pub fn statement<'a>(report: &'a Value, id: &str) -> &'a Value {
    let mut all = report["statements"].as_array().unwrap().iter().filter(|statement| statement["id"] == id);
    let found = all.next().unwrap_or_else(|| panic!("{id} is told in {report:#}"));
    assert!(all.next().is_none(), "{id} is told once");
    found
}

/// A number of a statement.
pub fn value(statement: &Value, name: &str) -> f64 {
    let values = statement["values"].as_array().unwrap().iter();
    values.filter(|pair| pair[0] == name).map(|pair| pair[1].as_f64().unwrap()).next().unwrap()
}

pub fn contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "\"{part}\" is in:\n{text}");
    }
}

/// How a page shows a share before and after.
pub fn shown(base: Share, tuned: Share) -> String {
    let one = |share: Share| {
        let [low, high] = share.interval().map(|end| significant(100.0 * end, 3));
        format!("{}\u{a0}% ({low} to {high})", significant(100.0 * share.fraction(), 3))
    };
    format!("{} → {}", one(base), one(tuned))
}
