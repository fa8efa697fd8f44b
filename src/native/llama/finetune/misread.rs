//! Which setting cannot be read, and what it may hold: what TOML's reader tells has no place and speaks of Rust's types.

use toml::{Table, Value};

use crate::error::Problem;

/// Where the keys are written down.
const KEYS: &str = "the keys of docs/llama-finetune.md";

/// Settings that hold one of several kinds, of which the reader only says that it is none.
const SEVERAL: [(&str, &str); 2] = [
    ("tuning.targets", "\"all-linear\", a list of names, or { pattern = \"…\" }"),
    ("evaluation.at", "\"log\", \"ends\", a number of steps, or a list of steps"),
];

/// What the reader says of a table and another, so that its user can mend it; `error` reads a table and tells its message.
pub fn problem(table: &Table, error: impl Fn(&Table) -> Option<String>) -> Problem {
    let message = error(table).unwrap_or_default();
    if let Some(key) = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        let key = if key == "files" { "data.files" } else { key };
        return Problem::new(key, "missing", format!("a value: {KEYS}"));
    }
    // The key without which the message is another.
    let is_to_blame = |path: &&Vec<String>| error(&mended(table, path)).as_ref() != Some(&message);
    let paths = leaves(table, &[]);
    let Some(path) = paths.iter().find(is_to_blame) else { return Problem::new("settings", &message, KEYS) };
    let key = path.join(".");
    let several = SEVERAL.iter().find(|(of, _)| key.starts_with(of)).map(|(_, accepted)| (*accepted).to_owned());
    let value = at(table, path).map_or_else(String::new, |value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string().replace('\n', " "),
    });
    Problem::new(&key, &value, several.unwrap_or_else(|| accepted(&message)))
}

/// The paths of all keys, those of tables after what is in them.
fn leaves(table: &Table, above: &[String]) -> Vec<Vec<String>> {
    let of = |(key, value): (&String, &Value)| {
        let path = [above, core::slice::from_ref(key)].concat();
        let mut paths = value.as_table().map_or_else(Vec::new, |table| leaves(table, &path));
        paths.push(path);
        paths
    };
    table.iter().flat_map(of).collect()
}

fn at<'a>(table: &'a Table, path: &[String]) -> Option<&'a Value> {
    let (key, rest) = path.split_first()?;
    let value = table.get(key)?;
    if rest.is_empty() { Some(value) } else { at(value.as_table()?, rest) }
}

/// The table without a key, or with a value that it may have where it must be there.
fn mended(table: &Table, path: &[String]) -> Table {
    let mut table = table.clone();
    let Some((last, sections)) = path.split_last() else { return table };
    let mut within = Some(&mut table);
    for section in sections {
        within = within.and_then(|table| table.get_mut(section)?.as_table_mut());
    }
    let files = || Value::Array(vec!["rows.jsonl".into()]);
    let needed = match path.join(".").as_str() {
        "model" => Some("model".into()),
        "data.files" => Some(files()),
        "data" => Some(Value::Table([("files".to_owned(), files())].into_iter().collect())),
        _ => None,
    };
    within.map(|table| match needed {
        Some(value) => table.insert(last.clone(), value),
        None => table.remove(last),
    });
    table
}

/// What the reader expects, in words.
fn accepted(message: &str) -> String {
    let Some((_, expected)) = message.split_once("expected ") else { return message.replace('`', "") };
    let expected = expected.replace('`', "");
    match expected.as_str() {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number from 0".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a string" | "path string" => "a text in quotes".to_owned(),
        "a sequence" => "a list".to_owned(),
        other if other.starts_with("struct ") || other.starts_with("a map") => "a table".to_owned(),
        other if other.starts_with("an array of length 2") => "a list of two numbers".to_owned(),
        _ => expected,
    }
}
