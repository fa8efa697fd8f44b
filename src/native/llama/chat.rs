//! Chat templates: Jinja, rendered as transformers' `apply_chat_template` renders it.

use std::io;

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, Utc};
use minijinja::value::{Kwargs, Rest, from_args};
use minijinja::{Environment, Error, ErrorKind, State, Value, context};
use minijinja_contrib::pycompat::unknown_method_callback;
use regex::Regex;

use crate::data::text::Turn;
use crate::error::{Problem, Problems};

/// Instructions that a template may take: a long conversation takes thousands.
const FUEL: u64 = 50_000_000;
/// Bytes of the longest rendering.
const LONGEST: usize = 1 << 24;
/// Blanks of the widest indentation of JSON.
const WIDEST: usize = 16;

/// What a model's author says a conversation looks like to it.
#[derive(Debug)]
pub struct ChatTemplate {
    environment: Environment<'static>,
    /// The special tokens by name: `bos_token`, `eos_token` and so on.
    special: Vec<(String, String)>,
}

impl ChatTemplate {
    /// A template from its source. `now` is what `strftime_now` tells.
    ///
    /// # Errors
    /// The line that is not Jinja.
    pub fn new(source: &str, special: Vec<(String, String)>, now: DateTime<Utc>) -> Result<Self, Problems> {
        let mut environment = Environment::new();
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        environment.set_fuel(Some(FUEL));
        environment.set_unknown_method_callback(method);
        environment.add_filter("tojson", tojson);
        environment.add_filter("trim", trim);
        environment.add_function("raise_exception", |message: String| -> Result<Value, Error> {
            Err(Error::new(ErrorKind::InvalidOperation, message))
        });
        environment.add_function("strftime_now", move |format: String| formatted(now, &format));
        let added = environment.add_template_owned("chat_template", prepared(source));
        added.map_err(|error| problem("", &error))?;
        Ok(Self { environment, special })
    }

    /// The conversation as the model reads it, BOS included where the template writes it; with `answer_follows`, up to
    /// where the model is to speak.
    ///
    /// # Errors
    /// What the template says against the turns, such as by `raise_exception`.
    pub fn render(&self, turns: &[Turn], answer_follows: bool) -> Result<String, Problems> {
        let roles = || turns.iter().map(|turn| turn.role.name()).collect::<Vec<_>>().join(", ");
        if turns.is_empty() {
            return Err(Problems(vec![Problem::new("turns", "", "at least one")]));
        }
        let message = |turn: &Turn| context! { role => turn.role.name(), content => turn.text };
        let messages: Vec<Value> = turns.iter().map(message).collect();
        let special: Value = self.special.iter().map(|(name, token)| (name.as_str(), token.as_str())).collect();
        let values = context! {
            messages, tools => (), documents => (), add_generation_prompt => answer_follows, ..special
        };
        let template = self.environment.get_template("chat_template").map_err(|error| problem(&roles(), &error))?;
        let mut rendering = Rendering::default();
        template.render_captured_to(values, &mut rendering).map_err(|error| problem(&roles(), &error))?;
        rendering.text().map_err(|error| problem(&roles(), &error))
    }
}

/// A text that does not grow beyond [`LONGEST`].
#[derive(Default)]
struct Rendering(Vec<u8>);

impl Rendering {
    fn text(self) -> Result<String, Error> {
        String::from_utf8(self.0).map_err(|error| Error::new(ErrorKind::InvalidOperation, error.to_string()))
    }
}

