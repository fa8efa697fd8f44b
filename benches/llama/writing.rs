//! Writing on from a prompt, with what was read remembered and without.

use std::time::Instant;

use burn_tensor::Device;
use lethe::model::llama::{Config, Llama, Mode, Precision, greedy, last_logits, likeliest};
use lethe::seed::Seed;
use serde_json::json;

/// Tokens a second by either way, after a prompt of so many tokens.
pub fn rates(prompt: usize, tokens: usize) -> [f64; 2] {
    let config = json!({
        "vocab_size": 32_000, "hidden_size": 768, "intermediate_size": 2_048, "num_hidden_layers": 12,
        "num_attention_heads": 12, "max_position_embeddings": 4_096, "tie_word_embeddings": false,
    });
    let config = Config::read(config.to_string().as_bytes()).expect("a configuration");
    let model = Llama::init(config, Precision::F32, &Seed::new(0), &Device::flex());
    let mut stream = Seed::new(1).stream();
    let prompt: Vec<u32> = (0..prompt).map(|_| stream.below(32_000)).collect();
    let begin = Instant::now();
    let remembered = greedy(&model, &Mode::BASE, core::slice::from_ref(&prompt), tokens, &[]);
    let with = begin.elapsed().as_secs_f64();
    let begin = Instant::now();
    let mut text = prompt.clone();
    for _ in 0..tokens {
        let next = likeliest(&last_logits(&model, &Mode::BASE, core::slice::from_ref(&text))[0]);
        text.push(next);
    }
    let without = begin.elapsed().as_secs_f64();
    // Of random weights, a few tokens may be equally likely but for rounding.
    let equal = remembered[0].iter().zip(&text[prompt.len()..]).take_while(|(a, b)| a == b).count();
    assert!(equal >= tokens / 4, "{equal} of {tokens} tokens are the same");
    [with, without].map(|seconds| tokens as f64 / seconds)
}
