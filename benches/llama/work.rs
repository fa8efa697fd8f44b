//! What is trained.

use std::time::Instant;

use burn_tensor::Device;
use lethe::model::llama::{Config, Llama, Lora, Precision, Sequences, Targets};
use lethe::seed::Seed;
use lethe::train::language::{AdamW, FineTuning, FineTuningRecipe, MicroBatch, Optimiser, Pass, Rate, Shape};
use serde_json::{Value, json};

pub const RANK: usize = 8;

/// A model's configuration, and the sequences and tokens of a batch.
pub struct Work {
    pub config: Value,
    pub batch: [usize; 2],
    /// Steps of a round.
    pub steps: usize,
}

impl Work {
    pub fn new([hidden, heads]: [usize; 2], layers: usize, inner: usize, vocabulary: usize, batch: [usize; 2]) -> Self {
        let config = json!({
            "vocab_size": vocabulary, "hidden_size": hidden, "intermediate_size": inner, "num_hidden_layers": layers,
            "num_attention_heads": heads, "num_key_value_heads": heads, "max_position_embeddings": batch[1],
            "tie_word_embeddings": false,
        });
        let steps = if hidden < 256 { 40 } else { 3 };
        Self { config, batch, steps }
    }

    pub fn name(&self) -> String {
        let [hidden, layers, vocabulary] =
            ["hidden_size", "num_hidden_layers", "vocab_size"].map(|key| &self.config[key]);
        format!("hidden {hidden}, {layers} layers, vocabulary {vocabulary}, {} x {}", self.batch[0], self.batch[1])
    }

    /// Seconds of the fastest step on so many threads, and how many parameters it trains.
    pub fn train(&self, threads: usize) -> (f64, usize) {
        let config = Config::read(self.config.to_string().as_bytes()).expect("a configuration");
        let lora = Lora {
            rank: RANK,
            alpha: 2.0 * RANK as f64,
            rank_stabilised: false,
            dropout: 0.0,
            targets: Targets::AllLinear,
            ..Lora::default()
        };
        let base = Llama::init(config, Precision::F32, &Seed::new(0), &Device::flex().autodiff());
        let mut model = base.adapt(&lora, &Seed::new(1)).expect("an adaptation");
        let trained = model.factors_mut().iter().map(|(_, factor)| factor.val().shape().num_elements()).sum();
        let parts = self.micro_batches(&model, threads);
        let recipe = FineTuningRecipe {
            rate: Rate { peak: 1e-3, warm_up: 0, steps: 1, shape: Shape::Constant, floor: 0.0 },
            clip: Some(1.0),
            pass: Pass::default(),
            dropout: Seed::new(3),
            threads,
            diverged_above: f64::INFINITY,
        };
        let mut tuning = FineTuning::new(model, Optimiser::AdamW(AdamW::default()), 0);
        let mut fastest = f64::INFINITY;
        for _ in 0..self.steps {
            let begin = Instant::now();
            tuning.step(&recipe, parts.clone());
            fastest = fastest.min(begin.elapsed().as_secs_f64());
        }
        (fastest, trained)
    }

    /// The batch, a part of its sequences for each thread.
    fn micro_batches(&self, model: &Llama, threads: usize) -> Vec<MicroBatch> {
        let [sequences, time] = self.batch;
        let mut stream = Seed::new(2).stream();
        let words = model.config().vocab_size as u32;
        let tokens: Vec<u32> = (0..sequences * time).map(|_| stream.below(words)).collect();
        let part = |tokens: &[u32]| {
            // As transformers': each token but the first of a sequence is what follows the one before.
            let ends = |row: usize| (row + 1).is_multiple_of(time);
            let of = |row: usize| if ends(row) { (0, 0.0) } else { (tokens[row + 1], 1.0) };
            let (targets, weights) = (0..tokens.len()).map(of).unzip();
            let sight = model.config().whole(tokens.len() / time, time);
            MicroBatch { sequences: Sequences { tokens: tokens.to_vec(), sight }, targets, weights }
        };
        tokens.chunks(sequences.div_ceil(threads) * time).map(part).collect()
    }
}
