//! What to change where a fine-tuning does not fit.

use super::estimate::{Optimiser, Place, Setup, estimate};
use crate::model::llama::{Bits, Config, Lora, Precision, Targets, Tuning};

/// One change of the settings.
#[derive(Clone, Debug)]
pub struct Change {
    /// The setting as a file has it.
    pub setting: String,
    /// What it costs, as a phrase.
    pub price: &'static str,
    /// Bytes at the peak that it saves by itself.
    pub saves: u64,
    /// Whether it is enough by itself.
    pub suffices: bool,
    setup: Setup,
}

/// Changes that save anything, the most first.
pub fn changes(config: &Config, setup: &Setup, room: u64) -> Vec<Change> {
    let peak = estimate(config, setup).peak();
    let mut changes: Vec<Change> = candidates(setup)
        .into_iter()
        .map(|(setting, price, setup)| {
            let own = estimate(config, &setup).peak();
            Change { setting, price, saves: peak.saturating_sub(own), suffices: own <= room, setup }
        })
        .filter(|change| change.saves > 0)
        .collect();
    changes.sort_by_key(|change| core::cmp::Reverse(change.saves));
    changes
}

/// Settings that fit, by one change after the other: each time the mildest that saves a tenth of what is missing, or the
/// one that saves most. `None` if nothing more can be saved before it fits.
pub fn together(config: &Config, setup: &Setup, room: u64) -> Option<Vec<String>> {
    let (mut setup, mut made) = (setup.clone(), Vec::new());
    loop {
        let missing = estimate(config, &setup).peak().saturating_sub(room);
        if missing == 0 {
            return Some(made);
        }
        let mut found = changes(config, &setup, room);
        let order: Vec<String> = candidates(&setup).into_iter().map(|(setting, ..)| setting).collect();
        found.sort_by_key(|change| {
            let is_little = change.saves < missing.div_ceil(10);
            (is_little, order.iter().position(|setting| *setting == change.setting))
        });
        if found.first()?.saves < missing.div_ceil(10) {
            found.sort_by_key(|change| core::cmp::Reverse(change.saves));
        }
        let change = found.into_iter().next()?;
        let key = |setting: &str| setting.split(" =").next().map(str::to_owned);
        made.retain(|own: &String| key(own) != key(&change.setting));
        made.push(change.setting);
        setup = change.setup;
    }
}

/// Changes that can be made, the mildest first.
fn candidates(setup: &Setup) -> Vec<(String, &'static str, Setup)> {
    let mut found = Vec::new();
    let mut offer = |setting: String, price, change: &dyn Fn(&mut Setup)| {
        let mut changed = setup.clone();
        change(&mut changed);
        found.push((setting, price, changed));
    };
    if !setup.pass.checkpoints_blocks {
        let price = "a third more time, the same result";
        offer("training.checkpoint_blocks = true".to_owned(), price, &|setup| setup.pass.checkpoints_blocks = true);
    }
    if setup.micro_batch > 1 {
        let half = setup.micro_batch / 2;
        offer(format!("training.micro_batch = {half}"), "fewer sequences at once, the same steps", &|setup| {
            setup.micro_batch = half;
        });
    }
    if setup.place == Place::Cpu && setup.threads.min(setup.batch.div_ceil(setup.micro_batch)) > 1 {
        let price = "fewer cores at work, the same result";
        offer("training.threads = 1".to_owned(), price, &|setup| setup.threads = 1);
    }
    if setup.storage == Precision::F32.into() {
        let price = "the base rounded to 8 significant bits";
        offer("precision = \"bf16\"".to_owned(), price, &|setup| setup.storage = Precision::BF16.into());
    }
    if matches!(setup.tuning, Tuning::Lora(_) | Tuning::Ia3) && setup.storage != Bits::Four.into() {
        let next = if setup.storage.bits().is_none() { Bits::Eight } else { Bits::Four };
        let change = format!("precision = \"{}\"", next.name());
        offer(change, "the base rounded further", &|setup| setup.storage = next.into());
    }
    if setup.optimiser == Optimiser::AdamW {
        offer("training.optimiser = \"adafactor\"".to_owned(), "another optimiser", &|setup| {
            setup.optimiser = Optimiser::Adafactor;
        });
    }
    if setup.sequence > 128 {
        let half = setup.sequence / 2;
        offer(format!("data.sequence = {half}"), "longer texts are cut", &|setup| setup.sequence = half);
    }
    match &setup.tuning {
        Tuning::Full | Tuning::Top(_) => {
            let lora = Lora { rank: 16, alpha: 16.0, targets: Targets::AllLinear, ..Lora::default() };
            offer("tuning.method = \"lora\"".to_owned(), "adapters of rank 16 in place of the base", &|setup| {
                setup.tuning = Tuning::Lora(lora.clone());
            });
        }
        Tuning::Lora(lora) if lora.rank > 1 => {
            let half = lora.rank / 2;
            offer(format!("tuning.rank = {half}"), "fewer trained parameters", &|setup| {
                setup.tuning = Tuning::Lora(Lora { rank: half, ..lora.clone() });
            });
        }
        _ => {}
    }
    found
}

impl Place {
    /// That of a device's name in settings.
    pub fn named(device: &str) -> Self {
        if device == "cpu" { Self::Cpu } else { Self::Gpu }
    }
}
