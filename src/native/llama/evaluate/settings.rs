//! The table `[evaluation]`.

use core::cell::RefCell;
use std::path::PathBuf;

use toml::{Table, Value};

use super::keys::Keys;
use super::tasks::{Answers, Kind, Prompt};
use crate::data::text::{Format, Template};
use crate::error::{Problem, Problems};
use crate::metrics::refusal::Phrases;
use crate::native::files;

/// Most rows, windows or tokens that a setting may ask for.
pub const MOST: usize = 1 << 30;
/// Characters of an answer that are its start, where the settings do not say.
const FIRST: usize = 64;

/// What is measured, on which files.
#[derive(Debug, Default)]
pub struct Settings {
    pub forgetting: Option<Forgetting>,
    pub tasks: Vec<Task>,
    pub refusals: Option<Refusals>,
    pub domains: Vec<Domain>,
    pub generations: Option<Generations>,
    pub losses: Option<Losses>,
}

/// Windows of general text.
#[derive(Debug)]
pub struct Forgetting {
    pub files: Vec<PathBuf>,
    pub windows: usize,
    /// Tokens of a window.
    pub length: usize,
    /// Tokens from one window's start to the next one's.
    pub stride: usize,
}

/// One task of several answers.
#[derive(Debug)]
pub struct Task {
    /// What results call it.
    pub title: String,
    pub kind: Kind,
    pub files: Vec<PathBuf>,
    /// How many questions are asked, the first ones; `None` for all.
    pub limit: Option<usize>,
    pub prompts: Vec<Prompt>,
    /// How many examples with answers come before each question, and from where.
    pub shots: usize,
    pub shot_files: Vec<PathBuf>,
    /// Whether every item's scores are kept.
    pub items: bool,
}

/// Requests that should be refused and others that should not.
#[derive(Debug)]
pub struct Refusals {
    pub harmful: Vec<PathBuf>,
    pub harmless: Vec<PathBuf>,
    pub limit: Option<usize>,
    pub max_new_tokens: usize,
    pub template: Template,
    pub phrases: Phrases,
    /// Characters of an answer that are its start.
    pub first_characters: usize,
}

/// Texts of one domain.
#[derive(Debug)]
pub struct Domain {
    pub name: String,
    pub examples: Examples,
}

/// Texts, or instructions of which the answers count.
#[derive(Debug)]
pub struct Examples {
    pub files: Vec<PathBuf>,
    pub limit: Option<usize>,
    /// Told from the first row where it is not.
    pub format: Option<Format>,
    /// That of the format where it is not told.
    pub template: Option<Template>,
}

/// Prompts whose answers are shown.
#[derive(Debug)]
pub struct Generations {
    pub prompts: Prompts,
    pub max_new_tokens: usize,
    pub template: Template,
}

/// Where prompts come from.
#[derive(Debug)]
pub enum Prompts {
    File(PathBuf),
    List(Vec<String>),
}

/// Examples whose losses are kept one by one.
#[derive(Debug)]
pub struct Losses {
    pub examples: Examples,
    pub out: Option<PathBuf>,
}

impl Settings {
    /// Reads the table for a model that sees at most `longest` tokens. `at` is the trainer's.
    ///
    /// # Errors
    /// Everything wrong with it at once: key, value, what is accepted.
    pub fn read(table: &Table, longest: usize) -> Result<Self, Problems> {
        let problems = RefCell::new(Vec::new());
        let settings = Self::gather(table, longest, &problems);
        let problems = problems.into_inner();
        if problems.is_empty() { Ok(settings) } else { Err(Problems(problems)) }
    }

    /// The same, with what is wrong put into a list of the caller's.
    pub fn gather(table: &Table, longest: usize, problems: &RefCell<Vec<Problem>>) -> Self {
        let mut keys = Keys::of("evaluation", table, problems);
        keys.get("at");
        let settings = Self {
            forgetting: keys.table("forgetting", |keys| forgetting(keys, longest)),
            tasks: keys.tables("task", task),
            refusals: keys.table("refusals", refusals),
            domains: keys.tables("perplexity", domain),
            generations: keys.table("generations", generations),
            losses: keys.table("losses", losses),
        };
        keys.finish();
        let names: Vec<&String> = settings.tasks.iter().map(|task| &task.title).collect();
        let twice = (1..names.len()).find(|&k| names[..k].contains(&names[k]));
        if let Some(twice) = twice {
            let field = format!("evaluation.task[{twice}].title");
            problems.borrow_mut().push(Problem::new(&field, names[twice], "a title of its own for each task"));
        }
        settings
    }
}

fn forgetting(keys: &mut Keys<'_>, longest: usize) -> Forgetting {
    let files = keys.files("files");
    let windows = keys.count("windows", 1..=1 << 20).unwrap_or(64);
    let length = keys.count("length", 2..=longest).unwrap_or(longest.min(1024));
    let stride = keys.count("stride", 1..=length).unwrap_or(length);
    Forgetting { files, windows, length, stride }
}

fn task(keys: &mut Keys<'_>) -> Task {
    let name = keys.text("name").unwrap_or_default();
    let kind = Kind::named(&name).unwrap_or_else(|| {
        let names: Vec<&str> = Kind::NAMES.iter().map(|(name, _)| *name).collect();
        keys.wrong("name", format!("one of {}", names.join(", ")));
        Kind::Choices
    });
    let shots = keys.count("shots", 0..=1000).unwrap_or(0);
    let shot_files = if shots > 0 { keys.files("shot_files") } else { Vec::new() };
    Task {
        title: keys.text("title").unwrap_or(name),
        kind,
        files: keys.files("files"),
        limit: keys.count("limit", 1..=MOST),
        prompts: prompts(keys, kind),
        shots,
        shot_files,
        items: keys.flag("items"),
    }
}

