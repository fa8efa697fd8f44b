//! Lists of objects, objects line by line, and the state of a transformers Trainer.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::field::{Cells, observation};
use super::history::History;
use super::table::{columns, missing};
use super::{FIELDS, Field, Imported, MOST_COLUMNS, MOST_ROWS, Options, too_many};
use crate::error::{Problem, Problems};

type Object = Map<String, Value>;

/// Reads a list of objects, or one object per line. Where the objects have `_step`, as W&B's history has, those of one
/// step and run make one observation.
///
/// # Errors
/// Text that is no JSON or holds something else than objects, a required key that no object has, or too many objects.
pub(super) fn read(bytes: &[u8], options: &Options) -> Result<Imported, Problems> {
    let objects = objects(bytes)?;
    let names = keys(&objects)?;
    let columns = columns(&names, options)?;
    if names.contains(&"_step") {
        return Ok(merged(&objects, &names, &columns).observations(options));
    }
    let mut found = Imported::default();
    for (place, object) in &objects {
        let mut cells: Cells = [const { None }; FIELDS.len()];
        let mut nested = false;
        for (field, column) in FIELDS.into_iter().zip(columns) {
            let Some(value) = column.and_then(|index| object.get(names[index])) else { continue };
            match text(value) {
                Ok(text) => cells[field as usize] = text.map(Cow::Owned),
                Err(shown) => {
                    nested = true;
                    found.tell(Problem::new(&format!("{place}, {}", field.name()), &shown, "a number or a text"));
                }
            }
        }
        if nested {
            continue;
        }
        match observation(|| place.clone(), &cells, options) {
            Ok(observation) => found.observations.push(observation),
            Err(problems) => problems.into_iter().for_each(|problem| found.tell(problem)),
        }
    }
    Ok(found)
}

/// Reads `trainer_state.json`: entries of `log_history` that have the same step make one observation. L_ft is
/// `eval_loss` and forgetting the loss of the other evaluation set, `eval_NAME_loss`, where there is one only; columns
/// named in the options go before. The number of tuned parameters is in no such file.
///
/// # Errors
/// Another structure, or a required field that is nowhere.
pub(super) fn read_trainer_state(bytes: &[u8], options: &Options) -> Result<Imported, Problems> {
    let objects = log_history(bytes)?;
    let names = keys(&objects)?;
    let mut options = options.clone();
    let mut notes = Vec::new();
    if !options.columns.iter().any(|(field, _)| *field == Field::Forgetting) {
        let evaluated = |name: &&&str| **name != "eval_loss" && name.starts_with("eval_") && name.ends_with("_loss");
        let others: Vec<&str> = names.iter().filter(evaluated).copied().collect();
        match others[..] {
            [one] => {
                notes.push(format!("Forgetting is taken to be {one}."));
                options.columns.push((Field::Forgetting, one.to_owned()));
            }
            _ => return Err(Problems(vec![missing(Field::Forgetting, &names)])),
        }
    }
    if options.columns.iter().any(|(field, name)| *field == Field::FineTuningLoss && name == "loss") {
        notes.push(
            "The fine-tuning loss is the training loss: a mean since the last entry, and not held out.".to_owned(),
        );
    }
    let columns = columns(&names, &options)?;
    let mut found = merged(&objects, &names, &columns).observations(&options);
    found.notes.splice(0..0, notes);
    Ok(found)
}

/// What the keys of a list's objects are.
///
/// # Errors
/// As [`read`].
pub(super) fn columns_of_objects(bytes: &[u8]) -> Result<Vec<String>, Problems> {
    Ok(keys(&objects(bytes)?)?.into_iter().map(str::to_owned).collect())
}

/// What the keys of a trainer's entries are.
///
/// # Errors
/// Another structure.
pub(super) fn columns_of_trainer_state(bytes: &[u8]) -> Result<Vec<String>, Problems> {
    Ok(keys(&log_history(bytes)?)?.into_iter().map(str::to_owned).collect())
}

