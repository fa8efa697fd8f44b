//! Which linear layers are adapted, by the rules of PEFT.

use core::fmt;
use std::sync::Arc;

use super::lora::LINEAR;
use crate::error::Problem;

/// Which linear layers are adapted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Targets {
    /// All but the output head.
    AllLinear,
    /// Those whose path is one of these names or ends with a point and one of them, as in PEFT.
    Named(Vec<String>),
    /// Those whose whole path matches.
    Matching(Pattern),
}

impl Targets {
    /// Names of layers.
    pub fn named(names: &[&str]) -> Self {
        Self::Named(names.iter().map(|&name| name.to_owned()).collect())
    }

    /// Whether the layer at this path, such as `model.layers.0.self_attn.q_proj`, is among them.
    ///
    /// # Errors
    /// A pattern that takes too many attempts.
    pub fn include(&self, path: &str) -> Result<bool, Problem> {
        match self {
            Self::AllLinear => Ok(LINEAR.contains(&path.rsplit('.').next().unwrap_or(path))),
            Self::Named(names) => Ok(names.iter().any(|name| is_named(path, name))),
            Self::Matching(pattern) => pattern.matches(path),
        }
    }
}

/// Whether a path is this name, or ends with a point and it.
pub fn is_named(path: &str, name: &str) -> bool {
    path == name || path.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'))
}

/// A regular expression over the paths of layers.
#[derive(Clone)]
pub struct Pattern(Arc<Compiled>);

struct Compiled {
    field: String,
    text: String,
    /// A function and not the expression: so only programs that read patterns hold the code that matches them.
    matching: Box<Matching>,
}

type Matching = dyn Fn(&str) -> Result<bool, String> + Send + Sync;

impl Pattern {
    /// An expression that a whole path has to match: `target_modules` and `exclude_modules` as a text.
    ///
    /// # Errors
    /// A text that is no regular expression, as the value of `field`.
    pub fn of_path(field: &str, text: &str) -> Result<Self, Problem> {
        Self::compiled(field, text, format!(r"\A(?:{text})\z"))
    }

    /// An expression that the end of a path has to match, from its beginning or from behind a point: the keys of
    /// `rank_pattern` and `alpha_pattern`.
    ///
    /// # Errors
    /// A text that is no regular expression, as the value of `field`.
    pub fn of_end(field: &str, text: &str) -> Result<Self, Problem> {
        Self::compiled(field, text, format!(r"\A(?:.*\.)?(?:{text})\z"))
    }

    fn compiled(field: &str, text: &str, whole: String) -> Result<Self, Problem> {
        let expression = fancy_regex::Regex::new(&whole)
            .map_err(|error| Problem::new(field, text, format!("a regular expression ({error})")))?;
        let matching = move |path: &str| expression.is_match(path).map_err(|error| error.to_string());
        Ok(Self(Arc::new(Compiled { field: field.to_owned(), text: text.to_owned(), matching: Box::new(matching) })))
    }

    /// The expression as it was given.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Whether a path matches.
    ///
    /// # Errors
    /// If to find out takes too many attempts.
    pub fn matches(&self, path: &str) -> Result<bool, Problem> {
        (self.0.matching)(path).map_err(|error| {
            Problem::new(&self.0.field, &self.0.text, format!("a regular expression that is soon decided ({error})"))
        })
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.text())
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Pattern {}
