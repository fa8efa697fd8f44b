//! `lethe llama finetune`: LoRA or full fine-tuning of a real Llama on the user's own data, measured on the way.

mod checks;
mod defaults;
mod estimate;
mod fitting;
mod folder;
mod generated;
mod measuring;
mod misread;
mod overlap;
mod reading;
mod report;
mod run;
mod settings;
mod weights;

use core::sync::atomic::Ordering;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};

pub use self::folder::{Manifest, REFUSED, State};
use self::folder::{RunFolder, Saved};
use self::generated::Asked;
use self::measuring::Measuring;
use self::reading::{Reading, Sources};
use self::report::About;
pub use self::run::STEPS;
use self::run::{COLUMNS, DIVERGED, MOMENTS, Progress, Run, STOP};
use self::settings::{At, OptimiserName, Settings};
use self::weights::Trained;
use super::evaluate::Evaluation;
use super::folder::Folder;
use super::log::Log;
use super::tokenizer::Tokenizer;
use crate::error::{Problem, Problems};
use crate::experiments::scaling::checkpoints;
use crate::model::llama::{Device, Fault, Llama, Weights};
use crate::native::cli::{DeviceChoice, Failure};
use crate::native::{files, sweep};
use crate::platform::now_millis;
use crate::seed::Seed;
use crate::train::language::{FineTuning, FineTuningRecipe, Optimiser, Pass, Rate};

/// Arguments of `lethe llama finetune`.
#[derive(clap::Args)]
pub struct Arguments {
    /// The settings of the run.
    #[arg(value_name = "CONFIG.toml")]
    config: String,
    /// The run's folder, in place of `out` in the settings.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Change a setting, such as training.steps=20.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Tell what memory the run needs, and no more.
    #[arg(long)]
    estimate: bool,
    /// Print the record as one JSON object and nothing else on standard output.
    #[arg(long)]
    json: bool,
}

/// Runs a fine-tuning, or carries on the one in its folder.
///
/// # Errors
/// Wrong input; a stop that was asked for, with everything saved; what cannot be read or written.
pub fn finetune(arguments: &Arguments) -> Result<(), Failure> {
    let mut table = files::settings(Path::new(&arguments.config))?;
    files::change(&mut table, &arguments.set)?;
    if arguments.estimate {
        let settings = Settings::read(table)?;
        return estimate::tell(&Folder::open(&settings.model)?.config, &settings, room(settings.device));
    }
    let named = arguments.out.clone().or_else(|| table.get("out")?.as_str().map(PathBuf::from));
    let Some(out) = named else {
        return Err(wrong("out", "", "the run's folder, in the settings or after --out"));
    };
    run(&table, &out, arguments.json)
}

/// Carries a run to its end.
///
/// # Errors
/// Those of [`finetune`].
pub fn run(table: &toml::Table, out: &Path, as_json: bool) -> Result<(), Failure> {
    if out.is_file() {
        return Err(wrong("out", &out.display().to_string(), "a folder; this is a file"));
    }
    let was_begun = Manifest::read(out)?.is_some();
    let done = carry_on(table, out, as_json);
    if let (Err(Failure::Input(_)), false) = (&done, was_begun) {
        folder::withdraw(out);
    }
    done
}

