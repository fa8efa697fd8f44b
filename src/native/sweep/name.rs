//! What a run is called: the hash of the settings that decide its result.

use sha2::{Digest, Sha256};
use toml::{Table, Value};

use super::vary::APART;
use crate::record::link::hex;

/// The first 16 hex digits of SHA-256 over the settings as JSON with rising keys.
///
/// Settings count as they are written: one that is left to its default and the same one spelled out are two names, and so
/// are two paths to the same file.
///
/// ```
/// use lethe::native::sweep::name;
/// let named = |text: &str| name(&text.parse().expect("TOML"));
/// assert_eq!(named("seed = 1\ntuning.alpha = 16"), named("tuning = { alpha = 16.0 }\nseed = 1\ndevice = \"cuda\""));
/// assert_ne!(named("seed = 1"), named("seed = 2"));
/// ```
pub fn name(settings: &Table) -> String {
    digest(&canonical(settings))
}

/// The first 16 hex digits of SHA-256 over a text.
pub fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes())[..8])
}

/// Settings as JSON without spaces, keys rising, whole numbers without a point; without those that are
/// [apart](APART).
fn canonical(settings: &Table) -> String {
    let mut settings = settings.clone();
    for key in APART {
        match key.split_once('.') {
            Some((section, key)) => {
                if let Some(Value::Table(section)) = settings.get_mut(section) {
                    section.remove(key);
                }
            }
            None => {
                settings.remove(key);
            }
        }
    }
    let mut text = String::new();
    write(&Value::Table(settings), &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Table(table) => {
            let mut entries: Vec<(&String, &Value)> = table.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            // A section of which nothing is left says as much as none.
            entries.retain(|(_, value)| value.as_table().is_none_or(|table| !table.is_empty()));
            let parts = entries.into_iter().map(|(key, value)| (Some(key), value));
            list(['{', '}'], parts, text);
        }
        Value::Array(values) => list(['[', ']'], values.iter().map(|value| (None, value)), text),
        Value::Float(number) if *number == number.trunc() && number.abs() < 9e15 => {
            text.push_str(&(*number as i64).to_string());
        }
        Value::Float(number) => text.push_str(&number.to_string()),
        Value::Integer(number) => text.push_str(&number.to_string()),
        Value::Boolean(flag) => text.push_str(&flag.to_string()),
        Value::String(string) => quote(string, text),
        Value::Datetime(date) => quote(&date.to_string(), text),
    }
}

fn list<'a>([open, close]: [char; 2], parts: impl Iterator<Item = (Option<&'a String>, &'a Value)>, text: &mut String) {
    text.push(open);
    for (index, (key, value)) in parts.enumerate() {
        if index > 0 {
            text.push(',');
        }
        if let Some(key) = key {
            quote(key, text);
            text.push(':');
        }
        write(value, text);
    }
    text.push(close);
}

fn quote(string: &str, text: &mut String) {
    text.push_str(&serde_json::Value::from(string).to_string());
}
