//! What a model remembers of texts that it goes on reading: keys and values of every layer.

use burn_tensor::{DType, Device, Int, Tensor, TensorData};

use super::config::Config;
use super::network::{Llama, Mode};
use super::rope::{Scaling, turns};
use crate::engine::operations::{Extension, Remembered};

/// Rows that are computed at once while prompts are read: enough for a product of matrices to be fast, and few enough
/// for the scores of attention to stay small.
const ROWS: usize = 512;

/// Texts that end at the same position, with padding before the shorter ones, and what each layer keeps of them.
///
/// Memory: [`Self::numbers`] for each position of each text.
pub struct Cache {
    layers: Vec<Remembered>,
    /// Positions before each text.
    padding: Vec<usize>,
    /// Positions read.
    read: usize,
    /// Positions there is room for.
    capacity: usize,
}

impl Cache {
    /// Numbers that a position of a text takes.
    pub fn numbers(config: &Config) -> usize {
        2 * config.num_hidden_layers * config.num_key_value_heads * config.head_dim
    }

    /// Whether what was read keeps its meaning while texts grow to `longest` positions. With dynamic scaling, all
    /// positions of a text that is longer than those of training turn by its length.
    pub fn serves(model: &Llama, longest: usize) -> bool {
        let config = model.config();
        !matches!(config.rope_scaling, Scaling::Dynamic { .. }) || longest <= config.max_position_embeddings
    }

    /// Reads prompts; with the last hidden states after each, `[prompts, units]`. There will be room for `more` tokens
    /// after the longest of them.
    ///
    /// # Panics
    /// If a prompt is empty, or a token is beyond the vocabulary.
    pub fn new(model: &Llama, mode: &Mode, prompts: &[Vec<u32>], more: usize) -> (Self, Tensor<2>) {
        let longest = prompts.iter().map(Vec::len).max().unwrap_or(0);
        let padding: Vec<usize> = prompts.iter().map(|prompt| longest - prompt.len()).collect();
        assert!(prompts.iter().all(|prompt| !prompt.is_empty()), "something to follow");
        let capacity = longest + more;
        let (device, dtype) = place(model);
        let heads = model.model.layers.first().map(|block| block.self_attn.heads());
        let layer = || heads.map(|heads| Remembered::new(prompts.len(), heads, capacity, (&device, dtype)));
        let layers = (0..model.model.layers.len()).filter_map(|_| layer()).collect();
        let mut cache = Self { layers, padding, read: 0, capacity };
        let step = (ROWS / prompts.len().max(1)).max(1);
        let mut last = None;
        while cache.read < longest {
            let to = (cache.read + step).min(longest);
            // Whatever stands in padding, nobody sees it.
            let token =
                |prompt: &Vec<u32>, padding: usize, at: usize| if at < padding { 0 } else { prompt[at - padding] };
            let tokens: Vec<u32> = prompts
                .iter()
                .zip(&cache.padding)
                .flat_map(|(prompt, &padding)| (cache.read..to).map(move |at| token(prompt, padding, at)))
                .collect();
            last = Some(cache.extend(model, mode, &tokens));
        }
        (cache, last.expect("prompts have tokens"))
    }

    /// Reads the next tokens of all texts; the last hidden states after them, `[texts, units]`.
    ///
    /// # Shapes
    /// `tokens`: `[texts * new]`
    ///
    /// # Panics
    /// If there is no room for them, or a token is beyond the vocabulary.
    pub fn extend(&mut self, model: &Llama, mode: &Mode, tokens: &[u32]) -> Tensor<2> {
        let (texts, config) = (self.padding.len(), model.config());
        let new = tokens.len() / texts;
        assert!(self.read + new <= self.capacity, "there is room for {} positions", self.capacity);
        assert!(tokens.iter().all(|&token| (token as usize) < config.vocab_size), "tokens are of the vocabulary");
        let positions: Vec<u32> = self
            .padding
            .iter()
            .flat_map(|&padding| (self.read..self.read + new).map(move |at| at.saturating_sub(padding) as u32))
            .collect();
        let (device, dtype) = place(model);
        let turns = turns(config, &positions, self.read + new);
        let extension = Extension::new(&self.padding, self.read, new, &turns, (&device, dtype));
        let mut x = model.embed(tokens);
        for (block, before) in model.model.layers.iter().zip(&mut self.layers) {
            x = block.extend(x, before, &extension, mode);
        }
        self.read += new;
        let last: Vec<i32> = (1..=texts).map(|text| (text * new - 1) as i32).collect();
        let last = Tensor::<1, Int>::from_data(TensorData::new(last, [texts]), &device);
        model.model.norm.forward(x.select(0, last))
    }
}

/// Where a model computes, and in what.
fn place(model: &Llama) -> (Device, DType) {
    let norm = model.model.norm.weight.val();
    (norm.device(), norm.dtype())
}
