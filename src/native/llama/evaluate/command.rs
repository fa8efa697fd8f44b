//! `lethe llama evaluate`.

use core::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use clap::ValueEnum as _;
use indicatif::{ProgressBar, ProgressStyle};
use ndarray::Array2;
use ndarray_npy::WriteNpyExt as _;
use serde::Serialize;
use toml::Table;

use super::asking::Evaluation;
use super::keys::Keys;
use super::rows::{shown, wrong};
use super::settings::{MOST, Settings};
use super::table;
use crate::error::{Problem, Problems};
use crate::experiments::llama::Measures;
use crate::model::llama::{Device, Llama, Mode, PEFT_FILES as ADAPTER, PeftConfig, Weights};
use crate::native::cli::{DeviceChoice, Failure};
use crate::native::llama::Tokenizer;
use crate::native::llama::finetune::{STEPS, device as device_of};
use crate::native::llama::folder::{Folder, file};
use crate::native::llama::held::Held;
use crate::native::{files, run};

/// The file of results, in the folder `out`.
pub const DOCUMENT: &str = "evaluation.json";

/// Arguments of `lethe llama evaluate`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Settings: model, adapters or models, and the table [evaluation].
    #[arg(value_name = "CONFIG.toml")]
    config: PathBuf,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    json: bool,
}

/// What a settings file names beside `[evaluation]`.
struct Named {
    model: PathBuf,
    device: Device,
    precision: Held,
    checkpoints: Vec<Checkpoint>,
    out: Option<PathBuf>,
    evaluation: Table,
}

/// A tuned model.
struct Checkpoint {
    name: String,
    /// Steps of fine-tuning, where the folder's name tells.
    step: Option<u64>,
    kind: Kind,
}

enum Kind {
    /// The base itself.
    Base,
    /// A PEFT folder.
    Adapter(PathBuf),
    /// A whole model's folder.
    Model(PathBuf),
}

/// What was measured of one checkpoint.
#[derive(Serialize)]
struct Measured {
    name: String,
    step: Option<u64>,
    measures: Measures,
}

/// What is written and printed.
#[derive(Serialize)]
struct Document<'a> {
    build: &'static str,
    model: String,
    precision: &'static str,
    checkpoints: &'a [Measured],
}

/// Measures every checkpoint that the settings name beside the base; the base itself where they name none.
///
/// # Errors
/// Wrong settings or files, a model that is none, or a file that cannot be written.
pub fn evaluate(arguments: &Arguments) -> Result<(), Failure> {
    let table = files::settings(&arguments.config)?;
    let named = Named::read(&table)?;
    named.check_places()?;
    let folder = Folder::open(&named.model)?;
    let tokenizer = Tokenizer::open(&named.model)?;
    let evaluation = Evaluation::open(&named.evaluation, &tokenizer, &folder.config)?;
    let base = folder.model(named.precision.storage(), &named.device)?;
    let bar = Bar::new();
    let answers = evaluation.ask((&base, &Mode::BASE), &mut |part, done, of| bar.tell("base", part, done, of))?;
    let mut measured: Vec<Measured> = Vec::new();
    for checkpoint in &named.checkpoints {
        let (model, mode) = checkpoint.model(&base, named.precision, &named.device)?;
        let told = &mut |part: &str, done: usize, of: usize| bar.tell(&checkpoint.name, part, done, of);
        let measures = evaluation.measure(&answers, (&base, &Mode::BASE), (&model, &mode), told)?;
        bar.hide();
        if !arguments.json {
            say!("{}", checkpoint.name);
            table::lines(&measures).iter().for_each(|line| say!("{line}"));
            table::texts(&measures.generations, named.out.as_deref()).iter().for_each(|line| say!("{line}"));
        }
        measured.push(Measured { name: checkpoint.name.clone(), step: checkpoint.step, measures });
        let document = Document {
            build: crate::record::BUILD,
            model: named.model.display().to_string(),
            precision: named.precision.name(),
            checkpoints: &measured,
        };
        let text = run::json(&document)?;
        if let Some(out) = &named.out {
            let path = out.join(DOCUMENT);
            let failed = |error| Failure::Other(format!("cannot write {}: {error}", path.display()));
            fs::create_dir_all(out).and_then(|()| files::replace(&path, text.as_bytes())).map_err(failed)?;
        }
        if arguments.json && measured.len() == named.checkpoints.len() {
            say!("{text}");
        }
    }
    leave_losses(&evaluation, &measured)
}

