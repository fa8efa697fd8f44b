//! Numbers out of a JSON object, each with a range, each named where it is wrong.

use serde_json::{Map, Value};

use crate::error::Problem;

/// The fields of an object, and what was found wrong with them.
pub struct Fields<'a> {
    map: &'a Map<String, Value>,
    pub problems: Vec<Problem>,
}

impl<'a> Fields<'a> {
    pub fn of(map: &'a Map<String, Value>) -> Self {
        Self { map, problems: Vec::new() }
    }

    /// A field that is there and not null.
    pub fn get(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    /// Notes that a field does not hold what is accepted.
    pub fn wrong(&mut self, key: &str, accepted: impl Into<String>) {
        let value = self.map.get(key).map_or_else(|| "missing".to_owned(), ToString::to_string);
        self.problems.push(Problem::new(key, &value, accepted));
    }

    /// A whole number from 1 to `most`; where the field is missing the default, if there is one.
    pub fn count(&mut self, key: &str, most: usize, default: Option<usize>) -> usize {
        let found = match self.get(key) {
            Some(value) => value.as_u64().and_then(|value| usize::try_from(value).ok()),
            None => default,
        };
        found.filter(|value| (1..=most).contains(value)).unwrap_or_else(|| {
            self.wrong(key, format!("a whole number from 1 to {most}"));
            1
        })
    }

    /// A number above 0 and up to `most`.
    pub fn positive(&mut self, key: &str, most: f64, default: Option<f64>) -> f64 {
        let found = match self.get(key) {
            Some(value) => value.as_f64(),
            None => default,
        };
        found.filter(|&value| value > 0.0 && value <= most).unwrap_or_else(|| {
            self.wrong(key, format!("a number above 0 and up to {most}"));
            1.0
        })
    }

    /// true or false; false where it is missing.
    pub fn flag(&mut self, key: &str) -> bool {
        match self.get(key) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.wrong(key, "true or false");
                false
            }
        }
    }
}
