//! Steps of a fine-tuning, for what they really take.

use super::estimate::{self, Setup};
use crate::model::llama::{Config, Device, Llama, Sequences};
use crate::native::cli::Failure;
use crate::seed::Seed;
use crate::train::language::{Adafactor, AdamW, FineTuning, FineTuningRecipe, MicroBatch, Optimiser, Rate, Shape};

/// Steps that are made: from the second on, all that is held is there.
const STEPS: u32 = 2;

/// Trains a model of this shape, its weights random, for two steps on the CPU: the most that this process has held, in
/// bytes.
///
/// # Errors
/// Settings that no tuning can have, or a system that does not tell.
pub fn measured(config: &Config, setup: &Setup) -> Result<u64, Failure> {
    let seed = Seed::new(0);
    let model = Llama::init(config.clone(), setup.storage, &seed, &Device::flex().autodiff());
    let optimiser = match setup.optimiser {
        estimate::Optimiser::AdamW => Optimiser::AdamW(AdamW::default()),
        estimate::Optimiser::Adafactor => Optimiser::Adafactor(Adafactor::default()),
    };
    let mut tuning = FineTuning::new(model.tune(&setup.tuning, &seed)?, optimiser, 0);
    let recipe = FineTuningRecipe {
        rate: Rate { peak: 1e-4, warm_up: 0, steps: STEPS, shape: Shape::Constant, floor: 0.0 },
        clip: Some(1.0),
        pass: setup.pass,
        dropout: seed.fork("dropout"),
        threads: setup.threads,
        diverged_above: f64::INFINITY,
    };
    let mut stream = seed.fork("tokens").stream();
    for _ in 0..STEPS {
        let starts = (0..setup.batch).step_by(setup.micro_batch);
        let batches = starts.map(|from| {
            let sequences = setup.micro_batch.min(setup.batch - from);
            let positions = sequences * setup.sequence;
            let mut drawn = || (0..positions).map(|_| stream.below(config.vocab_size as u32)).collect();
            MicroBatch {
                sequences: Sequences { tokens: drawn(), sight: config.whole(sequences, setup.sequence) },
                targets: drawn(),
                weights: vec![1.0; positions],
            }
        });
        tuning.step(&recipe, batches.collect());
    }
    peak()
}

/// The most memory that this process has held, in bytes.
fn peak() -> Result<u64, Failure> {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|rest| rest.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    let unknown = || Failure::Other("this system does not tell what a process has held (/proc/self/status)".to_owned());
    kibibytes.map(|kibibytes| kibibytes << 10).ok_or_else(unknown)
}
