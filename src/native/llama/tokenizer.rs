//! A model's tokens, as the files beside its weights say.

use std::fs;
use std::path::Path;

use chrono::DateTime;
use serde_json::{Map, Value};

use super::chat::ChatTemplate;
use crate::data::text::{Encoder, Turn};
use crate::error::{Problem, Problems};
use crate::native::cli::Failure;
use crate::native::files;

/// Special tokens that a file may name.
const NAMES: [&str; 7] = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

/// Text to tokens and back, by a folder's `tokenizer.json`.
#[derive(Debug)]
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    bos: Option<u32>,
    /// BOS, where the tokenizer puts it before every text.
    begins: Option<u32>,
    eos: Option<u32>,
    stops: Vec<u32>,
    chat: Option<ChatTemplate>,
}

impl Tokenizer {
    /// Opens the tokenizer of a Hugging Face folder: `tokenizer.json`, and what there is of `tokenizer_config.json`,
    /// `special_tokens_map.json`, `chat_template.jinja`, `generation_config.json` and `config.json`. The first of them
    /// that names a special token is believed. What is put around a text is what `tokenizer.json` says, as in
    /// transformers 5, whatever `add_bos_token` says. The date of chat templates is today's, in UTC.
    ///
    /// # Errors
    /// The file that is missing or wrong, and what is wrong with it.
    pub fn open(folder: &Path) -> Result<Self, Failure> {
        Self::open_at(folder, files::seconds_since_1970() * 1e3)
    }

    /// The same, with the date of chat templates that is `millis` after 1970 began: a run that is carried on another
    /// day reads the same texts.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    pub fn open_at(folder: &Path, millis: f64) -> Result<Self, Failure> {
        let path = folder.join("tokenizer.json");
        let mut inner = tokenizers::Tokenizer::from_file(&path).map_err(|error| {
            wrong(&path.display().to_string(), &error.to_string(), "a tokenizer.json of Hugging Face's tokenizers")
        })?;
        inner.with_padding(None);
        inner.with_truncation(None).map_err(|error| Failure::Other(error.to_string()))?;
        let files = ["tokenizer_config.json", "special_tokens_map.json", "generation_config.json", "config.json"];
        let [settings, map, generation, config] = files.map(|name| object(folder, name));
        let [settings, map, generation, config] = [settings?, map?, generation?, config?];
        let special: Vec<(String, String)> = NAMES
            .iter()
            .filter_map(|&name| {
                let text = [&settings, &map].into_iter().find_map(|file| content(file.get(name)?))?;
                Some((name.to_owned(), text.to_owned()))
            })
            .collect();
        let named = |name: &str| -> Result<Option<u32>, Failure> {
            let Some((_, text)) = special.iter().find(|(known, _)| known == name) else { return Ok(None) };
            let id = inner.token_to_id(text);
            id.map(Some).ok_or_else(|| wrong(name, text, "a token of tokenizer.json"))
        };
        let numbered = |key: &str| [&generation, &config].into_iter().flat_map(|file| numbers(file.get(key))).collect();
        let (begin, end): (Vec<u32>, Vec<u32>) = (numbered("bos_token_id"), numbered("eos_token_id"));
        let bos = named("bos_token")?.or(begin.first().copied());
        let eos = named("eos_token")?.or(end.first().copied());
        let mut stops: Vec<u32> = Vec::new();
        for stop in eos.into_iter().chain(end) {
            if !stops.contains(&stop) {
                stops.push(stop);
            }
        }
        let special = with_numbered(special, &inner, [("bos_token", bos), ("eos_token", eos)]);
        let now = DateTime::from_timestamp_millis(millis as i64).unwrap_or_default();
        let chat =
            chat_source(folder, &settings)?.map(|source| ChatTemplate::new(&source, special, now)).transpose()?;
        let around = inner.encode_fast("", true).map_err(|error| Failure::Other(error.to_string()))?;
        let begins = bos.filter(|bos| around.get_ids().first() == Some(bos));
        Ok(Self { inner, bos, begins, eos, stops, chat })
    }

    /// A text's tokens; with `special`, also those that the tokenizer puts around a text, such as BOS. A special token
    /// that is written out in the text is read as that token.
    ///
    /// # Errors
    /// A text that the tokenizer cannot read.
    pub fn encode(&self, text: &str, special: bool) -> Result<Vec<u32>, Failure> {
        Ok(self.ids(text, special)?)
    }

    fn ids(&self, text: &str, special: bool) -> Result<Vec<u32>, Problems> {
        let encoding = self.inner.encode_fast(text, special);
        let encoding = encoding.map_err(|error| problem("text", text, format!("one that can be encoded ({error})")))?;
        Ok(encoding.get_ids().to_vec())
    }

    /// The text of tokens, special ones left out.
    pub fn decode(&self, tokens: &[u32]) -> String {
        self.inner.decode(tokens, true).unwrap_or_default()
    }

    /// The text of tokens, special ones as they are written: it is encoded to the same again.
    pub fn decode_all(&self, tokens: &[u32]) -> String {
        self.inner.decode(tokens, false).unwrap_or_default()
    }

    /// How a token is written, special ones as they are.
    pub fn written(&self, token: u32) -> Option<String> {
        self.inner.id_to_token(token)
    }

    /// Special tokens, as they are written.
    pub fn special(&self) -> Vec<String> {
        let added = self.inner.get_added_tokens_decoder().into_values();
        let mut special: Vec<String> = added.filter(|token| token.special).map(|token| token.content).collect();
        special.sort_unstable();
        special
    }

    /// The token that begins a text.
    pub fn bos(&self) -> Option<u32> {
        self.bos
    }

    /// The token that ends a text.
    pub fn eos(&self) -> Option<u32> {
        self.eos
    }

    /// Every token that ends an answer, [`eos`](Self::eos) first.
    pub fn stops(&self) -> &[u32] {
        &self.stops
    }

    /// One past the largest number of a token.
    pub fn vocabulary(&self) -> usize {
        self.inner.get_vocab(true).into_values().max().map_or(0, |largest| largest as usize + 1)
    }

    /// Whether the folder has a chat template.
    pub fn can_chat(&self) -> bool {
        self.chat.is_some()
    }

    /// A conversation by the folder's chat template, to be encoded without `special`: BOS is written where the template
    /// wants it. With `answer_follows`, up to where the model is to speak.
    ///
    /// # Errors
    /// There is no template, or what it says against these turns.
    pub fn chat(&self, turns: &[Turn], answer_follows: bool) -> Result<String, Failure> {
        Ok(self.conversation(turns, answer_follows)?)
    }
}

