//! ARC, its rows as the Hub or as the authors write them.

use serde_json::Value;

use super::Question;
use super::prompt::{Answers, Prompt};
use crate::native::cli::Failure;
use crate::native::llama::evaluate::rows::Row;

/// The prompts that have names.
pub fn prompts() -> Vec<Prompt> {
    let prompt = |name: &str, text: &str, answers| Prompt { name: name.to_owned(), text: text.to_owned(), answers };
    vec![
        prompt("harness", "Question: {question}\nAnswer:", Answers::Own),
        prompt("letters", "Question: {question}\n{choices}\nAnswer:", Answers::Letters),
    ]
}

/// A row's question. The true answer is the one whose label is `answerKey`, be labels letters or numbers.
pub fn question(row: &Row) -> Result<Question, Failure> {
    let question = row.get(&["question"]);
    let (stem, choices) = match question {
        Some(Value::String(stem)) => (Some(stem.as_str()), row.get(&["choices"])),
        Some(Value::Object(inner)) => (inner.get("stem").and_then(Value::as_str), inner.get("choices")),
        _ => (None, None),
    };
    let stem = stem.ok_or_else(|| row.wrong(&["question"], "a text, or an object with stem and choices"))?;
    let choices = choices.and_then(labelled).filter(|choices| choices.len() > 1);
    let choices = choices.ok_or_else(|| row.wrong(&["choices"], "two or more answers, each with text and label"))?;
    let key = row.text(&["answerKey"])?;
    let truth = choices.iter().position(|(label, _)| label == key);
    let truth = truth.ok_or_else(|| {
        let labels: Vec<&str> = choices.iter().map(|(label, _)| label.as_str()).collect();
        row.wrong(&["answerKey"], &format!("one of the labels {}", labels.join(", ")))
    })?;
    let answers = choices.into_iter().map(|(_, text)| text).collect();
    Ok(Question { place: row.place.clone(), fields: vec![("question", stem.to_owned())], answers, truth })
}

/// Labels and texts: two lists side by side, or a list of pairs.
fn labelled(choices: &Value) -> Option<Vec<(String, String)>> {
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    match choices {
        Value::Object(lists) => {
            let [labels, texts] = ["label", "text"].map(|name| lists.get(name).and_then(Value::as_array));
            let (labels, texts) = (labels?, texts?);
            let pairs = labels.iter().zip(texts).map(|(label, answer)| Some((text(label)?, text(answer)?)));
            if labels.len() == texts.len() { pairs.collect() } else { None }
        }
        Value::Array(pairs) => pairs.iter().map(|pair| Some((text(&pair["label"])?, text(&pair["text"])?))).collect(),
        _ => None,
    }
}
