//! Everything that a model is asked, ready as tokens.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use toml::Table;

use super::pairs::Pairs;
use super::reading::Reading;
use super::rows::wrong;
use super::settings::{Prompts, Settings};
use super::texts::{Cut, requests, windows};
use crate::data::text::{Encoder, Format, Template};
use crate::experiments::llama::Variant;
use crate::metrics::divergence::streaming::Window;
use crate::metrics::likelihood::Continuation;
use crate::model::llama::Config;
use crate::native::cli::Failure;
use crate::native::llama::Tokenizer;

/// What models of one tokenizer are asked, read from the files that the settings name.
pub struct Evaluation<'a> {
    pub(super) settings: Settings,
    pub(super) tokenizer: &'a Tokenizer,
    /// Tokens that a model sees at most.
    pub(super) longest: usize,
    /// SHA-256 of what is asked but for the windows.
    pub(super) asked: String,
    pub(super) windows: Vec<Window>,
    pub(super) bos: Option<u32>,
    /// `[tasks]` of `[prompts]`
    pub(super) tasks: Vec<Vec<AskedVariant>>,
    pub(super) harmful: Vec<Vec<u32>>,
    pub(super) harmless: Vec<Vec<u32>>,
    pub(super) domains: Vec<Texts>,
    /// What is shown of each prompt, and its tokens.
    pub(super) shown: Vec<(String, Vec<u32>)>,
    pub(super) losses: Option<Texts>,
    /// As replay is held against it: what is evaluated, as its files have it.
    read: Vec<Evaluated>,
}

/// A text that is asked or measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluated {
    /// What such texts are called, such as `requests`.
    pub of: String,
    /// Which of them it is.
    pub name: String,
    pub text: String,
}

/// A task in one way of asking.
pub struct AskedVariant {
    pub variant: Variant,
    /// The answers of all items, one item after the other.
    pub continuations: Vec<Continuation>,
}

/// Texts that losses are taken on: all of a text, the answers of an instruction or a conversation.
pub struct Texts {
    pub texts: usize,
    pub words: usize,
    pub bytes: usize,
    pub format: Format,
    pub template: Template,
    /// `[texts]` of their parts
    pub parts: Vec<Vec<Continuation>>,
}

impl Texts {
    /// Tokens that are predicted of each text.
    pub fn tokens(&self) -> Vec<usize> {
        self.parts.iter().map(|parts| parts.iter().map(|part| part.tokens.len()).sum()).collect()
    }
}