/// The entries of `log_history`, each with where it is.
fn log_history(bytes: &[u8]) -> Result<Vec<(String, Object)>, Problems> {
    let wrong = |value: &str| Problems(vec![Problem::new("log_history", value, "a list of objects, each with a step")]);
    let state: Value = serde_json::from_slice(&without_bare_words(bytes)).map_err(|error| no_json(&error))?;
    let Some(entries) = state.get("log_history").and_then(Value::as_array) else { return Err(wrong("no list")) };
    if entries.len() > MOST_ROWS {
        return Err(too_many("entries of log_history", MOST_ROWS));
    }
    let mut objects = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let Value::Object(object) = entry else { return Err(wrong(&entry.to_string())) };
        objects.push((format!("log_history entry {}", index + 1), object.clone()));
    }
    Ok(objects)
}

/// The different keys of objects, in the order in which they first come.
///
/// # Errors
/// More than a file may have columns.
fn keys(objects: &[(String, Object)]) -> Result<Vec<&str>, Problems> {
    let mut known = BTreeSet::new();
    let mut names: Vec<&str> = Vec::new();
    for name in objects.iter().flat_map(|(_, object)| object.keys()) {
        if known.insert(name.as_str()) {
            names.push(name);
        }
        if names.len() > MOST_COLUMNS {
            return Err(too_many("different keys", MOST_COLUMNS));
        }
    }
    Ok(names)
}

/// Entries by run and step.
fn merged(objects: &[(String, Object)], names: &[&str], columns: &[Option<usize>; FIELDS.len()]) -> History {
    let mut history = History::default();
    let get = |object: &Object, field: Field| -> Option<String> {
        object.get(names[columns[field as usize]?]).and_then(|value| text(value).ok().flatten())
    };
    for (place, object) in objects {
        let Some(step) = get(object, Field::Steps) else { continue };
        let run = get(object, Field::Run).unwrap_or_default();
        for field in FIELDS.into_iter().filter(|field| !matches!(field, Field::Steps | Field::Run)) {
            if let Some(text) = get(object, field) {
                history.tell(|| place.clone(), &run, &step, field, text);
            }
        }
    }
    history
}

/// A value as a cell: `None` for null, an error for lists and objects.
fn text(value: &Value) -> Result<Option<String>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        Value::Number(_) | Value::Bool(_) => Ok(Some(value.to_string())),
        Value::Array(_) | Value::Object(_) => Err(value.to_string()),
    }
}

fn no_json(error: &serde_json::Error) -> Problems {
    Problems(vec![Problem::new("file", &error.to_string(), "JSON")])
}

/// The objects of a file, each with where it is.
fn objects(bytes: &[u8]) -> Result<Vec<(String, Object)>, Problems> {
    let other = |place: String, value: &Value| Problems(vec![Problem::new(&place, &value.to_string(), "an object")]);
    let bytes = &without_bare_words(bytes)[..];
    let mut found = Vec::new();
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        let list: Vec<Value> = serde_json::from_slice(bytes).map_err(|error| no_json(&error))?;
        for (index, value) in list.into_iter().enumerate() {
            let place = format!("object {}", index + 1);
            let Value::Object(object) = value else { return Err(other(place, &value)) };
            found.push((place, object));
        }
    } else {
        let values = serde_json::Deserializer::from_slice(bytes).into_iter::<Value>();
        for (index, value) in values.enumerate() {
            let place = format!("object {}", index + 1);
            let value = value.map_err(|error| no_json(&error))?;
            let Value::Object(object) = value else { return Err(other(place, &value)) };
            found.push((place, object));
            if found.len() > MOST_ROWS {
                break;
            }
        }
    }
    if found.len() > MOST_ROWS {
        return Err(too_many("objects", MOST_ROWS));
    }
    if found.is_empty() {
        return Err(Problems(vec![Problem::new("file", "no objects", "at least one object")]));
    }
    Ok(found)
}

/// With Python's bare NaN and Infinity in quotation marks, so that the row that has them can be named.
fn without_bare_words(bytes: &[u8]) -> Vec<u8> {
    let mut found = Vec::with_capacity(bytes.len());
    let (mut quoted, mut escaped) = (false, false);
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        if !quoted {
            let word = [&b"-Infinity"[..], b"Infinity", b"NaN"].into_iter().find(|word| rest.starts_with(word));
            if let Some(word) = word {
                found.push(b'"');
                found.extend_from_slice(word);
                found.push(b'"');
                rest = &rest[word.len()..];
                continue;
            }
        }
        quoted ^= byte == b'"' && !escaped;
        escaped = quoted && byte == b'\\' && !escaped;
        found.push(byte);
        rest = after;
    }
    found
}
