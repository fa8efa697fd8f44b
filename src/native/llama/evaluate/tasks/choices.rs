//! Any questions of several answers: `{"context": text, "choices": [text, …], "answer": place}`.

use serde_json::Value;

use super::Question;
use super::prompt::{Answers, Prompt};
use crate::native::cli::Failure;
use crate::native::llama::evaluate::rows::Row;

/// The prompts that have names.
pub fn prompts() -> Vec<Prompt> {
    let prompt = |name: &str, text: &str, answers| Prompt { name: name.to_owned(), text: text.to_owned(), answers };
    vec![
        prompt("harness", "{context}", Answers::Own),
        prompt("letters", "{context}\n{choices}\nAnswer:", Answers::Letters),
    ]
}

/// A row's question. The answer is a place, the first being 0, or the true choice's text.
pub fn question(row: &Row) -> Result<Question, Failure> {
    let context = row.text(&["context"])?.to_owned();
    let choices = row.get(&["choices"]).and_then(Value::as_array);
    let texts = choices.and_then(|list| list.iter().map(|one| one.as_str().map(ToOwned::to_owned)).collect());
    let answers: Vec<String> = texts
        .filter(|answers: &Vec<String>| answers.len() > 1)
        .ok_or_else(|| row.wrong(&["choices"], "a list of two or more texts"))?;
    let text = row.get(&["answer"]).and_then(Value::as_str);
    let named = text.and_then(|text| answers.iter().position(|answer| answer == text));
    let truth = named.or_else(|| row.number(&["answer"])).filter(|&place| place < answers.len());
    let accepted = format!("a place from 0 to {}, or the text of a choice", answers.len() - 1);
    let truth = truth.ok_or_else(|| row.wrong(&["answer"], &accepted))?;
    Ok(Question { place: row.place.clone(), fields: vec![("context", context)], answers, truth })
}
