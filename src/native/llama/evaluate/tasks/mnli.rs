//! MNLI as GLUE has it (`validation_matched`), its rows as the Hub, GLUE's TSV or MultiNLI's own JSON lines write them.

use serde_json::Value;

use super::Question;
use super::prompt::{Answers, Prompt};
use crate::native::cli::Failure;
use crate::native::llama::evaluate::rows::Row;

/// In the order of GLUE's labels.
const LABELS: [&str; 3] = ["entailment", "neutral", "contradiction"];

/// The prompts that have names: one question in three forms, so that a model that lost a form is told from one that can
/// no longer tell.
pub fn prompts() -> Vec<Prompt> {
    let prompt = |name: &str, text: &str, words: [&str; 3]| Prompt {
        name: name.to_owned(),
        text: text.to_owned(),
        answers: Answers::Words(words.map(str::to_owned).to_vec()),
    };
    vec![
        prompt(
            "harness",
            "{premise}\nQuestion: {hypothesis} True, False or Neither?\nAnswer:",
            ["True", "Neither", "False"],
        ),
        prompt(
            "imply",
            "Premise: {premise}\nHypothesis: {hypothesis}\nDoes the premise imply the hypothesis? Yes, maybe or no?\nAnswer:",
            ["Yes", "Maybe", "No"],
        ),
        prompt(
            "labels",
            "Premise: {premise}\nHypothesis: {hypothesis}\nRelation (entailment, neutral or contradiction):",
            LABELS,
        ),
    ]
}

/// A row's question; `None` where its annotators did not agree on a label (`-`), which GLUE leaves out, too.
pub fn question(row: &Row) -> Result<Option<Question>, Failure> {
    let premise = row.text(&["premise", "sentence1"])?.to_owned();
    let hypothesis = row.text(&["hypothesis", "sentence2"])?.trim();
    let stop = if hypothesis.ends_with('.') { "" } else { "." };
    let label = ["label", "gold_label"];
    let named = row.get(&label).and_then(Value::as_str);
    if named == Some("-") {
        return Ok(None);
    }
    let named = named.and_then(|name| LABELS.iter().position(|known| *known == name));
    let truth = named.or_else(|| row.number(&label)).filter(|&label| label < LABELS.len());
    let accepted = "0, 1, 2 or entailment, neutral, contradiction";
    let truth = truth.ok_or_else(|| row.wrong(&label, accepted))?;
    let fields = vec![("premise", premise), ("hypothesis", format!("{hypothesis}{stop}"))];
    Ok(Some(Question { place: row.place.clone(), fields, answers: Vec::new(), truth }))
}
