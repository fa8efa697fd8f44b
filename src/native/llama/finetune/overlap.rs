//! What is replayed must not be what forgetting is measured on.

use super::reading::Sources;
use super::settings::Settings;
use crate::data::text::{SHARED_WORDS, overlaps};
use crate::error::{Problem, Problems};
use crate::native::cli::Failure;
use crate::native::llama::evaluate::Evaluation;

/// Texts that are named.
const NAMED: usize = 3;

/// Compares the replayed corpus with everything that is evaluated.
///
/// # Errors
/// Texts that both have, or that share many words in a row, unless the settings allow it: then the program says so and
/// goes on.
pub fn check(settings: &Settings, sources: &Sources, evaluation: &Evaluation<'_>) -> Result<(), Failure> {
    let (Some(replay), Some(replayed)) = (&settings.replay, &sources.replayed) else { return Ok(()) };
    let (names, against): (Vec<String>, Vec<String>) = evaluation.named_texts().into_iter().unzip();
    let texts = replayed.iter().map(|record| record.map(|record| record.said()));
    let found = overlaps(texts, &against)?;
    if found.is_empty() {
        let count = against.len();
        eprintln!(
            "replay and evaluation have no text and no {SHARED_WORDS} words in a row in common: {} texts against {count}",
            replayed.len()
        );
        return Ok(());
    }
    let same = found.duplicates.first.iter().map(|&(row, other)| (row, other, "the same text".to_owned()));
    let near = found.shared.first.iter().map(|shared| (shared.text, shared.against, format!("{:?}", shared.words)));
    let told = same
        .chain(near)
        .take(NAMED)
        .map(|(row, other, what)| format!("{} and {}: {what}", replayed.place(row), names[other]));
    let told = told.collect::<Vec<_>>().join("; ");
    let count = found.duplicates.count + found.shared.count;
    if replay.may_overlap {
        eprintln!("warning: replay and evaluation share {count} texts or {SHARED_WORDS} words in a row; {told}");
        return Ok(());
    }
    let accepted = format!(
        "texts that are not evaluated: {count} are, or share {SHARED_WORDS} words in a row with what is ({told}); \
         replay.may_overlap = true goes on all the same"
    );
    Err(Failure::Input(Problems(vec![Problem::new("replay.files", &format!("{} texts", replayed.len()), accepted)])))
}
