//! `adapter_config.json`.

use core::fmt;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::{FILES, Method, PeftConfig};
use crate::error::{Problem, Problems};
use crate::model::llama::ia3::Ia3;
use crate::model::llama::lora::Lora;
use crate::model::llama::numbers::Fields;
use crate::model::llama::targets::{Pattern, Targets};

/// Settings of an adapter that computes something else, or brings more than factors: (key, the values that change
/// nothing, besides null, false and nothing at all).
const REFUSED: [(&str, &[&str]); 14] = [
    ("bias", &["none"]),
    ("modules_to_save", &[]),
    ("fan_in_fan_out", &[]),
    ("use_dora", &[]),
    ("use_qalora", &[]),
    ("use_bdlora", &[]),
    ("lora_bias", &[]),
    ("layer_replication", &[]),
    ("target_parameters", &[]),
    ("trainable_token_indices", &[]),
    ("alora_invocation_tokens", &[]),
    ("arrow_config", &[]),
    ("kasa_config", &[]),
    ("monteclora_config", &[]),
];

/// Starts after which the base is no longer what it was: its folder holds what a reader does not have.
const STARTS_THAT_CHANGE_THE_BASE: [&str; 5] = ["pissa", "olora", "loftq", "corda", "lora_ga"];

impl PeftConfig {
    /// Reads an `adapter_config.json`. Keys that are no matter of what the adapter computes are passed over.
    ///
    /// # Errors
    /// Everything wrong with it, and everything that this reader does not compute: field, value, what is accepted.
    pub fn read(text: &[u8]) -> Result<Self, Problems> {
        let whole = |value: &str| Problems(vec![Problem::new(FILES[0], value, "a JSON object")]);
        let value: Value = serde_json::from_slice(text).map_err(|error| whole(&error.to_string()))?;
        let Value::Object(map) = &value else { return Err(whole(&value.to_string())) };
        let mut fields = Fields::of(map);
        refuse(&mut fields);
        let base = fields.get("base_model_name_or_path").and_then(Value::as_str).map(str::to_owned);
        let method = match fields.get("peft_type").and_then(Value::as_str) {
            Some("LORA") => Method::Lora(lora(&mut fields, text)),
            Some("IA3") => Method::Ia3(ia3(&mut fields)),
            _ => {
                fields.wrong("peft_type", "\"LORA\" or \"IA3\"");
                return Err(Problems(fields.problems));
            }
        };
        if let Method::Lora(lora) = &method
            && let (true, Err(problems)) = (fields.problems.is_empty(), lora.check())
        {
            fields.problems.extend(problems.0);
        }
        match fields.problems.is_empty() {
            true => Ok(Self { base, method }),
            false => Err(Problems(fields.problems)),
        }
    }

    /// The same as an `adapter_config.json`, with the keys that every PEFT since its 0.7 reads, and
    /// `exclude_modules` (0.14) where it is needed.
    pub fn to_json(&self) -> String {
        let common = json!({
            "auto_mapping": null, "base_model_name_or_path": self.base, "fan_in_fan_out": false,
            "inference_mode": true, "modules_to_save": null, "revision": null, "task_type": "CAUSAL_LM",
        });
        let (own, excluded, patterns) = match &self.method {
            Method::Lora(lora) => {
                let ranks = lora.ranks.iter().map(|(pattern, rank)| (pattern.text().to_owned(), json!(rank)));
                let alphas = lora.alphas.iter().map(|(pattern, alpha)| (pattern.text().to_owned(), number(*alpha)));
                let own = json!({
                    "peft_type": "LORA", "r": lora.rank, "lora_alpha": number(lora.alpha),
                    "lora_dropout": lora.dropout, "use_rslora": lora.rank_stabilised, "use_dora": false,
                    "bias": "none", "init_lora_weights": true, "layers_pattern": null,
                    "layers_to_transform": lora.blocks, "target_modules": told(&lora.targets),
                });
                (own, &lora.excluded, Patterns { rank_pattern: ranks.collect(), alpha_pattern: alphas.collect() })
            }
            Method::Ia3(ia3) => {
                let own = json!({
                    "peft_type": "IA3", "init_ia3_weights": true, "target_modules": told(&ia3.targets),
                    "feedforward_modules": told(&ia3.feed_forward),
                });
                (own, &ia3.excluded, Patterns::default())
            }
        };
        let mut map = Map::new();
        for part in [common, own] {
            if let Value::Object(part) = part {
                map.extend(part);
            }
        }
        if let Some(excluded) = excluded {
            map.insert("exclude_modules".to_owned(), told(excluded));
        }
        let patterns = matches!(self.method, Method::Lora(_)).then_some(patterns);
        let text = serde_json::to_string_pretty(&Whole { map, patterns });
        format!("{}\n", text.expect("texts and finite numbers are JSON"))
    }
}

