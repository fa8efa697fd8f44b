//! What a run has come to, as a record and in words.

use std::path::Path;

use super::run::Progress;
use super::settings::{Replay, Settings, Way};
use crate::data::text::Unit;
use crate::experiments::llama::{Point, Read};
use crate::experiments::scaling::Ending;
use crate::model::llama::Llama;
use crate::native::llama::data::Counts;
use crate::native::llama::folder::Folder;
use crate::native::llama::memory::parameters;
use crate::record::llama::{EXPERIMENT, Model, Record, SCHEMA, Shortened, Tuning, Units};
use crate::record::{BUILD, Timing};
use crate::report::llama::report;

/// What a record says of its run beside the points.
pub struct About {
    run: String,
    device: String,
    settings: serde_json::Map<String, serde_json::Value>,
    model: Model,
    tuning: Tuning,
    replay: Option<Replay>,
    workers: usize,
    sequence: u64,
}

impl About {
    /// Of a run of this name.
    pub fn new(settings: &Settings, base: &Folder, model: &Llama, run: &str, workers: usize) -> Self {
        let own = base.path.file_name().map_or_else(|| "model".to_owned(), |name| name.to_string_lossy().into_owned());
        let config = &base.config;
        let settings_as_json = serde_json::to_value(settings).ok().and_then(|value| value.as_object().cloned());
        let is_lora = settings.tuning.method == Way::Lora;
        Self {
            run: run.to_owned(),
            device: settings.device.name().to_owned(),
            settings: settings_as_json.unwrap_or_default(),
            model: Model {
                name: own,
                parameters: parameters(config) as u64,
                hidden: config.hidden_size as u64,
                layers: config.num_hidden_layers as u64,
                vocabulary: config.vocab_size as u64,
                precision: settings.precision.name().to_owned(),
            },
            tuning: Tuning {
                family: if is_lora { "lora" } else { "full" }.to_owned(),
                rank: is_lora.then_some(settings.tuning.rank as u32),
                parameters: model.trained_parameters() as u64,
            },
            replay: settings.replay.clone(),
            workers,
            sequence: settings.data.sequence as u64,
        }
    }

    fn shortened(&self, progress: &Progress) -> Option<Shortened> {
        let Counts { cut, without_learning, .. } = progress.place.counts;
        (cut + without_learning > 0).then_some(Shortened { sequence: self.sequence, cut, without_learning })
    }

    /// The record of what was measured so far.
    pub fn record(&self, progress: &Progress) -> Record {
        Record {
            schema: SCHEMA,
            experiment: EXPERIMENT.to_owned(),
            run_id: self.run.clone(),
            build: BUILD.to_owned(),
            device: self.device.clone(),
            settings: self.settings.clone(),
            model: self.model.clone(),
            tuning: self.tuning.clone(),
            replay: self.replay.as_ref().map_or(0.0, |replay| share(replay, progress)),
            units: Units::default(),
            shortened: self.shortened(progress),
            points: progress.points.clone(),
            ending: progress.ending,
            timing: Timing { seconds: progress.seconds, workers: self.workers },
        }
    }
}

/// The share of replay: that of the settings, or what a schedule came to.
fn share(replay: &Replay, progress: &Progress) -> f64 {
    let come_to = |point: &Point| {
        let of = |read: Read| match replay.unit {
            Unit::Examples => read.examples as f64,
            Unit::Tokens => read.tokens as f64,
        };
        of(point.replayed) / (of(point.new) + of(point.replayed)).max(1.0)
    };
    replay.fraction.unwrap_or_else(|| progress.points.last().map_or(0.0, come_to))
}

/// Tells the answer of a finished run.
pub fn tell(record: &Record, out: &Path) {
    let report = report(record);
    say!("{}\n{}\n", report.headline, report.more);
    report.statements.iter().for_each(|statement| say!("{}", statement.text));
    report.warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
    if let Some(Ending::Diverged(_)) = record.ending {
        eprintln!("warning: training diverged: no adapter or model is left; a lower training.learning_rate may not");
    }
    say!("record, report and figures are in {}", out.display());
}