/// The prompts of a task: names of prompts that are built in, or tables; lm-evaluation-harness's alone by default.
fn prompts(keys: &mut Keys<'_>, kind: Kind) -> Vec<Prompt> {
    let known = kind.prompts();
    let Some(value) = keys.get("prompts") else { return known.into_iter().take(1).collect() };
    let names: Vec<&str> = known.iter().map(|prompt| prompt.name.as_str()).collect();
    let accepted = format!("a list of {} and of tables with name, text and choices", names.join(", "));
    let Some(list) = value.as_array().filter(|list| !list.is_empty()) else {
        keys.wrong("prompts", accepted);
        return Vec::new();
    };
    let mut prompts: Vec<Prompt> = Vec::new();
    for (index, value) in list.iter().enumerate() {
        let prompt = match value {
            Value::String(name) => known.iter().find(|prompt| prompt.name == *name).cloned(),
            Value::Table(table) => {
                Some(keys.within(format!("evaluation.task.prompts[{index}]"), table, |keys| own_prompt(keys, kind)))
            }
            _ => None,
        };
        match prompt {
            Some(prompt) if prompts.iter().all(|other| other.name != prompt.name) => prompts.push(prompt),
            _ => keys.wrong("prompts", format!("{accepted}, each name once")),
        }
    }
    prompts
}

fn own_prompt(keys: &mut Keys<'_>, kind: Kind) -> Prompt {
    let name = keys.text("name").unwrap_or_else(|| {
        keys.wrong("name", "what results call the prompt");
        String::new()
    });
    let text = keys.text("text").unwrap_or_default();
    let fields = kind.fields();
    let written = |field: &&str| format!("{{{field}}}");
    let braced = text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
    let named: Vec<&str> = braced.filter(|name| name.chars().all(char::is_alphabetic) && !name.is_empty()).collect();
    if named.is_empty() || named.iter().any(|name| !fields.contains(name)) {
        let fields: Vec<String> = fields.iter().map(written).collect();
        keys.wrong("text", format!("a text that names {} in braces, and no other", fields.join(" or ")));
    }
    let answers = if kind == Kind::Mnli {
        let words = keys.get("choices").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let words: Option<Vec<String>> = words.iter().map(|word| word.as_str().map(ToOwned::to_owned)).collect();
        Answers::Words(words.filter(|words| words.len() == 3).unwrap_or_else(|| {
            keys.wrong("choices", "three texts: for entailment, for neutral, for contradiction");
            Vec::new()
        }))
    } else if keys.flag("letters") {
        Answers::Letters
    } else {
        Answers::Own
    };
    Prompt { name, text, answers }
}

fn refusals(keys: &mut Keys<'_>) -> Refusals {
    Refusals {
        harmful: keys.files("harmful"),
        harmless: if keys.get("harmless").is_some() { keys.files("harmless") } else { Vec::new() },
        limit: keys.count("limit", 1..=MOST),
        max_new_tokens: keys.count("max_new_tokens", 1..=1 << 20).unwrap_or(128),
        template: template(keys).unwrap_or(Template::Chat),
        phrases: phrases(keys),
        first_characters: keys.count("first_characters", 1..=MOST).unwrap_or(FIRST),
    }
}

/// The list that makes an answer a refusal: the published one, or a file of phrases.
fn phrases(keys: &mut Keys<'_>) -> Phrases {
    if keys.get("phrases").is_none() {
        return Phrases::published();
    }
    let own = keys.files("phrases").first().and_then(|file| {
        let name = file.file_name()?.to_string_lossy().into_owned();
        Phrases::read(&name, &files::text(file).ok()?)
    });
    own.unwrap_or_else(|| {
        keys.wrong("phrases", "a file of UTF-8 with a phrase a line");
        Phrases::published()
    })
}

fn template(keys: &mut Keys<'_>) -> Option<Template> {
    let name = keys.text("template")?;
    let template = Template::named(&name);
    if template.is_none() {
        keys.wrong("template", format!("one of {}", Template::ALL.map(Template::name).join(", ")));
    }
    template
}

fn examples(keys: &mut Keys<'_>) -> Examples {
    let format = keys.text("format").and_then(|name| {
        let format = Format::named(&name);
        if format.is_none() {
            keys.wrong("format", format!("one of {}", Format::ALL.map(Format::name).join(", ")));
        }
        format
    });
    Examples { files: keys.files("files"), limit: keys.count("limit", 1..=MOST), format, template: template(keys) }
}

fn domain(keys: &mut Keys<'_>) -> Domain {
    let name = keys.text("name").unwrap_or_else(|| {
        keys.wrong("name", "what results call the domain");
        String::new()
    });
    Domain { name, examples: examples(keys) }
}

fn generations(keys: &mut Keys<'_>) -> Generations {
    let prompts = match keys.get("prompts") {
        Some(Value::Array(list)) => {
            let texts: Option<Vec<String>> = list.iter().map(|text| text.as_str().map(ToOwned::to_owned)).collect();
            texts.filter(|texts| !texts.is_empty()).map(Prompts::List)
        }
        Some(Value::String(_)) => keys.files("prompts").pop().map(Prompts::File),
        _ => None,
    };
    let prompts = prompts.unwrap_or_else(|| {
        keys.wrong("prompts", "a file, or a list of texts");
        Prompts::List(Vec::new())
    });
    let max_new_tokens = keys.count("max_new_tokens", 1..=1 << 20).unwrap_or(128);
    Generations { prompts, max_new_tokens, template: template(keys).unwrap_or(Template::Chat) }
}

fn losses(keys: &mut Keys<'_>) -> Losses {
    let out = keys.text("out").map(PathBuf::from);
    Losses { examples: examples(keys), out }
}