/// Notes every setting that asks for what is not computed here.
fn refuse(fields: &mut Fields<'_>) {
    for (key, harmless) in REFUSED {
        let Some(value) = fields.get(key) else { continue };
        let empty = match value {
            Value::Bool(flag) => !flag,
            Value::Array(items) => items.is_empty(),
            Value::Object(items) => items.is_empty(),
            Value::String(text) => text.is_empty() || harmless.contains(&text.as_str()),
            _ => false,
        };
        if !empty {
            let accepted = harmless.first().map_or_else(|| "null or false".to_owned(), |text| format!("{text:?}"));
            fields.wrong(key, format!("{accepted}: nothing else is computed here"));
        }
    }
    if let Some(start) = fields.get("init_lora_weights").and_then(Value::as_str)
        && STARTS_THAT_CHANGE_THE_BASE.iter().any(|name| start.starts_with(name))
    {
        let accepted = "a start that leaves the base as it is (PEFT can convert such an adapter to a plain one: \
                        path_initial_model_for_weight_conversion)";
        fields.wrong("init_lora_weights", accepted);
    }
}

fn lora(fields: &mut Fields<'_>, text: &[u8]) -> Lora {
    let defaults = Lora::default();
    for key in ["rank_pattern", "alpha_pattern"] {
        if fields.get(key).is_some_and(|value| !value.is_object()) {
            fields.wrong(key, "an object of patterns and numbers");
        }
    }
    // The order of patterns counts, and an object that has been read has lost it.
    let patterns: Patterns = serde_json::from_slice(text).unwrap_or_default();
    let targets = targets(fields, "target_modules").unwrap_or(defaults.targets);
    Lora {
        rank: fields.count("r", 65_536, Some(defaults.rank)),
        alpha: fields.positive("lora_alpha", 1e6, Some(defaults.alpha)),
        rank_stabilised: fields.flag("use_rslora"),
        dropout: match fields.get("lora_dropout") {
            None => 0.0,
            Some(value) => value.as_f64().unwrap_or_else(|| {
                fields.wrong("lora_dropout", "a number from 0 and below 1");
                0.0
            }),
        },
        excluded: excluded(fields),
        blocks: blocks(fields),
        ranks: patterned(fields, "rank_pattern", &patterns.rank_pattern, |value| {
            value.as_u64().and_then(|rank| usize::try_from(rank).ok())
        }),
        alphas: patterned(fields, "alpha_pattern", &patterns.alpha_pattern, Value::as_f64),
        targets,
    }
}

fn ia3(fields: &mut Fields<'_>) -> Ia3 {
    let defaults = Ia3::default();
    let feed_forward = match fields.get("feedforward_modules") {
        Some(Value::Array(names)) if names.is_empty() => Targets::Named(Vec::new()),
        _ => targets(fields, "feedforward_modules").unwrap_or(defaults.feed_forward),
    };
    Ia3 {
        targets: targets(fields, "target_modules").unwrap_or(defaults.targets),
        feed_forward,
        excluded: excluded(fields),
    }
}

