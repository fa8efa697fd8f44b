//! Whether settings, device, tokenizer and model fit together.

use super::settings::{At, Settings};
use super::wrong;
use crate::data::text::Template;
use crate::model::llama::{Device, Precision};
use crate::native::cli::{DeviceChoice, Failure};
use crate::native::llama::tokenizer::Tokenizer;

/// That the device can train in the precision that is asked for.
///
/// # Errors
/// A precision that it cannot.
pub fn check_precision(settings: &Settings, device: &Device) -> Result<(), Failure> {
    let held: Vec<&str> = Precision::ALL
        .into_iter()
        // Gradients of half precision are too small for it, and nothing here scales them.
        .filter(|&precision| settings.device == DeviceChoice::Cpu || precision != Precision::F16)
        .filter(|precision| device.supports_dtype(precision.dtype()))
        .map(Precision::name)
        .collect();
    match held.contains(&settings.precision.storage().precision().name()) {
        true => Ok(()),
        false => {
            let accepted = format!("{}, in which this device can train", held.join(" or "));
            Err(wrong("precision", settings.precision.name(), &accepted))
        }
    }
}

/// That the model's folder has the chat template that examples are to be put into.
///
/// # Errors
/// A folder without one.
pub fn check_templates(settings: &Settings, tokenizer: &Tokenizer) -> Result<(), Failure> {
    let chat = settings.templates().find(|(_, template)| *template == Template::Chat && !tokenizer.can_chat());
    match chat {
        None => Ok(()),
        Some((key, template)) => {
            let others = Template::ALL.into_iter().filter(|other| *other != template).map(Template::name);
            let others = others.collect::<Vec<_>>().join(", ");
            Err(wrong(key, template.name(), &format!("{others}: the model's folder has no chat template")))
        }
    }
}

/// That the model knows the tokenizer's special tokens.
///
/// # Errors
/// A token beyond its vocabulary.
pub fn check_special_tokens(tokenizer: &Tokenizer, vocabulary: usize) -> Result<(), Failure> {
    let beyond = tokenizer.bos().into_iter().chain(tokenizer.stops().iter().copied());
    match beyond.into_iter().find(|&token| token as usize >= vocabulary) {
        None => Ok(()),
        Some(token) => {
            let accepted = format!("numbers of tokens below {vocabulary}, the model's vocab_size");
            Err(wrong("tokenizer", &token.to_string(), &accepted))
        }
    }
}

/// Tells steps that are to be measured and that the run does not come to.
pub fn warn_of_steps(at: &At, steps: u32) {
    let At::Steps(list) = at else { return };
    let beyond: Vec<String> = list.iter().filter(|&&step| step > steps).map(u32::to_string).collect();
    if !beyond.is_empty() {
        eprintln!("warning: evaluation.at names {}: the run ends at step {steps}", beyond.join(", "));
    }
}
