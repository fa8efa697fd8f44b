//! A step of a fine-tuning, for what it really takes.

use super::estimate::{Optimiser, Place, Setup};
use crate::model::llama::{Config, Device, Llama, Mode, Sequences};
use crate::native::cli::Failure;
use crate::seed::Seed;
use crate::train::language::{AdamW, Gradients};

/// Steps that are made: from the second on, all that is held is there.
const STEPS: u32 = 2;

/// Trains a model of this shape, its weights random, for two steps on the CPU with AdamW: the most that this process has
/// held, in bytes.
///
/// # Errors
/// A setup of another device or optimiser, settings that no tuning can have, or a system that does not tell.
pub fn measured(config: &Config, setup: &Setup) -> Result<u64, Failure> {
    if setup.place != Place::Cpu || setup.optimiser != Optimiser::AdamW {
        return Err(Failure::Other("only steps of AdamW on the CPU are measured".to_owned()));
    }
    let seed = Seed::new(0);
    let device = Device::flex().autodiff();
    let model = Llama::init(config.clone(), setup.precision, &seed, &device);
    let mut model = model.tune(&setup.tuning, &seed)?;
    let mut optimiser = AdamW::default();
    let positions = setup.micro_batch * setup.sequence;
    let mut stream = seed.fork("tokens").stream();
    let mut drawn = || (0..positions).map(|_| stream.below(config.vocab_size as u32)).collect::<Vec<u32>>();
    let weights = vec![1.0 / positions as f32; positions];
    for _ in 0..STEPS {
        let mut sum = Gradients::default();
        for _ in 0..if setup.accumulates { 2 } else { 1 } {
            let sequences = Sequences { tokens: drawn(), sight: config.whole(setup.micro_batch, setup.sequence) };
            let (_, gradients) = setup.pass.run(&model, &sequences, &drawn(), &weights, &Mode::ADAPTED);
            sum = sum.plus(gradients);
        }
        model = optimiser.step(model, sum, 1e-4);
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