/// Targets as a list of names, a pattern, or "all-linear" in letters of any size.
fn targets(fields: &mut Fields<'_>, key: &str) -> Option<Targets> {
    let names = |items: &Vec<Value>| -> Option<Vec<String>> {
        items.iter().map(|item| item.as_str().map(str::to_owned)).collect()
    };
    match fields.get(key)? {
        Value::String(text) if key == "target_modules" && text.eq_ignore_ascii_case("all-linear") => {
            Some(Targets::AllLinear)
        }
        Value::String(text) => match Pattern::of_path(key, text) {
            Ok(pattern) => Some(Targets::Matching(pattern)),
            Err(problem) => {
                fields.problems.push(problem);
                None
            }
        },
        Value::Array(items) if !items.is_empty() && names(items).is_some() => names(items).map(Targets::Named),
        _ => {
            fields.wrong(key, "a list of names, a regular expression of whole paths, or \"all-linear\"");
            None
        }
    }
}

fn excluded(fields: &mut Fields<'_>) -> Option<Targets> {
    match fields.get("exclude_modules") {
        Some(Value::Array(names)) if names.is_empty() => None,
        Some(Value::String(text)) if text.is_empty() => None,
        _ => targets(fields, "exclude_modules"),
    }
}

/// `layers_to_transform`, a number or a list of them.
fn blocks(fields: &mut Fields<'_>) -> Option<Vec<usize>> {
    let named = |value: &Value| value.as_str().is_some_and(|name| matches!(name, "" | "layers"));
    let pattern = fields.get("layers_pattern");
    if !pattern.is_none_or(|value| named(value) || value.as_array().is_some_and(|items| items.iter().all(named))) {
        fields.wrong("layers_pattern", "null or \"layers\", as Llama calls its blocks");
    }
    let value = fields.get("layers_to_transform")?;
    let index = |value: &Value| value.as_u64().and_then(|index| usize::try_from(index).ok());
    let found = match value {
        Value::Array(items) => items.iter().map(index).collect(),
        one => index(one).map(|index| vec![index]),
    };
    if found.is_none() {
        fields.wrong("layers_to_transform", "the number of a block, from 0, or a list of them");
    }
    found
}

/// The patterns of one key and their values.
fn patterned<T>(
    fields: &mut Fields<'_>,
    key: &str,
    ordered: &Ordered,
    read: impl Fn(&Value) -> Option<T>,
) -> Vec<(Pattern, T)> {
    let mut found = Vec::new();
    for (text, value) in &ordered.0 {
        match (Pattern::of_end(key, text), read(value)) {
            (Ok(pattern), Some(value)) => found.push((pattern, value)),
            (Err(problem), _) => fields.problems.push(problem),
            (_, None) => {
                let shown = format!("{text}: {value}");
                fields.problems.push(Problem::new(key, &shown, "a pattern and a number above 0"));
            }
        }
    }
    found
}

/// Targets as PEFT writes them.
fn told(targets: &Targets) -> Value {
    match targets {
        Targets::AllLinear => json!("all-linear"),
        Targets::Named(names) => json!(names),
        Targets::Matching(pattern) => json!(pattern.text()),
    }
}

/// A number, whole where it is whole: PEFT's alpha is an integer, mostly.
fn number(value: f64) -> Value {
    if libm::trunc(value) == value { json!(value as i64) } else { json!(value) }
}

/// What is written: the keys in the order of the alphabet, then the patterns in their own.
#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    map: Map<String, Value>,
    #[serde(flatten)]
    patterns: Option<Patterns>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Patterns {
    rank_pattern: Ordered,
    alpha_pattern: Ordered,
}

/// An object whose keys keep their order.
#[derive(Default)]
struct Ordered(Vec<(String, Value)>);

impl FromIterator<(String, Value)> for Ordered {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

impl Serialize for Ordered {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Ordered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Ordered;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of patterns and numbers")
            }

            /// null, which PEFT writes where there are none.
            fn visit_unit<E>(self) -> Result<Ordered, E> {
                Ok(Ordered::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ordered, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Ordered(entries))
            }
        }
        deserializer.deserialize_any(Entries)
    }
}