fn carry_on(table: &toml::Table, out: &Path, as_json: bool) -> Result<(), Failure> {
    let settings = Settings::read(table.clone())?;
    let device = device(settings.device)?.autodiff();
    fitting::check_precision(&settings, &device)?;
    let trained = Trained::of(&settings)?;
    let base = Folder::open(&settings.model)?;
    let most = base.config.max_position_embeddings;
    if settings.data.sequence > most {
        let accepted = format!("at most {most}, the model's max_position_embeddings");
        return Err(wrong("data.sequence", &settings.data.sequence.to_string(), &accepted));
    }
    let begun = Manifest::read(out)?.map_or_else(|| files::seconds_since_1970().floor(), |manifest| manifest.begun);
    let tokenizer = Tokenizer::open_at(&settings.model, begun * 1e3)?;
    fitting::check_special_tokens(&tokenizer, base.config.vocab_size)?;
    let evaluation = Evaluation::open(&settings.evaluation.what, &tokenizer, &base.config)?;
    let settings = settings.written_out(&evaluation);
    fitting::check_templates(&settings, &tokenizer)?;
    let all = settings.to_toml()?;
    let name = name(&all)?;
    let mut folder = RunFolder::open(out, &name, begun)?;
    if folder.manifest().state == State::Done {
        eprintln!("{} is done", out.display());
        let record = folder.read("record.json")?.filter(|_| as_json);
        record.iter().for_each(|json| say!("{}", String::from_utf8_lossy(json).trim_end()));
        return Ok(());
    }
    estimate::warn(&base.config, &settings, room(settings.device))?;
    stop_when_asked();
    let bar = bar();
    bar.set_message("loading the model");
    let seed = Seed::new(settings.seed);
    let loaded = base.model(settings.precision.storage(), &device)?;
    let generated = match settings.replay.as_ref().and_then(|replay| replay.generated) {
        Some(count) => {
            let asked = Asked { count, tokens: settings.data.sequence - 1, seed: seed.fork("generated replay") };
            Some(generated::texts(&loaded, &tokenizer, &asked, &folder, &bar)?)
        }
        None => None,
    };
    bar.set_message("reading the data");
    let sources = Sources::open(&settings, generated)?;
    let steps = match folder.manifest().steps {
        0 => {
            overlap::check(&settings, &sources, &evaluation, &tokenizer)?;
            sources.steps(&settings, &tokenizer)?
        }
        known => known,
    };
    let parts = [sources.digest(), evaluation.everything(), base.about()];
    fitting::warn_of_steps(&settings.evaluation.at, steps);
    folder.begin(steps, folder::sha256(parts.join("\n").as_bytes()))?;
    eprintln!("{all}");
    folder.write("settings.toml", all.as_bytes())?;
    bar.set_length(u64::from(steps));
    let answers = measuring::answers(&evaluation, &loaded, &folder, &bar)?;
    let apart = match trained {
        Trained::Full(_) if evaluation.forgets() => {
            Some(base.model(settings.precision.storage(), &device.clone().inner())?)
        }
        _ => None,
    };
    let mut optimiser = optimiser(&settings);
    let saved = folder.saved()?;
    let log = {
        let progress = saved.as_ref().map(Progress::read).transpose()?;
        Log::open(out, &COLUMNS, progress.and_then(|progress| progress.logged()))
            .map_err(|failure| folder.resumable(failure))?
    };
    let (model, progress) = match saved {
        None => (trained.begin(loaded, &seed.fork("adapters"))?, Progress::default()),
        Some(files) => resumed(&trained, loaded, &mut optimiser, &files)?,
    };
    let reading = Reading::at(&sources, &settings, steps, &tokenizer, &base.config, progress.place.clone())?;
    let measuring = Measuring::new(evaluation, answers, apart, bar.clone());
    bar.set_position(u64::from(progress.step));
    bar.reset_eta();
    let recipe = recipe(&settings, steps, &seed);
    let about = About::new(&settings, &base, &model, &name, recipe.threads);
    let mut run = Run {
        folder,
        tuning: FineTuning::new(model, optimiser, progress.step),
        recipe,
        reading,
        measuring,
        trained,
        base: &base,
        log,
        progress,
        bar: bar.clone(),
        measured: measured(&settings.evaluation.at, steps),
        steps,
        save_every: settings.training.save_every,
        keeps: settings.training.keep_checkpoints,
        about,
        since: now_millis(),
    };
    if let Err(failure) = run.finish() {
        run.tell(&failure);
        return Err(failure);
    }
    bar.finish_and_clear();
    let record = run.leave()?;
    match as_json {
        true => say!("{}", crate::native::run::json(&record)?),
        false => report::tell(&record, out),
    }
    Ok(())
}

/// What a run is called: the hash of all its settings, defaults among them.
fn name(settings: &str) -> Result<String, Problems> {
    Ok(sweep::name(&files::table(settings)?))
}