/// The matrix of losses, nats a token: a row for the base, then one for each checkpoint; a column for each example.
fn leave_losses(evaluation: &Evaluation<'_>, measured: &[Measured]) -> Result<(), Failure> {
    let Some(path) = evaluation.losses_out() else { return Ok(()) };
    let losses: Vec<_> = measured.iter().filter_map(|checkpoint| checkpoint.measures.losses.as_ref()).collect();
    let rows = losses.first().map(|first| &first.base).into_iter().chain(losses.iter().map(|losses| &losses.tuned));
    let rows: Vec<&Vec<f64>> = rows.collect();
    let failed = |why: String| Failure::Other(format!("cannot write {}: {why}", path.display()));
    let columns = rows.first().map_or(0, |row| row.len());
    let matrix = Array2::from_shape_vec((rows.len(), columns), rows.into_iter().flatten().copied().collect());
    let mut bytes = Vec::new();
    matrix
        .map_err(|error| failed(error.to_string()))?
        .write_npy(&mut bytes)
        .map_err(|error| failed(error.to_string()))?;
    files::write(path, &bytes)
}

impl Named {
    /// That results can be written where they are wanted, before anything is measured.
    fn check_places(&self) -> Result<(), Problems> {
        let losses = self.evaluation.get("losses").and_then(|losses| losses.get("out")?.as_str());
        let places = [
            ("settings.out", self.out.as_ref().map(|out| out.join(DOCUMENT))),
            ("evaluation.losses.out", losses.map(PathBuf::from)),
        ];
        let mut problems = Vec::new();
        for (field, path) in places {
            let Some(path) = path else { continue };
            if let Err(error) = files::check_writable(&path) {
                problems.push(Problem::new(field, &shown(&path), format!("a place that can be written ({error})")));
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(Problems(problems)) }
    }

    fn read(table: &Table) -> Result<Self, Failure> {
        let problems = RefCell::new(Vec::new());
        let mut keys = Keys::of("settings", table, &problems);
        // What fine-tuning reads of the same file.
        for key in ["seed", "tuning", "data", "replay", "training"] {
            keys.get(key);
        }
        let model = keys.text("model").unwrap_or_else(|| {
            keys.wrong("model", "a model's folder, as Hugging Face's are downloaded");
            String::new()
        });
        let precision = keys.text("precision").map_or(Some(Held::F32), |name| Held::named(&name));
        if precision.is_none() {
            keys.wrong("precision", format!("one of {}", Held::ALL.map(Held::name).join(", ")));
        }
        let device = keys.text("device").map_or(Ok(DeviceChoice::Cpu), |name| DeviceChoice::from_str(&name, false));
        if device.is_err() {
            keys.wrong(
                "device",
                format!(
                    "one of {}",
                    DeviceChoice::value_variants().iter().map(|one| one.name()).collect::<Vec<_>>().join(", ")
                ),
            );
        }
        let mut checkpoints = Vec::new();
        for folder in folders(&mut keys, "adapters") {
            checkpoints.extend(adapters(&keys, &folder));
        }
        for folder in folders(&mut keys, "models") {
            checkpoints.push(Checkpoint::new(&folder, Kind::Model(folder.clone())));
        }
        name_apart(&mut checkpoints);
        if checkpoints.is_empty() {
            checkpoints.push(Checkpoint { name: "base".to_owned(), step: None, kind: Kind::Base });
        }
        let out = keys.text("out").map(PathBuf::from);
        let evaluation = match keys.get("evaluation") {
            Some(toml::Value::Table(table)) => {
                // How much text the model sees at most is told by its folder, and checked once that is open.
                Settings::gather(table, MOST, &problems);
                table.clone()
            }
            _ => {
                keys.wrong("evaluation", "a table");
                Table::new()
            }
        };
        keys.finish();
        let problems = problems.into_inner();
        match (problems.is_empty(), precision, device) {
            (true, Some(precision), Ok(choice)) => {
                let device = device_of(choice)?;
                Ok(Self { model: model.into(), device, precision, checkpoints, out, evaluation })
            }
            _ => Err(Problems(problems).into()),
        }
    }
}

fn folders(keys: &mut Keys<'_>, key: &'static str) -> Vec<PathBuf> {
    let found: Option<Vec<PathBuf>> = match keys.get(key) {
        None => return Vec::new(),
        Some(toml::Value::String(folder)) => Some(vec![folder.into()]),
        Some(toml::Value::Array(list)) => list.iter().map(|folder| folder.as_str().map(PathBuf::from)).collect(),
        Some(_) => None,
    };
    let found = found.filter(|found| found.iter().all(|folder| folder.is_dir()));
    if found.is_none() {
        keys.wrong(key, "a folder or a list of folders that are there");
    }
    found.unwrap_or_default()
}

/// Names of folders alone, where these tell all apart; of the same name, the whole paths.
fn name_apart(checkpoints: &mut [Checkpoint]) {
    let names: Vec<String> = checkpoints.iter().map(|checkpoint| checkpoint.name.clone()).collect();
    for checkpoint in checkpoints {
        if let Kind::Adapter(path) | Kind::Model(path) = &checkpoint.kind
            && names.iter().filter(|name| **name == checkpoint.name).count() > 1
        {
            checkpoint.name = path.display().to_string();
        }
    }
}

/// The adapter of a folder, or those of its folders `checkpoint-N`, by N; of a run of `lethe llama finetune` those of
/// its folders `steps/N`, where it has kept them.
fn adapters(keys: &Keys<'_>, folder: &Path) -> Vec<Checkpoint> {
    if folder.join(ADAPTER[0]).is_file() {
        return vec![Checkpoint::new(folder, Kind::Adapter(folder.to_owned()))];
    }
    let kept = folder.join(STEPS);
    let folder = if kept.is_dir() { &kept } else { folder };
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    let found = entries.filter(|path| path.join(ADAPTER[0]).is_file());
    let mut found: Vec<Checkpoint> = found.map(|path| Checkpoint::new(&path, Kind::Adapter(path.clone()))).collect();
    found.retain(|checkpoint| checkpoint.step.is_some());
    found.sort_by_key(|checkpoint| checkpoint.step);
    if found.is_empty() {
        let accepted = format!("folders with {}, or with folders checkpoint-N or {STEPS}/N that have one", ADAPTER[0]);
        keys.wrong("adapters", accepted);
    }
    found
}

impl Checkpoint {
    fn new(path: &Path, kind: Kind) -> Self {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let is_kept = path.parent().is_some_and(|parent| parent.ends_with(STEPS));
        let step = if is_kept { Some(name.as_str()) } else { name.strip_prefix("checkpoint-") };
        let step = step.and_then(|step| step.parse().ok());
        let name = if is_kept { format!("{STEPS}/{name}") } else { name };
        Self { name, step, kind }
    }

