//! The whole model.

use std::sync::Arc;

use burn::module::{Module, Param};
use burn_tensor::{Device, Int, Tensor, TensorData};

use super::block::{Block, Norm};
use super::config::Config;
use super::linear::{Linear, widened};
use super::lora::Lora;
use super::merging;
use super::parameters::{self, Source};
use super::precision::Precision;
use super::quantising::Storage;
use super::saving::{self, Stored};
use super::sequences::Sequences;
use super::tuning::{self, Tuning};
use super::weights::{Fault, Weights};
use crate::engine::operations::{cross_entropy, linear};
use crate::error::Problems;
use crate::seed::Seed;

/// How a model is asked.
#[derive(Clone, Debug, Default)]
pub struct Mode {
    /// Whether its adapters take part.
    pub adapted: bool,
    /// In training: where the draws of dropout come from.
    pub dropout: Option<Seed>,
}

impl Mode {
    /// The base alone.
    pub const BASE: Self = Self { adapted: false, dropout: None };
    /// The base with its adapters, none of their inputs dropped.
    pub const ADAPTED: Self = Self { adapted: true, dropout: None };
}

/// A causal language model of type `llama`. Its fields have Hugging Face's names: those are its parameters' names.
#[derive(Module, Debug)]
pub struct Llama {
    pub model: Body,
    /// Missing where the embedding is the output head.
    pub lm_head: Option<Linear>,
    #[module(skip)]
    config: Arc<Config>,
}

#[derive(Module, Debug)]
pub struct Body {
    pub embed_tokens: Embedding,
    pub layers: Vec<Block>,
    pub norm: Norm,
}

#[derive(Module, Debug)]
pub struct Embedding {
    /// `[vocabulary, units]`
    pub weight: Param<Tensor<2>>,
}

impl Llama {
    /// A model with the weights of files. Each tensor goes to the device, as it is held there, before the next is read.
    ///
    /// # Errors
    /// The tensor that is missing, of another shape or precision, or not finite.
    pub fn load(
        config: Config,
        weights: &Weights<'_>,
        storage: impl Into<Storage>,
        device: &Device,
    ) -> Result<Self, Fault> {
        Self::from_source(config, &mut Source::file(weights, storage.into(), device))
    }

    /// A model to be trained from nothing: weights normal with deviation 0.02, norms 1, biases 0, as in transformers.
    pub fn init(config: Config, storage: impl Into<Storage>, seed: &Seed, device: &Device) -> Self {
        Self::from_source(config, &mut Source::random(seed, storage.into(), device))
            .expect("random weights have the right shapes")
    }

    fn from_source(config: Config, source: &mut Source<'_>) -> Result<Self, Fault> {
        let table = [config.vocab_size, config.hidden_size];
        let model = source.within("model", |source| {
            Ok(Body {
                embed_tokens: source
                    .within("embed_tokens", |source| Ok(Embedding { weight: source.matrix("weight", table)? }))?,
                layers: source.within("layers", |source| {
                    (0..config.num_hidden_layers)
                        .map(|index| source.within(&index.to_string(), |source| Block::new(&config, source)))
                        .collect()
                })?,
                norm: Norm::new(&config, "norm", source)?,
            })
        })?;
        let lm_head = match config.tie_word_embeddings {
            true => None,
            false => Some(source.within("lm_head", |source| {
                Ok(Linear { weight: source.matrix("weight", table)?, bias: None, adapter: None, ia3: None })
            })?),
        };
        Ok(Self { model, lm_head, config: Arc::new(config) })
    }

    /// Its shape.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The last hidden states, normalised.
    ///
    /// # Shapes
    /// `[sequences * time, units]`
    ///
    /// # Panics
    /// If there are not as many tokens as positions, or a token is beyond the vocabulary.
    pub fn hidden(&self, sequences: &Sequences, mode: &Mode) -> Tensor<2> {
        let sight = &sequences.sight;
        let (rows, tokens) = (sight.sequences * sight.time, &sequences.tokens);
        assert_eq!(tokens.len(), rows, "a token for each position");
        assert!(tokens.iter().all(|&token| (token as usize) < self.config.vocab_size), "tokens are of the vocabulary");
        let mut x = self.embed(tokens);
        for block in &self.model.layers {
            x = block.forward(x, sight, mode);
        }
        self.model.norm.forward(x)
    }