impl<'a> Evaluation<'a> {
    /// Reads the table `[evaluation]` and the files it names.
    ///
    /// # Errors
    /// Every setting that is wrong; then the first file that cannot be read, or its malformed row.
    pub fn open(table: &Table, tokenizer: &'a Tokenizer, config: &Config) -> Result<Self, Failure> {
        let longest = config.max_position_embeddings;
        let settings = Settings::read(table, longest)?;
        if tokenizer.vocabulary() > config.vocab_size {
            let accepted = format!("one of at most {} tokens, as the model's config.json says", config.vocab_size);
            return Err(wrong("tokenizer", &format!("{} tokens", tokenizer.vocabulary()), accepted));
        }
        let pairs = Pairs::new(tokenizer)?;
        let mut reading = Reading { tokenizer, pairs: &pairs, longest, read: Vec::new() };
        let bos = tokenizer.begins();
        let windows = match &settings.forgetting {
            None => Vec::new(),
            Some(asked) => {
                let cut = Cut { windows: asked.windows, length: asked.length, stride: asked.stride, bos };
                windows(&asked.files, cut, tokenizer)?
            }
        };
        let tasks = settings.tasks.iter().map(|task| reading.task(task)).collect::<Result<Vec<_>, _>>()?;
        let (mut harmful, mut harmless) = (Vec::new(), Vec::new());
        if let Some(asked) = &settings.refusals {
            let mut put = |files: &[PathBuf]| -> Result<Vec<Vec<u32>>, Failure> {
                let requests = requests(files, asked.limit)?;
                reading.note("requests", "request", requests.iter().cloned());
                requests.iter().map(|text| reading.request(text, asked.template, asked.max_new_tokens)).collect()
            };
            harmful = put(&asked.harmful)?;
            harmless = if asked.harmless.is_empty() { Vec::new() } else { put(&asked.harmless)? };
        }
        let domains = settings.domains.iter().map(|domain| reading.texts(&domain.name, &domain.examples));
        let domains = domains.collect::<Result<Vec<_>, _>>()?;
        let shown = match &settings.generations {
            None => Vec::new(),
            Some(asked) => {
                let prompts = match &asked.prompts {
                    Prompts::File(file) => requests(core::slice::from_ref(file), None)?,
                    Prompts::List(prompts) => prompts.clone(),
                };
                reading.note("prompts of generations", "prompt of generations", prompts.iter().cloned());
                let put = |text: String| {
                    let tokens = reading.request(&text, asked.template, asked.max_new_tokens)?;
                    Ok((text, tokens))
                };
                prompts.into_iter().map(put).collect::<Result<Vec<_>, Failure>>()?
            }
        };
        let losses = settings.losses.as_ref().map(|asked| reading.texts("losses", &asked.examples));
        let losses = losses.transpose()?;
        let read = reading.read;
        let mut evaluation = Self {
            settings,
            tokenizer,
            longest,
            asked: String::new(),
            windows,
            bos,
            tasks,
            harmful,
            harmless,
            domains,
            shown,
            losses,
            read,
        };
        evaluation.asked = evaluation.digest();
        Ok(evaluation)
    }

    /// Whether the base's predictions are held against the tuned model's, so that both are needed at once.
    pub fn forgets(&self) -> bool {
        !self.windows.is_empty()
    }

    /// SHA-256 of everything that is asked or measured.
    pub fn everything(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(&self.asked);
        for token in self.windows.iter().flat_map(|window| window.inputs.iter().chain(&window.targets)) {
            hash.update(token.to_le_bytes());
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Every text that is asked or measured: windows as their tokens read, all else as files have it.
    pub fn texts_read(&self) -> impl Iterator<Item = Evaluated> + '_ {
        let window = |(place, window): (usize, &Window)| {
            let last = window.targets.last().copied();
            let tokens: Vec<u32> = window.inputs.iter().copied().chain(last).collect();
            Evaluated {
                of: "windows of forgetting".to_owned(),
                name: format!("window {} of forgetting", place + 1),
                text: self.tokenizer.decode(&tokens),
            }
        };
        self.windows.iter().enumerate().map(window).chain(self.read.iter().cloned())
    }

    /// Where the settings want the losses of single examples.
    pub fn losses_out(&self) -> Option<&Path> {
        self.settings.losses.as_ref()?.out.as_deref()
    }

    fn digest(&self) -> String {
        let mut hash = Sha256::new();
        let mut put = |tokens: &[u32]| {
            hash.update((tokens.len() as u64).to_le_bytes());
            tokens.iter().for_each(|token| hash.update(token.to_le_bytes()));
        };
        let texts = self.domains.iter().chain(&self.losses).flat_map(|texts| texts.parts.iter().flatten());
        let variants = self.tasks.iter().flatten().flat_map(|asked| &asked.continuations);
        for one in variants.chain(texts) {
            put(&one.context);
            put(&one.tokens);
        }
        for request in self.harmful.iter().chain(&self.harmless).chain(self.shown.iter().map(|(_, tokens)| tokens)) {
            put(request);
        }
        let refusals = self.settings.refusals.as_ref();
        let written = [
            refusals.map_or(0, |asked| asked.max_new_tokens),
            refusals.map_or(0, |asked| asked.first_characters),
            self.settings.generations.as_ref().map_or(0, |asked| asked.max_new_tokens),
            self.longest,
        ];
        put(&written.map(|number| number as u32));
        put(self.tokenizer.stops());
        hash.update(self.settings.refusals.as_ref().map_or_else(String::new, |asked| asked.phrases.digest()));
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
