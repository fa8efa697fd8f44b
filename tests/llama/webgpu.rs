//! The same model by wgpu, natively: on whatever adapter there is. Ignored unless asked for, because a test that finds
//! no adapter has shown nothing: `cargo test --test llama -- --ignored`.

use burn_tensor::{Device, DeviceKind};
use lethe::model::llama::{Llama, Lora, Mode, Sequences, Targets, Tuning};
use lethe::train::language::Pass;

use super::curve::trained;
use super::golden::{GOLDEN, assert_near, numbers, tokens, tuned, values};
use super::logits::found;

/// WebGPU's exponentials are its own.
const TOLERANCE: f64 = 1e-5;

#[test]
#[ignore = "needs a GPU, or Mesa's llvmpipe"]
fn models_of_every_shape_say_the_same_on_webgpu() {
    let device = Device::wgpu(DeviceKind::DefaultDevice);
    for case in GOLDEN["logits"].as_array().unwrap() {
        assert_near(&found(case, &device), &numbers(&case["logits"]), TOLERANCE, case["name"].as_str().unwrap());
    }
}

#[test]
#[ignore = "needs a GPU, or Mesa's llvmpipe"]
fn ten_steps_on_webgpu_go_as_those_of_torch() {
    let (losses, sizes, _) = trained(&Device::wgpu(DeviceKind::DefaultDevice).autodiff(), 10);
    assert_near(&losses, &numbers(&GOLDEN["curve"]["losses"])[..10], 1e-4, "losses");
    assert_near(&sizes, &numbers(&GOLDEN["curve"]["gradient_norms"])[..10], 1e-3, "lengths of gradients");
}

#[test]
#[ignore = "needs a GPU, or Mesa's llvmpipe"]
fn gradients_of_sequences_of_every_kind_are_those_of_the_cpu_on_webgpu() {
    let tuning = Tuning::Lora(Lora { rank: 4, targets: Targets::AllLinear, ..Lora::default() });
    let grouped = &GOLDEN["gradients"][0]["config"];
    let mut single = grouped.clone();
    single["num_key_value_heads"] = single["num_attention_heads"].clone();
    for config in [grouped, &single] {
        let model = |device: Device| tuned(config, &tuning, &device.autodiff());
        agree(model(Device::flex()), model(Device::wgpu(DeviceKind::DefaultDevice)));
    }
}

/// Fails unless two models have the same losses and gradients, of sequences of every kind.
fn agree(cpu: Llama, gpu: Llama) {
    let kinds: [&[&[usize]]; 5] =
        [&[&[9], &[9]], &[&[7, 2], &[4]], &[&[20, 11]], &[&[32], &[17]], &[&[5], &[20, 12], &[31]]];
    for lengths in kinds {
        let time = lengths.iter().map(|texts| texts.iter().sum()).max().unwrap();
        let lengths: Vec<Vec<usize>> = lengths.iter().map(|texts| texts.to_vec()).collect();
        let rows = lengths.len() * time;
        let found = |model: &Llama, pass: Pass| {
            let sequences =
                Sequences { tokens: tokens("kinds", rows), sight: model.config().packed(&lengths, time, false) };
            let weights: Vec<f32> = (0..rows).map(|row| if row % 7 == 0 { 0.0 } else { 0.1 }).collect();
            let (loss, gradients) = pass.run(model, &sequences, &tokens("next", rows), &weights, &Mode::ADAPTED);
            let gradients = gradients.iter().map(|(name, gradient)| (name.to_owned(), values(gradient.clone())));
            (values(loss), gradients.collect::<Vec<_>>())
        };
        for pass in [Pass::default(), Pass { checkpoints_blocks: true, rows: 5 }] {
            let [one, other] = [found(&cpu, pass), found(&gpu, pass)];
            assert_near(&other.0, &one.0, TOLERANCE, &format!("{lengths:?}: the loss"));
            for ((name, expected), (_, found)) in one.1.iter().zip(&other.1) {
                assert_near(found, expected, 1e-4, &format!("{lengths:?}, {pass:?}: {name}"));
            }
        }
    }
}
