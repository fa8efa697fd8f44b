//! Gradients are the same whatever a pass keeps.

use burn_tensor::Device;
use lethe::model::llama::{Llama, Lora, Mode, Sequences, Targets, Tuning};
use lethe::seed::Seed;
use lethe::train::language::{Gradients, Pass};
use serde_json::json;

use super::golden::{GOLDEN, adapted, assert_near, tokens, tuned, values};

#[test]
fn checkpointed_blocks_give_the_same_bits() {
    let config = &GOLDEN["gradients"][0]["config"];
    let device = Device::flex().autodiff();
    let tied = {
        let mut config = config.clone();
        config["tie_word_embeddings"] = json!(true);
        config
    };
    let dropping = Lora { rank: 4, dropout: 0.3, targets: Targets::AllLinear, ..Lora::default() };
    let models = [
        ("LoRA with dropout", tuned(config, &Tuning::Lora(dropping), &device)),
        ("IA3", tuned(config, &Tuning::Ia3, &device)),
        ("the last block", tuned(config, &Tuning::Top(1), &device)),
        ("everything", tuned(config, &Tuning::Full, &device)),
        ("everything, embeddings tied", tuned(&tied, &Tuning::Full, &device)),
    ];
    for (name, model) in &models {
        let kept = run(model, Pass { checkpoints_blocks: false, rows: 64 });
        let again = run(model, Pass { checkpoints_blocks: true, rows: 64 });
        assert!(!kept.1.is_empty(), "{name}: something is trained");
        assert_eq!(kept, again, "{name}");
    }
}

#[test]
fn a_loss_taken_in_pieces_is_the_whole_loss() {
    for case in GOLDEN["gradients"].as_array().unwrap() {
        let model = adapted(&case["config"], &case["lora"], &Device::flex().autodiff());
        let (loss, gradients) = whole(&model);
        for rows in [1, 5, 1024] {
            let (found, by_name) = run(&model, Pass { checkpoints_blocks: true, rows });
            assert_near(&[found], &[loss], 1e-6, "loss");
            assert_eq!(gradients.len(), by_name.len());
            for ((name, expected), (_, found)) in gradients.iter().zip(&by_name) {
                assert_near(found, expected, 1e-5, &format!("{}, {rows} rows, {name}", case["name"]));
            }
        }
    }
}

type Found = (f64, Vec<(String, Vec<f64>)>);

fn batch(model: &Llama) -> (Sequences, Vec<u32>, Vec<f32>) {
    let tokens = tokens("pass", 18);
    let targets = (0..18).map(|row| tokens[(row + 1) % 18]).collect();
    let weights = (0..18).map(|row| if row % 9 == 8 || row < 3 { 0.0 } else { 1.0 / 13.0 }).collect();
    (Sequences { tokens, sight: model.config().whole(2, 9) }, targets, weights)
}

fn mode() -> Mode {
    Mode { adapted: true, dropout: Some(Seed::new(3)) }
}

fn told(loss: f64, gradients: &Gradients) -> Found {
    (loss, gradients.iter().map(|(name, gradient)| (name.to_owned(), values(gradient.clone()))).collect())
}

fn run(model: &Llama, pass: Pass) -> Found {
    let (sequences, targets, weights) = batch(model);
    let (loss, gradients) = pass.run(model, &sequences, &targets, &weights, &mode());
    told(values(loss)[0], &gradients)
}

/// The loss and its gradients by one tape over everything.
fn whole(model: &Llama) -> Found {
    let (sequences, targets, weights) = batch(model);
    let loss = model.loss(&sequences, &targets, &weights, &mode());
    told(values(loss.clone())[0], &Gradients::of(loss, model))
}