    /// The tuned model and how it is asked.
    fn model(&self, base: &Llama, precision: Held, device: &Device) -> Result<(Llama, Mode), Failure> {
        match &self.kind {
            Kind::Base => Ok((base.clone(), Mode::BASE)),
            Kind::Model(path) => {
                let folder = Folder::open(path)?;
                let vocabulary = base.config().vocab_size;
                if folder.config.vocab_size != vocabulary {
                    let found = format!("{} tokens", folder.config.vocab_size);
                    return Err(wrong(
                        "models",
                        &found,
                        format!("models of the base's vocabulary, {vocabulary} tokens"),
                    ));
                }
                Ok((folder.model(precision.storage(), device)?, Mode::BASE))
            }
            Kind::Adapter(path) => {
                let config = PeftConfig::read(&file(&path.join(ADAPTER[0]))?)?;
                let bytes = file(&path.join(ADAPTER[1]))?;
                let adapted = Weights::read(&[(ADAPTER[1], &bytes[..])])
                    .and_then(|weights| base.clone().with_adapter(&config, &weights));
                let accepted = |fault| wrong("adapters", &shown(path), format!("an adapter of this model ({fault})"));
                Ok((adapted.map_err(accepted)?, Mode::ADAPTED))
            }
        }
    }
}

/// How far a measurement is.
struct Bar(ProgressBar);

impl Bar {
    fn new() -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos} of {len}, {msg}, {eta} left") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Always true: an evaluation goes on.
    fn tell(&self, checkpoint: &str, part: &str, done: usize, of: usize) -> bool {
        let message = format!("{checkpoint}: {part}");
        if self.0.message() != message {
            self.0.reset();
            self.0.set_message(message);
        }
        self.0.set_length(of as u64);
        self.0.set_position(done as u64);
        true
    }

    fn hide(&self) {
        self.0.finish_and_clear();
    }
}