impl Encoder for Tokenizer {
    fn encoded(&self, text: &str) -> Result<Vec<u32>, Problems> {
        self.ids(text, false)
    }

    fn conversation(&self, turns: &[Turn], answer_follows: bool) -> Result<String, Problems> {
        let accepted = "one in tokenizer_config.json or in chat_template.jinja, or another template";
        let chat = self.chat.as_ref().ok_or_else(|| problem("chat_template", "", accepted))?;
        chat.render(turns, answer_follows)
    }

    fn begins(&self) -> Option<u32> {
        self.begins
    }

    fn ends(&self) -> Option<u32> {
        self.eos
    }
}

fn problem(field: &str, value: &str, accepted: impl Into<String>) -> Problems {
    Problems(vec![Problem::new(field, value, accepted)])
}

fn wrong(field: &str, value: &str, accepted: impl Into<String>) -> Failure {
    Failure::Input(problem(field, value, accepted))
}

/// The text of a file, if there is such a file.
fn text(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(wrong(&path.display().to_string(), &error.to_string(), "a readable file of text")),
    }
}

/// A JSON object of the folder, empty if there is no such file.
fn object(folder: &Path, name: &str) -> Result<Map<String, Value>, Failure> {
    let path = folder.join(name);
    let Some(text) = text(&path)? else { return Ok(Map::new()) };
    let shown = path.display().to_string();
    let read = serde_json::from_str(&text);
    read.map_err(|error: serde_json::Error| wrong(&shown, &error.to_string(), "a JSON object"))
}

/// A token as files write it: its text, or an object that holds it.
fn content(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.get("content")?.as_str())
}

/// One number of a token or a list of them.
fn numbers(value: Option<&Value>) -> Vec<u32> {
    let number = |value: &Value| u32::try_from(value.as_u64()?).ok();
    match value {
        Some(Value::Array(list)) => list.iter().filter_map(number).collect(),
        value => value.and_then(number).into_iter().collect(),
    }
}

/// The names of special tokens, with those that files give by number alone.
fn with_numbered(
    mut special: Vec<(String, String)>,
    tokenizer: &tokenizers::Tokenizer,
    numbered: [(&str, Option<u32>); 2],
) -> Vec<(String, String)> {
    for (name, token) in numbered {
        if special.iter().all(|(known, _)| known != name) {
            let text = token.and_then(|token| tokenizer.id_to_token(token));
            special.extend(text.map(|text| (name.to_owned(), text)));
        }
    }
    special
}

/// The source of the chat template: `chat_template.jinja`, or what `tokenizer_config.json` holds, which is a text or a
/// list of named ones, of which `default` is taken.
fn chat_source(folder: &Path, settings: &Map<String, Value>) -> Result<Option<String>, Failure> {
    if let Some(source) = text(&folder.join("chat_template.jinja"))? {
        return Ok(Some(source));
    }
    let accepted = "a template, or a list of {name, template} with one named default";
    match settings.get("chat_template") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(source)) => Ok(Some(source.clone())),
        Some(Value::Array(list)) => {
            let named = list.iter().find(|entry| entry["name"] == "default");
            let source = named.and_then(|entry| entry["template"].as_str());
            source.map(|source| Some(source.to_owned())).ok_or_else(|| wrong("chat_template", "a list", accepted))
        }
        Some(other) => Err(wrong("chat_template", &other.to_string(), accepted)),
    }
}