/// What a save holds.
fn resumed(
    trained: &Trained,
    base: Llama,
    optimiser: &mut Optimiser,
    files: &Saved,
) -> Result<(Llama, Progress), Failure> {
    let damaged = |fault: Fault| wrong("out", &fault.to_string(), "what was saved; to begin anew, remove the folder");
    let progress = Progress::read(files)?;
    let model = trained.resume(base, files).map_err(damaged)?;
    let moments = files.get(MOMENTS).map_or(&[][..], |bytes| bytes);
    Weights::read(&[(MOMENTS, moments)])
        .and_then(|moments| optimiser.restore(progress.step, &moments, &model))
        .map_err(damaged)?;
    Ok((model, progress))
}

/// Asks the run of this process to stop after its step, as the system's request does.
pub fn stop() {
    STOP.store(true, Ordering::Relaxed);
}

/// Whether settings can be run, as far as they alone tell.
///
/// # Errors
/// Everything that is wrong with them.
pub fn check(table: &toml::Table) -> Result<(), Problems> {
    let settings = Settings::read(table.clone())?;
    Trained::of(&settings).map(drop)
}

fn recipe(settings: &Settings, steps: u32, seed: &Seed) -> FineTuningRecipe {
    let training = &settings.training;
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let threads = match settings.device {
        DeviceChoice::Cpu if training.threads == 0 => cores(),
        DeviceChoice::Cpu => training.threads,
        _ => 1,
    };
    FineTuningRecipe {
        rate: Rate {
            peak: training.learning_rate,
            warm_up: training.warm_up,
            steps,
            shape: training.schedule.into(),
            floor: 0.0,
        },
        clip: (training.clip > 0.0).then_some(training.clip),
        pass: Pass { checkpoints_blocks: training.checkpoint_blocks, rows: training.loss_rows },
        dropout: seed.fork("dropout"),
        threads,
        diverged_above: DIVERGED,
    }
}

fn optimiser(settings: &Settings) -> Optimiser {
    match settings.training.optimiser {
        OptimiserName::AdamW => Optimiser::AdamW(settings.training.adamw()),
        OptimiserName::Adafactor => Optimiser::Adafactor(settings.training.adafactor()),
    }
}

/// The steps that are measured: the first, the last and those asked for.
fn measured(at: &At, steps: u32) -> Vec<u32> {
    let mut measured = match at {
        At::Word(word) if word == "log" => checkpoints(steps),
        At::Word(_) => Vec::new(),
        At::Every(every) => (0..steps).step_by(*every as usize).collect(),
        At::Steps(list) => list.iter().copied().filter(|&step| step < steps).collect(),
    };
    measured.extend([0, steps]);
    measured.sort_unstable();
    measured.dedup();
    measured
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos} of {len}, {msg}, {eta} left") {
        bar.set_style(style);
    }
    bar
}

/// From now on the first request to stop is noted, and the second ends the program.
fn stop_when_asked() {
    // It can fail only where a handler is set already: by an earlier run of this process, to the same end.
    let _ = ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(3);
        }
        eprintln!("stopping after this step; once more to stop at once");
    });
}

/// The device of that name.
///
/// # Errors
/// A build without it.
pub(super) fn device(choice: DeviceChoice) -> Result<Device, Failure> {
    match choice {
        DeviceChoice::Cpu => Ok(Device::flex()),
        #[cfg(feature = "gpu")]
        DeviceChoice::Gpu => {
            // burn ends the program where there is none; this says why.
            drop(crate::native::executor::gpu::open()?);
            Ok(Device::wgpu(burn_tensor::DeviceKind::DefaultDevice))
        }
        #[cfg(feature = "cuda")]
        DeviceChoice::Cuda => Ok(Device::cuda(0)),
        #[cfg(not(all(feature = "gpu", feature = "cuda")))]
        other => Err(wrong("device", other.name(), &format!("cpu, or a build with --features {}", other.name()))),
    }
}

/// Bytes of memory that a run can have, where the system tells.
fn room(device: DeviceChoice) -> Option<u64> {
    if device != DeviceChoice::Cpu {
        return None;
    }
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

fn wrong(field: &str, value: &str, accepted: &str) -> Failure {
    Failure::Input(Problems(vec![Problem::new(field, value, accepted)]))
}
