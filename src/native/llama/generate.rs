//! `lethe llama generate`.

use std::io::{IsTerminal, Read};
use std::path::PathBuf;

use serde_json::json;

use super::Tokenizer;
use super::adapter::Adapter;
use super::folder::{Folder, file};
use super::merge::precision;
use crate::data::text::{Role, Turn};
use crate::error::{Problem, Problems};
use crate::model::llama::{Device, Mode, Precision, Sampling, greedy, sampled};
use crate::native::cli::Failure;
use crate::native::run;
use crate::platform::now_millis;
use crate::seed::Seed;

/// Tokens that are written where nobody says how many, and the model has room.
const TOKENS: usize = 128;

/// Arguments of `lethe llama generate`.
#[derive(clap::Args)]
pub struct Arguments {
    /// The base: a Hugging Face folder with its tokenizer.
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// An adapter, a folder of PEFT's: what it writes is told beside what the base writes.
    #[arg(long, value_name = "DIR")]
    adapter: Option<PathBuf>,
    /// A prompt; may be given several times.
    #[arg(long = "prompt", value_name = "TEXT")]
    prompts: Vec<String>,
    /// A file with a prompt on each line that is not empty; - for standard input, which is read where no prompt is given.
    #[arg(long, value_name = "FILE")]
    prompts_file: Option<PathBuf>,
    /// Put each prompt as a user's turn into the model's chat template.
    #[arg(long)]
    chat: bool,
    /// Tokens written at most; 128, or as many as the model has room for after the longest prompt.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    tokens: Option<u32>,
    /// Draw tokens at this temperature; without it each is the likeliest.
    #[arg(long, value_name = "T")]
    temperature: Option<f64>,
    /// Draw only among the likeliest tokens whose probabilities come to this; with --temperature.
    #[arg(long, value_name = "P", requires = "temperature")]
    top_p: Option<f64>,
    /// Number of the draws.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How the base's matrices are held: f32, f16 or bf16.
    #[arg(long, default_value = Precision::F32.name(), value_parser = precision)]
    precision: Precision,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    json: bool,
}

/// Writes on from prompts and prints what was written.
///
/// # Errors
/// Folders that are no model, no tokenizer or no adapter, prompts that cannot be read or are too long.
pub fn generate(arguments: &Arguments) -> Result<(), Failure> {
    let sampling = arguments.sampling()?;
    let texts = arguments.texts()?;
    let folder = Folder::open(&arguments.model)?;
    let tokenizer = Tokenizer::open(&arguments.model)?;
    let prompts = texts.iter().map(|text| arguments.encoded(text, &tokenizer, &folder));
    let prompts: Vec<Vec<u32>> = prompts.collect::<Result<_, Failure>>()?;
    let longest = prompts.iter().map(Vec::len).max().unwrap_or(0);
    let room = folder.config.max_position_embeddings - longest;
    let most = arguments.tokens.map_or(TOKENS.min(room), |tokens| tokens as usize);
    let adapter = arguments.adapter.as_deref().map(Adapter::open).transpose()?;
    let mut model = folder.model(arguments.precision, &Device::flex())?;
    if let Some(adapter) = &adapter {
        model = adapter.onto(model)?;
    }
    let (mut written, mut tokens) = (Vec::new(), 0);
    let started = now_millis();
    for mode in [Mode::BASE, Mode::ADAPTED].iter().take(1 + usize::from(adapter.is_some())) {
        let answers = match &sampling {
            None => greedy(&model, mode, &prompts, most, tokenizer.stops()),
            Some(sampling) => sampled(&model, mode, &prompts, most, tokenizer.stops(), sampling),
        };
        tokens += answers.iter().map(Vec::len).sum::<usize>();
        written.push(answers.iter().map(|answer| tokenizer.decode(answer)).collect::<Vec<String>>());
    }
    let rate = tokens as f64 / (now_millis() - started).max(1.0) * 1e3;
    let tuned = |place: usize| written.get(1).map(|tuned| &tuned[place]);
    if arguments.json {
        let items = texts.iter().enumerate();
        let items: Vec<_> = items
            .map(|(place, text)| json!({ "prompt": text, "base": written[0][place], "tuned": tuned(place) }))
            .collect();
        say!("{}", run::json(&json!({ "texts": items, "tokens": tokens, "tokens_per_second": rate }))?);
        return Ok(());
    }
    for (place, text) in texts.iter().enumerate() {
        say!("prompt: {text}");
        say!("base:   {}", written[0][place]);
        if let Some(tuned) = tuned(place) {
            say!("tuned:  {tuned}");
        }
        say!();
    }
    say!("{tokens} tokens, {rate:.1} a second");
    Ok(())
}

impl Arguments {
    fn sampling(&self) -> Result<Option<Sampling>, Failure> {
        let Some(temperature) = self.temperature else { return Ok(None) };
        let seed = Seed::new(self.seed).fork("generate");
        let sampling = Sampling { temperature, top_p: self.top_p.unwrap_or(1.0), seed };
        sampling.check()?;
        Ok(Some(sampling))
    }

    /// The prompts as they were given.
    fn texts(&self) -> Result<Vec<String>, Failure> {
        let mut texts = self.prompts.clone();
        let from_input = || -> Result<Vec<u8>, Failure> {
            let mut bytes = Vec::new();
            let read = std::io::stdin().lock().read_to_end(&mut bytes);
            read.map_err(|error| Failure::Other(format!("standard input cannot be read: {error}")))?;
            Ok(bytes)
        };
        let bytes = match &self.prompts_file {
            Some(path) if path.as_os_str() == "-" => Some(from_input()?),
            Some(path) => Some(file(path)?),
            None if texts.is_empty() && !std::io::stdin().is_terminal() => Some(from_input()?),
            None => None,
        };
        if let Some(bytes) = bytes {
            let text = String::from_utf8(bytes).map_err(|error| wrong("prompts", &error.to_string(), "UTF-8"))?;
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
            texts.extend(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned));
        }
        match texts.is_empty() {
            true => Err(wrong("prompt", "none", "--prompt TEXT, --prompts-file FILE, or lines on standard input")),
            false => Ok(texts),
        }
    }

    /// A prompt's tokens, of which the model has all and for whose answer it has room.
    fn encoded(&self, text: &str, tokenizer: &Tokenizer, folder: &Folder) -> Result<Vec<u32>, Failure> {
        let tokens = if self.chat {
            let turns = [Turn { role: Role::User, text: text.to_owned() }];
            tokenizer.encode(&tokenizer.chat(&turns, true)?, false)?
        } else {
            tokenizer.encode(text, true)?
        };
        if tokens.is_empty() {
            return Err(wrong("prompt", text, "a text of at least one token"));
        }
        let (vocabulary, room) = (folder.config.vocab_size, folder.config.max_position_embeddings);
        if let Some(token) = tokens.iter().find(|&&token| token as usize >= vocabulary) {
            let accepted = format!("tokens below {vocabulary}, the vocabulary of config.json");
            return Err(wrong("tokenizer.json", &token.to_string(), &accepted));
        }
        if tokens.len() + self.tokens.unwrap_or(1) as usize > room {
            let accepted = format!("a prompt (this one: {} tokens) and --tokens within {room} in all", tokens.len());
            return Err(wrong("prompt", text, &accepted));
        }
        Ok(tokens)
    }
}

fn wrong(field: &str, value: &str, accepted: &str) -> Failure {
    Failure::Input(Problems(vec![Problem::new(field, value, accepted)]))
}
