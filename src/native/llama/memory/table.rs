//! The README's table: which micro-batch fits on which card.

use super::estimate::{Optimiser, Place, Setup, estimate};
use super::preset::preset;
use crate::model::llama::{Config, Lora, Precision, Targets, Tuning};
use crate::train::language::Pass;

/// Memory of cards as they are sold, GB; of each so many GiB are a program's.
const CARDS: [(u32, f64); 4] = [(24, 23.5), (40, 39.4), (80, 79.1), (141, 139.0)];

const MODELS: [&str; 5] = ["Llama-3.2-1B", "Llama-3.2-3B", "Llama-2-7B", "Llama-3-8B", "Llama-2-13B"];

/// Tokens of a sequence in the table.
pub const SEQUENCE: usize = 1_024;

/// The largest micro-batch that is looked for.
const MOST: usize = 64;

/// The table as Markdown: the largest power of two that fits, without block checkpointing / with it.
pub fn table() -> String {
    let mut text = "| base in bf16, AdamW | trained |".to_owned();
    CARDS.iter().for_each(|(sold, _)| text.push_str(&format!(" {sold} GB |")));
    text.push_str("\n|---|---|");
    CARDS.iter().for_each(|_| text.push_str("---|"));
    for name in MODELS {
        let config = preset(name).expect("the table's models are known");
        for (method, tuning) in methods() {
            text.push_str(&format!("\n| {name} | {method} |"));
            for (_, room) in CARDS {
                let most = [false, true].map(|checkpoints| shown(largest(&config, &tuning, checkpoints, room)));
                text.push_str(&format!(" {} |", most.join(" / ")));
            }
        }
    }
    text.push('\n');
    text
}

fn methods() -> [(&'static str, Tuning); 3] {
    let lora = |rank| {
        let targets = Targets::AllLinear;
        Tuning::Lora(Lora { rank, targets, ..Lora::default() })
    };
    [("LoRA r = 16, all-linear", lora(16)), ("LoRA r = 64, all-linear", lora(64)), ("all parameters", Tuning::Full)]
}

fn shown(micro_batch: Option<usize>) -> String {
    micro_batch.map_or_else(|| "–".to_owned(), |count| count.to_string())
}

/// The largest power of two of sequences that fits in so many GiB.
fn largest(config: &Config, tuning: &Tuning, checkpoints_blocks: bool, room: f64) -> Option<usize> {
    let fits = |micro_batch: &usize| {
        let setup = Setup {
            storage: Precision::BF16.into(),
            tuning: tuning.clone(),
            optimiser: Optimiser::AdamW,
            sequence: SEQUENCE,
            micro_batch: *micro_batch,
            batch: 2 * MOST,
            threads: 1,
            pass: Pass { checkpoints_blocks, ..Pass::default() },
            place: Place::Gpu,
        };
        estimate(config, &setup).peak() as f64 <= room * f64::from(1 << 30)
    };
    core::iter::successors(Some(1), |count| Some(2 * count)).take_while(|count| *count <= MOST).take_while(fits).last()
}