    /// What the first block is given, in the precision that is computed in.
    ///
    /// # Shapes
    /// - `tokens`: `[rows]`
    /// - result: `[rows, units]`
    pub(crate) fn embed(&self, tokens: &[u32]) -> Tensor<2> {
        let table = self.model.embed_tokens.weight.val();
        let rows = tokens.iter().map(|&token| token as i32).collect();
        let rows = Tensor::<1, Int>::from_data(TensorData::new(rows, [tokens.len()]), &table.device());
        widened(table.select(0, rows), self.model.norm.weight.val().dtype())
    }

    /// What a hidden state says of the next token.
    ///
    /// # Shapes
    /// - `hidden`: `[rows, units]`
    /// - result: `[rows, vocabulary]`
    pub fn head(&self, hidden: Tensor<2>) -> Tensor<2> {
        match &self.lm_head {
            Some(head) => head.forward(hidden, &Mode::BASE),
            None => {
                let table = widened(self.model.embed_tokens.weight.val(), hidden.dtype());
                linear(hidden, table)
            }
        }
    }

    /// Logits of the token after each position.
    ///
    /// # Shapes
    /// `[sequences * time, vocabulary]`
    pub fn logits(&self, sequences: &Sequences, mode: &Mode) -> Tensor<2> {
        self.head(self.hidden(sequences, mode))
    }

    /// The weighted sum of the losses of the tokens that follow, in nats; positions of weight 0 cost no head.
    ///
    /// # Shapes
    /// - `targets`, `weights`: `[sequences * time]`
    /// - result: `[1]`
    pub fn loss(&self, sequences: &Sequences, targets: &[u32], weights: &[f32], mode: &Mode) -> Tensor<1> {
        let mut hidden = self.hidden(sequences, mode);
        let counting: Vec<usize> = (0..weights.len()).filter(|&row| weights[row] != 0.0).collect();
        if counting.len() == weights.len() {
            return cross_entropy(self.head(hidden), targets, weights);
        }
        let rows = counting.iter().map(|&row| row as i32).collect();
        let rows = Tensor::<1, Int>::from_data(TensorData::new(rows, [counting.len()]), &hidden.device());
        hidden = hidden.select(0, rows);
        let targets: Vec<u32> = counting.iter().map(|&row| targets[row]).collect();
        let weights: Vec<f32> = counting.iter().map(|&row| weights[row]).collect();
        cross_entropy(self.head(hidden), &targets, &weights)
    }

    /// The base's parameters as the bytes of a `model.safetensors`, by Hugging Face's names, each rounded to the
    /// nearest number of `precision`. Adapters are no part of it.
    ///
    /// # Errors
    /// The tensor that holds a number beyond that precision, or one that is not finite.
    pub fn to_safetensors(&self, precision: Precision) -> Result<Vec<u8>, Fault> {
        saving::to_safetensors(self, precision)
    }

    /// The base's parameters, to be written one after the other: what [`to_safetensors`](Self::to_safetensors) holds.
    pub fn stored(&self, precision: Precision) -> Vec<Stored> {
        saving::stored(self, Some(precision))
    }

    /// The same, each in the precision in which it is held.
    pub fn stored_as_held(&self) -> Vec<Stored> {
        saving::stored(self, None)
    }

    /// The base that says without adapters what this model says with them: W + scale B A, and IA3's factors multiplied
    /// into weights and biases, computed in single precision and rounded to each parameter's own.
    pub fn merged(self) -> Self {
        merging::merged(self)
    }

    /// The same base with fresh parameters to train, or with some of its own to be trained; what adapted it before is
    /// dropped. LoRA and IA3 act in a pass whose [`Mode`] says so, the other families always.
    ///
    /// # Errors
    /// Settings that no tuning can have, or that name layers this model does not have.
    pub fn tune(self, tuning: &Tuning, seed: &Seed) -> Result<Self, Problems> {
        tuning::tune(self, tuning, seed)
    }

    /// How many numbers training changes; none on a device without gradients.
    pub fn trained_parameters(&self) -> usize {
        tuning::trained(self)
    }

    /// The same model with fresh adapters, its base frozen: [`Tuning::Lora`].
    ///
    /// # Errors
    /// Settings that no adaptation can have, or targets that are no layers of this model.
    pub fn adapt(self, lora: &Lora, seed: &Seed) -> Result<Self, Problems> {
        self.tune(&Tuning::Lora(lora.clone()), seed)
    }

    /// The factors of all adapters, by PEFT's names.
    pub fn factors_mut(&mut self) -> Vec<(String, &mut Param<Tensor<2>>)> {
        parameters::factors(self)
    }
}
