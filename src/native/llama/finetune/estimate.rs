//! What memory a run needs, before anything is loaded.

use super::settings::{OptimiserName, Settings};
use super::weights::Trained;
use crate::model::llama::{Config, Method};
use crate::native::cli::{DeviceChoice, Failure};
use crate::native::llama::memory;
use crate::native::llama::memory::{Optimiser, Place, Setup, estimate, trained};
use crate::train::language::Pass;

/// The settings that memory depends on.
///
/// # Errors
/// Settings that no adaptation can have.
pub fn setup(settings: &Settings) -> Result<Setup, Failure> {
    let training = &settings.training;
    let tuning = match Trained::of(settings)? {
        Trained::Full(_) => crate::model::llama::Tuning::Full,
        Trained::Adapter(config) => match config.method {
            Method::Lora(lora) => crate::model::llama::Tuning::Lora(lora),
            Method::Ia3(_) => crate::model::llama::Tuning::Ia3,
        },
    };
    Ok(Setup {
        storage: settings.precision.storage(),
        tuning,
        optimiser: match training.optimiser {
            OptimiserName::AdamW => Optimiser::AdamW,
            OptimiserName::Adafactor => Optimiser::Adafactor,
        },
        sequence: settings.data.sequence,
        micro_batch: training.micro_batch,
        batch: training.batch,
        threads: match training.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        },
        pass: Pass { checkpoints_blocks: training.checkpoint_blocks, rows: training.loss_rows },
        place: if settings.device == DeviceChoice::Cpu { Place::Cpu } else { Place::Gpu },
    })
}

/// Tells the estimate of a run part by part, and what to change where it does not fit into `room` bytes.
///
/// # Errors
/// Those of [`setup`].
pub fn tell(config: &Config, settings: &Settings, room: Option<u64>) -> Result<(), Failure> {
    let setup = setup(settings)?;
    say!("{} parameters, {} trained", memory::parameters(config), trained(config, &setup.tuning));
    memory::tell(&estimate(config, &setup));
    if let Some(room) = room {
        memory::advise(config, &setup, room);
    }
    Ok(())
}

/// The same in a few lines of standard error, before a run.
///
/// # Errors
/// Those of [`setup`].
pub fn warn(config: &Config, settings: &Settings, room: Option<u64>) -> Result<(), Failure> {
    let setup = setup(settings)?;
    let estimate = estimate(config, &setup);
    let large = estimate.parts.iter().filter(|(_, bytes)| *bytes >= 1 << 20);
    let parts: Vec<String> =
        large.map(|(part, bytes)| format!("{} {}", part.name(), memory::gibibytes(*bytes))).collect();
    let peak = estimate.peak();
    eprintln!("memory, estimated: {} at the peak ({})", memory::gibibytes(peak), parts.join(", "));
    if let Some(room) = room.filter(|&room| room < peak) {
        eprintln!("warning: there are {}; what would save memory:", memory::gibibytes(room));
        for change in memory::changes(config, &setup, room) {
            eprintln!("  {} saves {} ({})", change.setting, memory::gibibytes(change.saves), change.price);
        }
    }
    Ok(())
}
