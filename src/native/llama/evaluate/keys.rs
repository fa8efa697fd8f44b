//! Settings out of a TOML table, each checked, each named where it is wrong.

use core::cell::RefCell;
use core::ops::RangeInclusive;
use std::path::PathBuf;

use toml::{Table, Value};

use super::rows::shown as path_shown;
use crate::error::Problem;

/// The keys of one table; what is wrong with them gathers in a list that all tables share.
pub struct Keys<'a> {
    /// Where the table stands, such as `evaluation.forgetting`.
    path: String,
    table: &'a Table,
    known: Vec<&'static str>,
    problems: &'a RefCell<Vec<Problem>>,
}

impl<'a> Keys<'a> {
    pub fn of(path: impl Into<String>, table: &'a Table, problems: &'a RefCell<Vec<Problem>>) -> Self {
        Self { path: path.into(), table, known: Vec::new(), problems }
    }

    /// Notes that a key does not hold what is accepted.
    pub fn wrong(&self, key: &str, accepted: impl Into<String>) {
        let value = self.table.get(key).map_or_else(|| "missing".to_owned(), shown);
        self.problems.borrow_mut().push(Problem::new(&format!("{}.{key}", self.path), &value, accepted));
    }

    /// What a key holds.
    pub fn get(&mut self, key: &'static str) -> Option<&'a Value> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        self.table.get(key)
    }

    /// A text.
    pub fn text(&mut self, key: &'static str) -> Option<String> {
        let value = self.get(key)?;
        let text = value.as_str().filter(|text| !text.trim().is_empty());
        if text.is_none() {
            self.wrong(key, "a text in quotes");
        }
        text.map(ToOwned::to_owned)
    }

    /// A whole number.
    pub fn count(&mut self, key: &'static str, range: RangeInclusive<usize>) -> Option<usize> {
        let value = self.get(key)?;
        let found = value.as_integer().and_then(|value| usize::try_from(value).ok()).filter(|n| range.contains(n));
        if found.is_none() {
            self.wrong(key, format!("a whole number from {} to {}", range.start(), range.end()));
        }
        found
    }

    /// true or false; false where it is missing.
    pub fn flag(&mut self, key: &'static str) -> bool {
        match self.get(key) {
            None => false,
            Some(Value::Boolean(flag)) => *flag,
            Some(_) => {
                self.wrong(key, "true or false");
                false
            }
        }
    }

    /// One path or a list of them; none is wrong.
    pub fn files(&mut self, key: &'static str) -> Vec<PathBuf> {
        let texts: Option<Vec<PathBuf>> = match self.get(key) {
            Some(Value::String(file)) => Some(vec![PathBuf::from(file)]),
            Some(Value::Array(files)) => files.iter().map(|file| file.as_str().map(PathBuf::from)).collect(),
            _ => None,
        };
        let files = texts.unwrap_or_default();
        if files.is_empty() {
            self.wrong(key, "a file or a list of files");
        }
        for file in files.iter().filter(|file| !file.is_file()) {
            let field = format!("{}.{key}", self.path);
            self.problems.borrow_mut().push(Problem::new(&field, &path_shown(file), "files that are there"));
        }
        files
    }

    /// What `read` makes of the table below a key.
    pub fn table<T>(&mut self, key: &'static str, read: impl FnOnce(&mut Keys<'a>) -> T) -> Option<T> {
        match self.get(key)? {
            Value::Table(table) => Some(self.within(format!("{}.{key}", self.path), table, read)),
            _ => {
                self.wrong(key, "a table");
                None
            }
        }
    }

    /// What `read` makes of each table of a list below a key; nothing where it is missing.
    pub fn tables<T>(&mut self, key: &'static str, mut read: impl FnMut(&mut Keys<'a>) -> T) -> Vec<T> {
        let list = match self.get(key) {
            None => return Vec::new(),
            Some(Value::Array(list)) => list.iter().map(Value::as_table).collect::<Option<Vec<&Table>>>(),
            Some(_) => None,
        };
        let Some(list) = list else {
            self.wrong(key, "a list of tables");
            return Vec::new();
        };
        let path = |index: usize| format!("{}.{key}[{index}]", self.path);
        list.into_iter().enumerate().map(|(index, table)| self.within(path(index), table, &mut read)).collect()
    }

    /// What `read` makes of a table, whose keys must all have been asked for.
    pub fn within<T>(&self, path: String, table: &'a Table, read: impl FnOnce(&mut Keys<'a>) -> T) -> T {
        let mut keys = Keys::of(path, table, self.problems);
        let made = read(&mut keys);
        keys.finish();
        made
    }

    /// Notes the keys that nobody asked for.
    pub fn finish(self) {
        let unknown = self.table.keys().filter(|key| !self.known.contains(&key.as_str()));
        for key in unknown {
            self.wrong(key, format!("one of {}", self.known.join(", ")));
        }
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}
