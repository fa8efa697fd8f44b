//! `lethe llama memory`.

use std::path::Path;

use serde_json::{Value, json};

use super::estimate::{Estimate, Optimiser, Place, Setup, estimate};
use super::{changes, measured, parameters, preset, presets, table, together, trained};
use crate::error::{Problem, Problems};
use crate::model::llama::{Config, Lora, Targets, Tuning};
use crate::native::cli::Failure;
use crate::native::llama::held::Held;
use crate::native::run;
use crate::train::language::Pass;

/// Arguments of `lethe llama memory`.
#[derive(clap::Args)]
pub struct Arguments {
    /// A published model's name, a model's folder, or its config.json.
    #[arg(value_name = "MODEL", required_unless_present = "table")]
    model: Option<String>,
    /// Print which micro-batch fits on which card, as Markdown.
    #[arg(long, exclusive = true)]
    table: bool,
    /// What is trained.
    #[arg(long, value_enum, default_value_t = Method::Lora)]
    method: Method,
    #[arg(long, value_name = "R", default_value_t = 16)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=65_536))]
    rank: u32,
    /// How the base is held: f32, f16, bf16, q8 or q4.
    #[arg(long, default_value = "bf16", value_parser = precision)]
    precision: Held,
    /// Tokens of a sequence.
    #[arg(long, value_name = "N", default_value_t = table::SEQUENCE as u32)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
    sequence: u32,
    /// Sequences at once.
    #[arg(long, value_name = "N", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1 << 16))]
    micro_batch: u32,
    /// Sequences of a step; as many as at once, if nothing is said.
    #[arg(long, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
    batch: Option<u32>,
    /// On the CPU: micro-batches that are computed side by side; as many as there are cores, if nothing is said.
    #[arg(long, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=4096))]
    threads: Option<u32>,
    /// Compute blocks again on the way back.
    #[arg(long)]
    checkpoint_blocks: bool,
    #[arg(long, value_enum, default_value_t = OptimiserChoice::Adamw)]
    optimiser: OptimiserChoice,
    /// Where it is trained.
    #[arg(long, value_enum, default_value_t = PlaceChoice::Gpu)]
    device: PlaceChoice,
    /// Memory of the device; says what to change where it is not enough.
    #[arg(long, value_name = "GIB")]
    room: Option<f64>,
    /// Train two steps with random weights and tell what they took; on the CPU, with AdamW.
    #[arg(long)]
    measure: bool,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Method {
    Lora,
    Full,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum OptimiserChoice {
    Adamw,
    Adafactor,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum PlaceChoice {
    Cpu,
    Gpu,
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn precision(name: &str) -> Result<Held, String> {
    Held::named(name).ok_or_else(|| format!("accepted: {}", Held::ALL.map(Held::name).join(", ")))
}

/// Tells what a fine-tuning needs, before anything is loaded.
///
/// # Errors
/// A model that is not known, or that cannot be measured.
pub fn memory(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.table {
        say!("{}", table::table().trim_end());
        return Ok(());
    }
    let config = config(arguments.model.as_deref().unwrap_or_default())?;
    let setup = arguments.setup();
    if arguments.measure && arguments.device != PlaceChoice::Cpu {
        let accepted = "nothing without --device cpu: only steps on the CPU are measured";
        return Err(Problems(vec![Problem::new("--measure", "given", accepted)]).into());
    }
    let estimate = estimate(&config, &setup);
    let measured = if arguments.measure { Some(measured(&config, &setup)?) } else { None };
    if arguments.json {
        let parts: serde_json::Map<String, Value> =
            estimate.parts.iter().map(|(part, bytes)| (part.name().to_owned(), (*bytes).into())).collect();
        let object = json!({
            "parameters": parameters(&config), "trained_parameters": trained(&config, &setup.tuning),
            "parts": parts, "peak": estimate.peak(), "measured": measured,
            "room": arguments.room().map(|room| advice(&config, &setup, room)),
        });
        say!("{}", run::json(&object)?);
        return Ok(());
    }
    say!("{} parameters, {} trained", parameters(&config), trained(&config, &setup.tuning));
    tell(&estimate);
    if let Some(bytes) = measured {
        say!("{:<20}{:>9}", "measured", gibibytes(bytes));
    }
    if let Some(room) = arguments.room() {
        advise(&config, &setup, room);
    }
    Ok(())
}

/// What [`advise`] says, for a program.
fn advice(config: &Config, setup: &Setup, room: u64) -> Value {
    let changes = changes(config, setup, room).into_iter();
    let changes: Vec<Value> = changes
        .map(|change| {
            json!({
                "setting": change.setting, "saves": change.saves, "suffices": change.suffices, "price": change.price,
            })
        })
        .collect();
    let fits = estimate(config, setup).peak() <= room;
    json!({ "bytes": room, "fits": fits, "changes": changes, "together": together(config, setup, room) })
}

impl Arguments {
    /// In bytes.
    fn room(&self) -> Option<u64> {
        self.room.map(|room| (room * f64::from(1 << 30)) as u64)
    }

    fn setup(&self) -> Setup {
        let rank = self.rank as usize;
        let targets = Targets::AllLinear;
        Setup {
            storage: self.precision.storage(),
            tuning: match self.method {
                Method::Full => Tuning::Full,
                Method::Lora => Tuning::Lora(Lora { rank, targets, ..Lora::default() }),
            },
            optimiser: match self.optimiser {
                OptimiserChoice::Adamw => Optimiser::AdamW,
                OptimiserChoice::Adafactor => Optimiser::Adafactor,
            },
            sequence: self.sequence as usize,
            micro_batch: self.micro_batch as usize,
            batch: self.batch.unwrap_or(self.micro_batch) as usize,
            threads: self.threads.map_or_else(cores, |threads| threads as usize),
            pass: Pass { checkpoints_blocks: self.checkpoint_blocks, ..Pass::default() },
            place: if self.device == PlaceChoice::Cpu { Place::Cpu } else { Place::Gpu },
        }
    }
}

/// The shape that a name, a folder or a file stands for.
fn config(model: &str) -> Result<Config, Failure> {
    if let Some(config) = preset(model) {
        return Ok(config);
    }
    let path = Path::new(model);
    if !path.exists() {
        let accepted = format!("a folder, a config.json, or one of {}", presets().join(", "));
        return Err(Problems(vec![Problem::new("model", model, accepted)]).into());
    }
    let file = if path.is_dir() { path.join("config.json") } else { path.to_owned() };
    Ok(Config::read(&crate::native::llama::folder::file(&file)?)?)
}

/// Tells an estimate part by part.
pub fn tell(estimate: &Estimate) {
    for (part, bytes) in estimate.parts.iter().filter(|(_, bytes)| *bytes > 0) {
        say!("{:<20}{:>9}", part.name(), gibibytes(*bytes));
    }
    say!("{:<20}{:>9}   an estimate: passes and updates take turns", "at the peak", gibibytes(estimate.peak()));
}

/// Tells what to change so that a fine-tuning fits in so many bytes.
pub fn advise(config: &Config, setup: &Setup, room: u64) {
    let peak = estimate(config, setup).peak();
    if peak <= room {
        say!("it fits in {}", gibibytes(room));
        return;
    }
    say!("it does not fit in {}: {} are missing", gibibytes(room), gibibytes(peak - room));
    for change in changes(config, setup, room) {
        let enough = if change.suffices { ", enough by itself" } else { "" };
        say!("  {:<34} saves {:>9}{enough} ({})", change.setting, gibibytes(change.saves), change.price);
    }
    match together(config, setup, room) {
        Some(made) => say!("enough together: {}", made.join(", ")),
        None => say!("no such changes are enough together"),
    }
}

/// Bytes in GiB; fewer than one in MiB.
pub fn gibibytes(bytes: u64) -> String {
    match bytes >> 30 {
        0 => format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20)),
        _ => format!("{:.2} GiB", bytes as f64 / f64::from(1 << 30)),
    }
}
