//! Texts of base and tuned model at one of the steps that have some.

use super::answer::Generations;
use crate::error::Problem;
use crate::report::Compared;

/// The texts of a step, the last one where none is told; `of` makes them, `who` is whose they are.
///
/// # Errors
/// A step that has none.
pub fn texts_at<T>(
    with_texts: &[(u32, T)],
    step: Option<u32>,
    of: impl FnOnce(&T) -> Vec<Compared>,
    who: &str,
) -> Result<Generations, String> {
    let steps: Vec<u32> = with_texts.iter().map(|(step, _)| *step).collect();
    let found = match step {
        None => with_texts.last(),
        Some(step) => with_texts.iter().find(|(own, _)| *own == step),
    };
    let Some((own, point)) = found else {
        let known: Vec<String> = steps.iter().map(ToString::to_string).collect();
        return Err(match step.filter(|_| !known.is_empty()) {
            Some(step) => Problem::new("step", &step.to_string(), known.join(", ")).to_string(),
            None => format!("There are no texts of {who} yet"),
        });
    };
    Ok(Generations { step: *own, texts: of(point), steps })
}
