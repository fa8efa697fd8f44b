//! What Lethe wrote, opened by transformers and PEFT: under the Python that `LETHE_TORCH_PYTHON` names, where it names
//! one with both.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use burn_tensor::Device;
use lethe::model::llama::{PeftConfig, Precision};
use serde_json::{Value, json};

use super::command_line::{folder, lethe, written};
use super::golden::{assert_near, numbers};
use super::peft::{adapted, cases, config};

struct Reader {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Reader {
    fn start() -> Option<Self> {
        let python = std::env::var("LETHE_TORCH_PYTHON").ok()?;
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/adapters_read.py");
        let mut child = Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (questions, answers) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut reader = Self { child, questions, answers: BufReader::new(answers) };
        assert!(reader.line().starts_with("ready: "), "the Python has torch, transformers and peft");
        Some(reader)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line
    }

    /// Logits and precision of a base with an adapter or without.
    fn ask(&mut self, base: &str, adapter: Option<&str>, case: &Value) -> (Vec<f64>, String) {
        let question = json!({ "base": base, "adapter": adapter, "tokens": case["tokens"] });
        writeln!(self.questions, "{question}").unwrap();
        let answer: Value = serde_json::from_str(&self.line()).unwrap();
        (numbers(&answer["logits"]), answer["dtype"].as_str().unwrap().to_owned())
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn adapters_and_merged_models_say_there_what_they_say_here() {
    let Some(mut reader) = Reader::start() else {
        eprintln!("SKIPPED: LETHE_TORCH_PYTHON names no Python with torch, transformers and peft");
        return;
    };
    for case in cases() {
        let name = case["name"].as_str().unwrap();
        let within = folder(&format!("transformers {name}"));
        let [base, adapter] = written(case, &within, Precision::F32);
        // Ours in place of PEFT's.
        let config: PeftConfig = config(case);
        let weights = adapted(case, &Device::flex()).adapter_to_safetensors(&config).unwrap();
        fs::write(within.join("adapter/adapter_config.json"), config.to_json()).unwrap();
        fs::write(within.join("adapter/adapter_model.safetensors"), weights).unwrap();
        fs::remove_file(within.join("base/tokenizer.json")).unwrap();
        let (found, _) = reader.ask(&base, Some(&adapter), case);
        assert_near(&found, &numbers(&case["logits"]), 1e-4, name);
        for (precision, dtype, tolerance) in
            [("f32", "torch.float32", 1e-4), ("bf16", "torch.bfloat16", 0.1), ("f16", "torch.float16", 0.02)]
        {
            let out = within.join(precision);
            let path = out.to_str().unwrap();
            let more = ["--precision", precision, "--shard", "0.00002"];
            let merged = lethe(&[&["merge", &base, "--adapter", &adapter, "--out", path], &more[..]].concat(), "");
            assert_eq!(merged.status.code(), Some(0), "{}", String::from_utf8_lossy(&merged.stderr));
            let (found, kept) = reader.ask(path, None, case);
            assert_eq!(kept, dtype);
            assert_near(&found, &numbers(&case["logits"]), tolerance, &format!("{name}, merged in {precision}"));
        }
    }
}
