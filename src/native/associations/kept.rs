//! The losses of single examples that runs and evaluations of real models have kept.

use std::path::Path;

use serde::Deserialize;

use super::super::files;
use crate::associations::import::MOST_BYTES;
use crate::error::{Problem, Problems};
use crate::experiments::llama::{Losses, Measures};
use crate::record::llama::Record;

/// One model's losses.
pub struct Kept {
    /// The run, or the checkpoint, by its name.
    pub name: String,
    /// The file that they were found in.
    pub file: String,
    /// What the run was but for its seed; `None` of a checkpoint, of which that is not known.
    pub settings: Option<String>,
    pub seed: u64,
    pub losses: Losses,
}

/// What `lethe llama evaluate` leaves, as far as it is read here.
#[derive(Deserialize)]
struct Evaluation {
    checkpoints: Vec<Checkpoint>,
}

#[derive(Deserialize)]
struct Checkpoint {
    name: String,
    measures: Measures,
}

/// What a run leaves, and what an evaluation leaves.
const FILES: [&str; 2] = ["record.json", "evaluation.json"];
/// Settings that make no other task of a run.
const SEED: &str = "seed";
const OUT: &str = "out";

/// The losses of a folder or file: of a run those of its last checkpoint that has any, of an evaluation those of every
/// checkpoint.
///
/// # Errors
/// A file that cannot be read, or has no losses of single examples.
pub fn read(given: &str) -> Result<Vec<Kept>, Problems> {
    let path = Path::new(given);
    let found = FILES.iter().map(|file| path.join(file)).find(|file| file.exists());
    let file = if path.is_dir() { found.unwrap_or_else(|| path.join(FILES[0])) } else { path.to_path_buf() };
    let shown = file.display().to_string();
    let bytes = files::bytes(&shown, MOST_BYTES)?;
    let evaluation = core::str::from_utf8(&bytes).ok().and_then(|text| serde_json::from_str(text).ok());
    let kept = match evaluation {
        Some(Evaluation { checkpoints }) => {
            let of = |Checkpoint { name, measures }| {
                let losses = measures.losses?;
                Some(Kept { name, file: shown.clone(), settings: None, seed: 0, losses })
            };
            checkpoints.into_iter().filter_map(of).collect()
        }
        None => of_run(Record::read(&bytes)?, &shown).into_iter().collect::<Vec<Kept>>(),
    };
    if kept.is_empty() {
        let accepted = "losses of single examples after step 0: `evaluation.losses` in its settings";
        return Err(Problems(vec![Problem::new("losses", &shown, accepted)]));
    }
    for Kept { losses, .. } in &kept {
        let counts = [losses.tokens.len(), losses.base.len(), losses.tuned.len()];
        if counts[0] == 0 || counts.iter().any(|&count| count != counts[0]) {
            let value = format!("{counts:?} of {shown}");
            let accepted = "as many numbers in `tokens`, `base` and `tuned`, at least one";
            return Err(Problems(vec![Problem::new("losses", &value, accepted)]));
        }
    }
    Ok(kept)
}

fn of_run(record: Record, shown: &str) -> Option<Kept> {
    let tuned = record.points.into_iter().rev().filter(|point| point.step > 0);
    let losses = tuned.filter_map(|point| point.measures.losses).next()?;
    let mut settings = record.settings;
    let seed = settings.remove(SEED).and_then(|seed| seed.as_u64()).unwrap_or(0);
    settings.remove(OUT);
    let settings = serde_json::Value::Object(settings).to_string();
    Some(Kept { name: record.run_id, file: shown.to_owned(), settings: Some(settings), seed, losses })
}
