//! What is trained, as files that PEFT or transformers open.

use super::folder::{Content, Files, Saved};
use super::settings::{Settings, TargetLayers, Way};
use crate::error::Problems;
use crate::model::llama::{
    Fault, Llama, Lora, Method, PEFT_FILES, Pattern, PeftConfig, Precision, Targets, Tuning, Weights,
};
use crate::native::cli::Failure;
use crate::native::llama::folder::Folder;
use crate::seed::Seed;

const MODEL: &str = "model.safetensors";

/// What fine-tuning trains, and how it is kept.
#[derive(Clone, Debug)]
pub enum Trained {
    Adapter(PeftConfig),
    /// Everything, in the precision in which it is held.
    Full(Precision),
}

impl Trained {
    /// What settings ask for.
    ///
    /// # Errors
    /// Settings that no adaptation can have.
    pub fn of(settings: &Settings) -> Result<Self, Problems> {
        let tuned = &settings.tuning;
        if tuned.method == Way::Full {
            return Ok(Self::Full(settings.precision.storage().precision()));
        }
        let targets = match &tuned.targets {
            TargetLayers::Word(_) => Targets::AllLinear,
            TargetLayers::Names(names) => Targets::Named(names.clone()),
            TargetLayers::Pattern { pattern } => Targets::Matching(
                Pattern::of_path("tuning.targets.pattern", pattern).map_err(|problem| Problems(vec![problem]))?,
            ),
        };
        let lora = Lora {
            rank: tuned.rank,
            alpha: tuned.alpha.unwrap_or(tuned.rank as f64),
            rank_stabilised: tuned.rank_stabilised,
            dropout: tuned.dropout,
            targets,
            ..Lora::default()
        };
        lora.check().map_err(by_setting)?;
        let base = Some(settings.model.display().to_string());
        Ok(Self::Adapter(PeftConfig { base, method: Method::Lora(lora) }))
    }

    /// The base with what is to be trained, as it is before the first step.
    ///
    /// # Errors
    /// Targets that are no layers of this model.
    pub fn begin(&self, base: Llama, seed: &Seed) -> Result<Llama, Problems> {
        match self {
            Self::Adapter(config) => match &config.method {
                Method::Lora(lora) => base.tune(&Tuning::Lora(lora.clone()), seed).map_err(by_setting),
                Method::Ia3(_) => base.tune(&Tuning::Ia3, seed),
            },
            Self::Full(_) => base.tune(&Tuning::Full, seed),
        }
    }

    /// The base with what a save holds.
    ///
    /// # Errors
    /// What is missing in it, or of another shape.
    pub fn resume(&self, base: Llama, files: &Saved) -> Result<Llama, Fault> {
        let bytes = |name: &str| files.get(name).map_or(&[][..], |bytes| bytes);
        match self {
            Self::Adapter(config) => {
                let name = PEFT_FILES[1];
                base.with_adapter(config, &Weights::read(&[(name, bytes(name))])?)
            }
            Self::Full(precision) => {
                let (config, device) = (base.config().clone(), base.model.norm.weight.val().device());
                // Two models need not be there at once.
                drop(base);
                let weights = Weights::read(&[(MODEL, bytes(MODEL))])?;
                let model = Llama::load(config, &weights, *precision, &device)?;
                model.tune(&Tuning::Full, &Seed::new(0)).map_err(|problems| Fault(problems.to_string()))
            }
        }
    }

    /// The files of what is trained, each tensor as it is held: those of PEFT, or a model's.
    ///
    /// # Errors
    /// A number that is not finite.
    pub fn files(&self, model: &Llama) -> Result<Files, Failure> {
        let failed = |fault: Fault| Failure::Other(fault.to_string());
        let mut files = Files::new();
        match self {
            Self::Adapter(config) => {
                let adapter = model.adapter_to_safetensors(config).map_err(failed)?;
                files.insert(PEFT_FILES[0].to_owned(), Content::Bytes(config.to_json().into_bytes()));
                files.insert(PEFT_FILES[1].to_owned(), Content::Bytes(adapter));
            }
            Self::Full(_) => {
                files.insert(MODEL.to_owned(), Content::Tensors(model.stored_as_held()));
            }
        }
        Ok(files)
    }

    /// The files of what a finished run leaves: an adapter, or a model with its base's configuration and tokenizer.
    ///
    /// # Errors
    /// As [`Self::files`]; a file of the base that cannot be read.
    pub fn left(&self, model: &Llama, base: &Folder) -> Result<Files, Failure> {
        let Self::Full(precision) = self else { return self.files(model) };
        let beside = base.beside(*precision)?.into_iter();
        let mut files: Files = beside.map(|(name, bytes)| (name, Content::Bytes(bytes))).collect();
        files.insert(MODEL.to_owned(), Content::Tensors(model.stored(*precision)));
        Ok(files)
    }
}

/// Problems by the names of the settings, not by PEFT's.
fn by_setting(mut problems: Problems) -> Problems {
    const NAMES: [(&str, &str); 4] = [
        ("target_modules", "tuning.targets"),
        ("r", "tuning.rank"),
        ("lora_alpha", "tuning.alpha"),
        ("lora_dropout", "tuning.dropout"),
    ];
    for problem in &mut problems.0 {
        if let Some((_, setting)) = NAMES.iter().find(|(theirs, _)| *theirs == problem.field) {
            problem.field = (*setting).to_owned();
        }
    }
    problems
}
