//! Replay that the base writes itself, where its own training texts are not to be had (as in self-synthesised rehearsal,
//! Huang et al. 2024, arXiv 2403.01244, without its choice of texts).

use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};

use super::folder::RunFolder;
use super::run::is_stopped;
use crate::error::{Problem, Problems};
use crate::model::llama::{Llama, Mode, Sampling, sampled};
use crate::native::cli::Failure;
use crate::native::llama::tokenizer::Tokenizer;
use crate::seed::Seed;

/// Where they are kept, in the run's folder.
pub const FILE: &str = "generated.json";
/// Texts between two looks at how far it is.
const TOGETHER: usize = 64;

/// What a base has written so far.
#[derive(Serialize, Deserialize)]
struct Written {
    /// The name of the run that asked for it.
    run: String,
    texts: Vec<String>,
}

/// What the base is asked to write.
pub struct Asked {
    pub count: usize,
    /// Of a text at most.
    pub tokens: usize,
    pub seed: Seed,
}

/// Texts that a base writes after the token that begins texts, drawn at temperature 1; those of an earlier process where
/// there are some.
///
/// # Errors
/// A tokenizer without such a token, or a file that cannot be written.
pub fn texts(
    base: &Llama,
    tokenizer: &Tokenizer,
    asked: &Asked,
    folder: &RunFolder,
    bar: &ProgressBar,
) -> Result<Vec<String>, Failure> {
    let wrong =
        |value: &str, accepted: &str| Failure::Input(Problems(vec![Problem::new("replay.generated", value, accepted)]));
    let Some(bos) = tokenizer.bos() else {
        return Err(wrong(&asked.count.to_string(), "none: the tokenizer has no token that begins a text"));
    };
    let run = &folder.manifest().run;
    let known = folder.read(FILE)?.and_then(|bytes| serde_json::from_slice::<Written>(&bytes).ok());
    let mut texts = known.filter(|known| known.run == *run).map(|known| known.texts).unwrap_or_default();
    while texts.len() < asked.count {
        if is_stopped() {
            let text =
                format!("{} of {} texts of replay are written; the same command goes on", texts.len(), asked.count);
            return Err(Failure::Interrupted(text));
        }
        bar.set_message(format!("the base writes replay, {} of {}", texts.len(), asked.count));
        let seed = asked.seed.fork(&texts.len().to_string());
        let prompts = vec![vec![bos]; TOGETHER.min(asked.count - texts.len())];
        let sampling = Sampling { temperature: 1.0, top_p: 1.0, seed };
        let written = sampled(base, &Mode::BASE, &prompts, asked.tokens, tokenizer.stops(), &sampling);
        texts.extend(written.iter().map(|tokens| tokenizer.decode_all(tokens)));
        let written = Written { run: run.clone(), texts };
        let json = serde_json::to_vec(&written).map_err(|error| Failure::Other(error.to_string()))?;
        folder.write(FILE, &json)?;
        texts = written.texts;
    }
    Ok(texts)
}
