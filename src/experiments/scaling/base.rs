//! A base model with its world, and everything that its runs are held against.

use super::probe::Probe;
use crate::data::language::{FineTuning, LanguageWorld};
use crate::model::Size;
use crate::model::llama::{Device, Fault, Llama, Precision, Weights};
use crate::seed::Seed;

/// A base model with what it is tested by. Runs share it.
pub struct Base {
    pub size: Size,
    /// Of its world and of its training.
    pub seed: u32,
    pub set: FineTuning,
    pub(super) world: LanguageWorld,
    pub(super) model: Llama,
    pub(super) probe: Probe,
}

impl Base {
    /// Reads the weights of a size and a seed, and asks the model everything that runs on a fine-tuning set ask.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn load(size: Size, seed: u32, set: FineTuning, safetensors: &[u8]) -> Result<Self, Fault> {
        let (world, model) = Self::read(size, seed, safetensors)?;
        let probe = Probe::new(&world, set, &model);
        Ok(Self { size, seed, set, world, model, probe })
    }

    /// A world and the model that learned it.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub(in crate::experiments) fn read(
        size: Size,
        seed: u32,
        safetensors: &[u8],
    ) -> Result<(LanguageWorld, Llama), Fault> {
        let file = Self::file(size, seed);
        let weights = Weights::read(&[(&file, safetensors)])?;
        let model = Llama::load(size.config(), &weights, Precision::F32, &Device::flex().autodiff())?;
        Ok((LanguageWorld::new(Seed::new(u64::from(seed))), model))
    }

    /// The name of a base's file, such as `medium-0`.
    pub fn file(size: Size, seed: u32) -> String {
        format!("{}-{seed}", size.name())
    }
}