impl io::Write for Rendering {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        if more.len() > LONGEST - self.0.len() {
            return Err(io::Error::other(format!("what it renders has more than {LONGEST} bytes")));
        }
        self.0.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn problem(roles: &str, error: &Error) -> Problems {
    let line = error.line().map_or_else(String::new, |line| format!(", line {line}"));
    let why = match std::error::Error::source(error).filter(|_| error.kind() == ErrorKind::WriteFailure) {
        Some(cause) => cause.to_string(),
        None => error.detail().map_or_else(|| error.kind().to_string(), ToOwned::to_owned),
    };
    let accepted = format!("turns that the model's template renders; it says: {why}");
    Problems(vec![Problem::new(&format!("chat_template{line}"), roles, accepted)])
}

/// A template as minijinja reads it: Jinja's line ends, and blocks of `generation`, which mark what the assistant says
/// and change no text, as blocks that are always rendered.
fn prepared(source: &str) -> String {
    let tag = |name| Regex::new(&format!(r"\{{%([-+]?)\s*{name}\s*([-+]?)%\}}")).expect("it is a regular expression");
    let source = source.replace("\r\n", "\n").replace('\r', "\n");
    let opened = tag("generation").replace_all(&source, "{%$1 if true $2%}");
    tag("endgeneration").replace_all(&opened, "{%$1 endif $2%}").into_owned()
}

fn formatted(now: DateTime<Utc>, format: &str) -> Result<String, Error> {
    let items: Vec<Item<'_>> = StrftimeItems::new(format).collect();
    if items.contains(&Item::Error) {
        let why = format!("strftime_now: \"{format}\" has a directive that is not known");
        return Err(Error::new(ErrorKind::InvalidOperation, why));
    }
    Ok(now.format_with_items(items.into_iter()).to_string())
}

/// Python's methods. Those that strip are here because Python takes four control characters for blank.
fn method(state: &State<'_, '_>, value: &Value, name: &str, arguments: &[Value]) -> Result<Value, Error> {
    let stripped = match (value.as_str(), arguments) {
        (Some(text), []) => match name {
            "strip" => Some(text.trim_matches(is_blank)),
            "lstrip" => Some(text.trim_start_matches(is_blank)),
            "rstrip" => Some(text.trim_end_matches(is_blank)),
            _ => None,
        },
        _ => None,
    };
    stripped.map_or_else(|| unknown_method_callback(state, value, name, arguments), |text| Ok(Value::from(text)))
}

/// Jinja's filter, with Python's blanks.
fn trim(value: &Value, characters: Option<String>) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    match characters {
        None => text.trim_matches(is_blank).to_owned(),
        Some(characters) => text.trim_matches(|c| characters.contains(c)).to_owned(),
    }
}

/// What Python's `str.isspace` holds of a character.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// JSON as Python's `json.dumps` spaces it, with nothing escaped for HTML.
fn tojson(value: &Value, given: Rest<Value>) -> Result<Value, Error> {
    let (positional, named): (&[Value], Kwargs) = from_args(&given)?;
    if !positional.is_empty() {
        return Err(Error::new(ErrorKind::TooManyArguments, "tojson takes its arguments by name"));
    }
    let ascii = named.get::<Option<bool>>("ensure_ascii")?.unwrap_or(false);
    let indent = named.get::<Option<usize>>("indent")?;
    named.assert_all_used()?;
    if let Some(indent) = indent.filter(|&indent| indent > WIDEST) {
        let why = format!("tojson: an indent of {indent}, at most {WIDEST} are taken");
        return Err(Error::new(ErrorKind::InvalidOperation, why));
    }
    let failed = |error: serde_json::Error| Error::new(ErrorKind::InvalidOperation, error.to_string());
    let mut bytes = Rendering::default();
    match indent {
        None => serde::Serialize::serialize(value, &mut serde_json::Serializer::with_formatter(&mut bytes, Spaced)),
        Some(indent) => {
            let indentation = " ".repeat(indent);
            let formatter = serde_json::ser::PrettyFormatter::with_indent(indentation.as_bytes());
            serde::Serialize::serialize(value, &mut serde_json::Serializer::with_formatter(&mut bytes, formatter))
        }
    }
    .map_err(failed)?;
    let text = bytes.text()?;
    Ok(Value::from_safe_string(if ascii { in_ascii(&text) } else { text }))
}

fn in_ascii(text: &str) -> String {
    let mut units = [0; 2];
    let escape = |c: char| match c.is_ascii() {
        true => c.to_string(),
        false => c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
    };
    text.chars().map(escape).collect()
}

/// A space after each comma and colon.
struct Spaced;

impl serde_json::ser::Formatter for Spaced {
    fn begin_array_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W, first: bool) -> std::io::Result<()> {
        writer.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_key<W: ?Sized + std::io::Write>(&mut self, writer: &mut W, first: bool) -> std::io::Result<()> {
        writer.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(b": ")
    }
}
