//! What a sweep varies: lists of values by setting, and lists of named variants that set several at once.

use toml::{Table, Value};

use crate::error::Problem;

/// Settings that say where a result lies and how it is computed. They are not varied, and no part of a run's name.
pub const APART: [&str; 6] = [
    "out",
    "device",
    "training.save_every",
    "training.keep_checkpoints",
    "training.checkpoint_blocks",
    "training.threads",
];

/// One list of the section `[vary]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// The dotted key of a setting, or the name of a list of variants.
    pub name: String,
    pub choices: Vec<Choice>,
}

/// One value of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// As it is told: the value, or the variant's name.
    pub shown: String,
    /// The settings that it puts in place, by their paths.
    pub sets: Vec<(Vec<String>, Value)>,
}

impl Choice {
    /// The settings of a run with this choice made.
    ///
    /// # Errors
    /// A section that is no table in the base.
    pub fn apply(&self, settings: &mut Table) -> Result<(), Problem> {
        for (path, value) in &self.sets {
            let Some((last, sections)) = path.split_last() else { continue };
            let mut table = &mut *settings;
            for section in sections {
                let inner = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
                let shown = inner.to_string();
                table = inner.as_table_mut().ok_or_else(|| {
                    Problem::new(section, &shown, format!("a table: the sweep varies {}", path.join(".")))
                })?;
            }
            table.insert(last.clone(), value.clone());
        }
        Ok(())
    }
}

/// The lists of a section `[vary]`, by rising name, so that their order in the file is no matter.
pub fn axes(vary: &Table, problems: &mut Vec<Problem>) -> Vec<Axis> {
    let mut axes = Vec::new();
    lists(vary, "", &mut axes, problems);
    if axes.is_empty() && problems.is_empty() {
        problems.push(Problem::new("vary", "{}", "at least one list, such as `tuning.rank = [8, 16]`"));
    }
    axes.sort_by(|a: &Axis, b: &Axis| a.name.cmp(&b.name));
    problems.extend(apart(&axes));
    problems.extend(twice(&axes));
    axes
}

fn lists(table: &Table, above: &str, axes: &mut Vec<Axis>, problems: &mut Vec<Problem>) {
    for (key, value) in table {
        let name = if above.is_empty() { key.clone() } else { format!("{above}.{key}") };
        match value {
            Value::Table(inner) => lists(inner, &name, axes, problems),
            Value::Array(values) if !values.is_empty() => axes.push(axis(name, values, problems)),
            other => {
                let accepted = "a list with at least one value";
                problems.push(Problem::new(&format!("vary.{name}"), &other.to_string(), accepted));
            }
        }
    }
}

/// A list of tables that have a `name` is one of variants; any other is one of values.
fn axis(name: String, values: &[Value], problems: &mut Vec<Problem>) -> Axis {
    let named = |value: &Value| value.as_table().is_some_and(|table| table.contains_key("name"));
    let mut choices: Vec<Choice> = Vec::new();
    for value in values {
        let choice = match value {
            Value::Table(variant) if named(value) => variant_of(&name, variant, problems),
            _ if values.iter().any(named) => {
                let accepted = "a table with a `name`, as the others of this list are";
                problems.push(Problem::new(&format!("vary.{name}"), &value.to_string(), accepted));
                continue;
            }
            value => Choice { shown: shown(value), sets: vec![(path(&name), value.clone())] },
        };
        if choices.iter().any(|other| other.shown == choice.shown) {
            problems.push(Problem::new(&format!("vary.{name}"), &choice.shown, "different values"));
        }
        choices.push(choice);
    }
    Axis { name, choices }
}

fn variant_of(axis: &str, variant: &Table, problems: &mut Vec<Problem>) -> Choice {
    let field = format!("vary.{axis}.name");
    let name = match variant.get("name") {
        Some(Value::String(name)) if !name.is_empty() => name.clone(),
        other => {
            let value = other.map(ToString::to_string).unwrap_or_default();
            problems.push(Problem::new(&field, &value, "a text that is not empty"));
            String::new()
        }
    };
    let mut sets = Vec::new();
    for (key, value) in variant.iter().filter(|(key, _)| *key != "name") {
        let section = path(key);
        match value {
            // A section of settings; below it, a table is a setting's value.
            Value::Table(inner) if section.len() == 1 => {
                sets.extend(inner.iter().map(|(key, value)| ([section.clone(), path(key)].concat(), value.clone())));
            }
            value => sets.push((section, value.clone())),
        }
    }
    if sets.is_empty() {
        problems.push(Problem::new(&field, &name, "a variant that sets something"));
    }
    Choice { shown: name, sets }
}

/// The parts of a dotted key.
fn path(key: &str) -> Vec<String> {
    key.split('.').map(|part| part.trim().to_owned()).collect()
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Settings that cannot be varied.
fn apart(axes: &[Axis]) -> Vec<Problem> {
    let sets = axes.iter().flat_map(|axis| axis.choices.iter().flat_map(|choice| &choice.sets));
    let mut keys: Vec<String> = sets.map(|(path, _)| path.join(".")).collect();
    keys.sort_unstable();
    keys.dedup();
    let wrong = keys.iter().filter(|key| APART.contains(&key.as_str()));
    let accepted = format!("settings that decide a result, not {}", APART.join(", "));
    wrong.map(|key| Problem::new("vary", key, accepted.clone())).collect()
}

/// Settings that two lists set, or that lie within one another: the second would undo the first.
fn twice(axes: &[Axis]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let paths = |axis: &Axis| -> Vec<Vec<String>> {
        axis.choices.iter().flat_map(|choice| choice.sets.iter().map(|(path, _)| path.clone())).collect()
    };
    for (index, axis) in axes.iter().enumerate() {
        for other in &axes[..index] {
            let others = paths(other);
            let clash = paths(axis)
                .into_iter()
                .find(|path| others.iter().any(|other| other.iter().zip(path).all(|(a, b)| a == b)));
            if let Some(path) = clash {
                let accepted = format!("each setting in one list (vary.{} sets it, too)", other.name);
                problems.push(Problem::new(&format!("vary.{}", axis.name), &path.join("."), accepted));
            }
        }
    }
    problems
}
