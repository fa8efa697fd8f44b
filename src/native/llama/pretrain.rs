//! `lethe llama pretrain`.

use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::data::language::{LanguageWorld, Vocabulary};
use crate::metrics::language::{Scores, Share};
use crate::model::Size;
use crate::model::llama::{Config, Device, Fault, Llama, Mode, Precision, Weights};
use crate::native::cli::Failure;
use crate::native::{files, run};
use crate::platform::now_millis;
use crate::seed::Seed;
use crate::train::language::{Pretraining, Recipe};

/// Steps between two looks at the progress bar.
const SLICE: u32 = 10;

/// Arguments of `lethe llama pretrain`.
#[derive(clap::Args)]
pub struct Arguments {
    /// How large the model is: small, medium or large.
    #[arg(long, default_value = Size::default().name(), value_parser = size)]
    size: Size,
    /// Number of the world, and of the weights that training begins with.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Steps of 1,024 tokens.
    #[arg(long, value_name = "N", default_value_t = Recipe::STEPS)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    steps: u32,
    /// Write config.json, model.safetensors (half precision) and tokenizer.json here.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    json: bool,
}

fn size(name: &str) -> Result<Size, String> {
    Size::named(name).ok_or_else(|| format!("accepted: {}", Size::ALL.map(Size::name).join(", ")))
}

/// Trains a base model, writes it and scores what was written.
///
/// # Errors
/// Training that diverged, or a file that cannot be written.
pub fn pretrain(arguments: &Arguments) -> Result<(), Failure> {
    let world = LanguageWorld::new(Seed::new(arguments.seed));
    let recipe = Recipe::new(arguments.steps);
    let started = now_millis();
    let model = trained(&world, arguments, recipe)?;
    let seconds = (now_millis() - started) / 1e3;
    let file = model.to_safetensors(Precision::F16).map_err(failed)?;
    let config = model.config();
    files::write(&arguments.out.join("config.json"), with_special_tokens(config).as_bytes())?;
    files::write(&arguments.out.join("model.safetensors"), &file)?;
    files::write(&arguments.out.join("tokenizer.json"), world.vocabulary().tokenizer_json().as_bytes())?;
    let scores = Scores::of(&world, &read(config.clone(), &file).map_err(failed)?, &Mode::BASE);
    let parameters = model.trained_parameters();
    let tokens = arguments.steps as usize * recipe.tokens();
    let rate = tokens as f64 / seconds;
    let digest: String = Sha256::digest(&file).iter().map(|byte| format!("{byte:02x}")).collect();
    if arguments.json {
        let object = json!({
            "size": arguments.size.name(), "seed": arguments.seed, "steps": arguments.steps, "parameters": parameters,
            "tokens": tokens, "seconds": seconds, "tokens_per_second": rate, "sha256": digest, "scores": scores,
        });
        say!("{}", run::json(&object)?);
        return Ok(());
    }
    say!("{} parameters, {tokens} tokens in {seconds:.1} s: {rate:.0} tokens a second", parameters);
    tell(&scores);
    say!("model.safetensors {}, with config.json and tokenizer.json in {}", &digest[..16], arguments.out.display());
    Ok(())
}

fn failed(fault: Fault) -> Failure {
    Failure::Other(fault.to_string())
}

fn trained(world: &LanguageWorld, arguments: &Arguments, recipe: Recipe) -> Result<Llama, Failure> {
    let device = Device::flex().autodiff();
    let mut training = Pretraining::new(world, arguments.size, &Seed::new(arguments.seed), recipe, &device);
    let bar = ProgressBar::new(u64::from(arguments.steps));
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {percent} %, {msg}, {eta} left") {
        bar.set_style(style);
    }
    while training.steps() < arguments.steps {
        let step = training.steps();
        let loss = training.step();
        if !loss.is_finite() {
            return Err(Failure::Other(format!("training diverged at step {step}: its loss is {loss}")));
        }
        if step.is_multiple_of(SLICE) {
            bar.set_position(u64::from(step));
            bar.set_message(format!("loss {loss:.3}"));
        }
    }
    bar.finish_and_clear();
    Ok(training.model().clone())
}

/// The model of a file's weights: what the file's readers have.
fn read(config: Config, file: &[u8]) -> Result<Llama, Fault> {
    Llama::load(config, &Weights::read(&[("model.safetensors", file)])?, Precision::F32, &Device::flex())
}

/// The configuration and the numbers of tokens by which transformers begins, ends and fills texts.
pub fn with_special_tokens(config: &Config) -> String {
    let mut value: Value = serde_json::from_str(&config.to_json()).unwrap_or_default();
    value["bos_token_id"] = Vocabulary::BEGIN.into();
    value["eos_token_id"] = Vocabulary::END.into();
    value["pad_token_id"] = Vocabulary::PAD.into();
    format!("{value:#}\n")
}

fn tell(scores: &Scores) {
    let share = |name: &str, share: Share| {
        say!("{name:<32}{:>6.1} %  {} of {}", 100.0 * share.fraction(), share.count, share.of);
    };
    share("facts, unseen pairing", scores.facts_in_an_unseen_pairing);
    share("facts, unseen phrasing", scores.facts_in_an_unseen_phrasing);
    share("composed", scores.composed);
    share("sums", scores.sums);
    share("refused, harmful", scores.refused_harmful);
    share("refused, harmless", scores.refused_harmless);
    let [loss, least] = [scores.loss_on_general_text, scores.least_loss_on_general_text];
    say!("{:<32}{loss:>6.3} nats a token; the grammar's entropy is {least:.3}", "loss on general text");
}
