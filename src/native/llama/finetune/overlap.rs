//! What is replayed must not be what is measured.

use super::reading::Sources;
use super::settings::Settings;
use crate::data::text::{FEWEST_WORDS, Overlap, SHARED_WORDS, overlaps};
use crate::error::{Problem, Problems};
use crate::native::cli::Failure;
use crate::native::llama::evaluate::{Evaluated, Evaluation};
use crate::native::llama::tokenizer::Tokenizer;

/// Compares the replayed corpus with everything that is measured: what is evaluated, and the rows that are kept for the
/// fine-tuning loss.
///
/// # Errors
/// Texts that overlap, unless the settings allow it or the base itself wrote them: then the program says so and goes on.
pub fn check(
    settings: &Settings,
    sources: &Sources,
    evaluation: &Evaluation<'_>,
    tokenizer: &Tokenizer,
) -> Result<(), Failure> {
    let (Some(replay), Some(replayed)) = (&settings.replay, &sources.replayed) else { return Ok(()) };
    let held_out = sources.held_out(settings, tokenizer)?.into_iter();
    let held_out = held_out.map(|(place, text)| Evaluated {
        of: "held-out rows".to_owned(),
        name: format!("a held-out row, {place}"),
        text,
    });
    let mut measured: Vec<Evaluated> = evaluation.texts_read().chain(held_out).collect();
    let against: Vec<String> = measured.iter_mut().map(|one| core::mem::take(&mut one.text)).collect();
    let texts = replayed.iter().map(|record| record.map(|record| record.said()));
    let found = overlaps(texts, &against, &tokenizer.special())?;
    let compared = format!("{} replayed texts against {}", replayed.len(), counted(&measured));
    if found.is_empty() {
        eprintln!(
            "replay and evaluation are apart ({compared}): no text is in both, none of {FEWEST_WORDS} to {} words stands \
             within one of the other side, no two share {SHARED_WORDS} words in a row",
            SHARED_WORDS - 1
        );
        return Ok(());
    }
    let told = found.first.iter().map(|found| {
        let how = match found.overlap {
            Overlap::Same => "the same text",
            Overlap::Holds => "the first holds the second",
            Overlap::Within => "the first stands within the second",
            Overlap::Shared => "both have",
        };
        let (row, other) = (replayed.place(found.text), &measured[found.against].name);
        format!("{row} and {other}: {how}, {:?}", found.words)
    });
    let told = told.collect::<Vec<_>>().join("; ");
    let count = found.count;
    if replay.may_overlap || replay.generated.is_some() {
        eprintln!("warning: replay and evaluation share {count} replayed texts ({compared}); {told}");
        return Ok(());
    }
    let accepted = format!(
        "texts that are not measured: {count} are, or overlap with what is ({compared}; {told}); \
         replay.may_overlap = true goes on all the same"
    );
    Err(Failure::Input(Problems(vec![Problem::new("replay.files", &format!("{} texts", replayed.len()), accepted)])))
}

/// How many texts of which kind: `8 windows of forgetting, 20 held-out rows`.
fn counted(measured: &[Evaluated]) -> String {
    if measured.is_empty() {
        return "nothing that is measured".to_owned();
    }
    let kinds = measured.chunk_by(|one, next| one.of == next.of);
    kinds.map(|kind| format!("{} {}", kind.len(), kind[0].of)).collect::<Vec<_>>().join(", ")
}
