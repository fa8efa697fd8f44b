//! What is trained.

use std::time::Instant;

use burn_tensor::Device;
use lethe::model::llama::{Config, Llama, Lora, Mode, Precision, Sequences, Targets};
use lethe::seed::Seed;
use lethe::train::language::{AdamW, Gradients};
use serde_json::{Value, json};

pub const RANK: usize = 8;

/// A model's configuration, and the sequences and tokens of a batch.
pub struct Work {
    pub config: Value,
    pub batch: [usize; 2],
}

impl Work {
    pub fn new(hidden: usize, layers: usize, inner: usize, vocabulary: usize, batch: [usize; 2]) -> Self {
        let config = json!({
            "vocab_size": vocabulary, "hidden_size": hidden, "intermediate_size": inner, "num_hidden_layers": layers,
            "num_attention_heads": 4, "num_key_value_heads": 4, "max_position_embeddings": batch[1],
            "tie_word_embeddings": false,
        });
        Self { config, batch }
    }

    pub fn name(&self) -> String {
        let [hidden, layers, vocabulary] =
            ["hidden_size", "num_hidden_layers", "vocab_size"].map(|key| &self.config[key]);
        format!("hidden {hidden}, {layers} layers, vocabulary {vocabulary}, {} x {}", self.batch[0], self.batch[1])
    }

    /// Seconds of the fastest of so many steps, and how many parameters they train.
    pub fn train(&self, steps: usize) -> (f64, usize) {
        let config = Config::read(self.config.to_string().as_bytes()).expect("a configuration");
        let lora = Lora {
            rank: RANK,
            alpha: 2.0 * RANK as f64,
            rank_stabilised: false,
            dropout: 0.0,
            targets: Targets::AllLinear,
        };
        let base = Llama::init(config, Precision::F32, &Seed::new(0), &Device::flex().autodiff());
        let mut model = base.adapt(&lora, &Seed::new(1)).expect("an adaptation");
        let trained = model.factors_mut().iter().map(|(_, factor)| factor.val().shape().num_elements()).sum();
        let [sequences, time] = self.batch;
        let sight = model.config().whole(sequences, time);
        let mut stream = Seed::new(2).stream();
        let words = model.config().vocab_size as u32;
        let tokens: Vec<u32> = (0..sequences * time).map(|_| stream.below(words)).collect();
        // As transformers': each token but the first of a sequence is what follows the one before.
        let ends = |row: usize| (row + 1).is_multiple_of(time);
        let targets: Vec<u32> = (0..tokens.len()).map(|row| if ends(row) { 0 } else { tokens[row + 1] }).collect();
        let weight = 1.0 / (sequences * (time - 1)) as f32;
        let weights: Vec<f32> = (0..tokens.len()).map(|row| if ends(row) { 0.0 } else { weight }).collect();
        let mut optimiser = AdamW::default();
        let mut fastest = f64::INFINITY;
        for _ in 0..steps {
            let begin = Instant::now();
            let asked = Sequences { tokens: tokens.clone(), sight: sight.clone() };
            let loss = model.loss(&asked, &targets, &weights, &Mode::ADAPTED);
            let gradients = Gradients::of(loss, &model).clipped(1.0).0;
            model = optimiser.step(model, gradients, 1e-3);
            fastest = fastest.min(begin.elapsed().as_secs_f64());
        }
        (fastest, trained)
    }
}
