//! What training reads, as micro-batches.

use super::settings::Settings;
use crate::data::text::{Batch, Packing, Template, Unit};
use crate::experiments::llama::Read;
use crate::model::llama::{Config, Sequences};
use crate::native::cli::Failure;
use crate::native::llama::data::{self, Corpus, Feed, Plan, Prescribed, Progress};
use crate::native::llama::tokenizer::Tokenizer;
use crate::seed::Seed;
use crate::train::ReplaySchedule;
use crate::train::language::MicroBatch;

/// The corpora of a run, and how they are read.
pub struct Sources {
    pub new: Corpus,
    pub replayed: Option<Corpus>,
    /// Of new rows and of replayed ones.
    templates: [Template; 2],
    prescribed: Option<Prescribed>,
    weights: Option<Vec<f64>>,
}

impl Sources {
    /// Opens the files that settings name; `generated` are the texts that the base wrote for replay.
    ///
    /// # Errors
    /// Files that cannot be read, rows that are wrong, by file and line.
    pub fn open(settings: &Settings, generated: Option<Vec<String>>) -> Result<Self, Failure> {
        let new = Corpus::open(&settings.data.files, settings.data.format)?;
        let replay = settings.replay.as_ref();
        let replayed = match (replay, generated) {
            (_, Some(texts)) => Some(Corpus::of_texts("replay.generated", texts)?),
            (Some(replay), None) => Some(Corpus::open(&replay.files, replay.format)?),
            (None, None) => None,
        };
        let prescribed =
            replay.and_then(|replay| replay.schedule.as_ref()).map(|path| data::schedule(path)).transpose()?;
        let weights = match (replay.and_then(|replay| replay.weights.as_ref()), &replayed) {
            (Some(path), Some(replayed)) => Some(data::weights(path, replayed.len())?),
            _ => None,
        };
        let own = |corpus: &Corpus| corpus.format().template();
        let template = settings.data.template.unwrap_or_else(|| own(&new));
        let of_replay = replay.and_then(|replay| replay.template);
        let replay_template = of_replay.unwrap_or_else(|| replayed.as_ref().map_or(template, own));
        Ok(Self { new, replayed, templates: [template, replay_template], prescribed, weights })
    }

    /// What tells these data from others.
    pub fn digest(&self) -> String {
        let replayed = self.replayed.as_ref().map_or("", Corpus::digest);
        format!("{}\n{replayed}\n{:?}", self.new.digest(), self.weights)
    }

    /// What the rows say that are kept for the fine-tuning loss, and where each is.
    ///
    /// # Errors
    /// Rows that cannot be read, or a plan that they do not allow.
    pub fn held_out(&self, settings: &Settings, tokenizer: &Tokenizer) -> Result<Vec<(String, String)>, Failure> {
        let feed = Feed::new(&self.new, self.replayed.as_ref(), tokenizer, self.plan(settings, 1))?;
        let said = |&row: &u32| Ok((self.new.place(row as usize), self.new.row(row as usize)?.said()));
        feed.held_out().iter().map(said).collect()
    }

    fn plan(&self, settings: &Settings, steps: u32) -> Plan {
        let replay = settings.replay.as_ref();
        let constant = || ReplaySchedule::constant(replay.and_then(|replay| replay.fraction).unwrap_or(0.0));
        Plan {
            templates: self.templates,
            learn: settings.data.learn,
            packing: Packing {
                sequence: settings.data.sequence,
                sequences: settings.training.batch,
                packed: settings.data.packing,
            },
            unit: replay.map_or(Unit::Examples, |replay| replay.unit),
            replay: self.prescribed.as_ref().map_or_else(constant, |prescribed| prescribed.over(steps)),
            weights: self.weights.clone(),
            hold_out: settings.data.hold_out,
            epochs: settings.training.epochs,
            seed: Seed::new(settings.seed).fork("data"),
        }
    }

    /// Updates of a run: as many as are asked for, or as the examples of the epochs make, which are counted.
    ///
    /// # Errors
    /// Rows that cannot be read, or a plan that they do not allow.
    pub fn steps(&self, settings: &Settings, tokenizer: &Tokenizer) -> Result<u32, Failure> {
        if let Some(steps) = settings.training.steps {
            return Ok(steps);
        }
        Feed::new(&self.new, self.replayed.as_ref(), tokenizer, self.plan(settings, u32::MAX))?.steps()
    }
}

/// The micro-batches of a run, step by step.
pub struct Reading<'a> {
    feed: Feed<'a, Tokenizer>,
    config: &'a Config,
    micro_batch: usize,
    held_out: Vec<MicroBatch>,
}

impl<'a> Reading<'a> {
    /// Begins, or goes on from a place.
    ///
    /// # Errors
    /// A plan that the rows do not allow, or rows that cannot be read.
    pub fn at(
        sources: &'a Sources,
        settings: &Settings,
        steps: u32,
        tokenizer: &'a Tokenizer,
        config: &'a Config,
        place: Progress,
    ) -> Result<Self, Failure> {
        let is_fresh = place == Progress::default();
        let plan = sources.plan(settings, steps);
        let feed = Feed::at(&sources.new, sources.replayed.as_ref(), tokenizer, plan.clone(), place)?;
        if is_fresh {
            feed.check()?;
        }
        let packing = Packing { sequences: settings.training.micro_batch, ..plan.packing };
        let mut texts = feed.held_out_texts()?.into();
        let mut held_out = Vec::new();
        while let Some(batch) = packing.batch(&mut texts, || Ok::<_, Failure>(None))? {
            held_out.push(micro_batch(batch, config));
        }
        Ok(Self { feed, config, micro_batch: settings.training.micro_batch, held_out })
    }

    /// The micro-batches of the next step.
    ///
    /// # Errors
    /// A row that cannot be read any more.
    pub fn step(&mut self) -> Result<Vec<MicroBatch>, Failure> {
        let batch = self.feed.batch()?.ok_or_else(|| {
            Failure::Other("the data end before the run does: the files have changed since it began".to_owned())
        })?;
        let starts = (0..batch.sequences()).step_by(self.micro_batch);
        let part = |from: usize| batch.part(from, batch.sequences().min(from + self.micro_batch));
        Ok(starts.map(|from| micro_batch(part(from), self.config)).collect())
    }

    /// The examples that are kept for the fine-tuning loss.
    pub fn held_out(&self) -> &[MicroBatch] {
        &self.held_out
    }

    /// Where it is.
    pub fn place(&self) -> &Progress {
        self.feed.progress()
    }
}

/// What was read up to a place: new and replayed.
pub fn read(place: &Progress) -> [Read; 2] {
    let state = place.mixture;
    core::array::from_fn(|part| Read { examples: state.examples[part], tokens: state.tokens[part] })
}

fn micro_batch(batch: Batch, config: &Config) -> MicroBatch {
    let sight = config.packed(&batch.lengths, batch.time, false);
    MicroBatch { sequences: Sequences { tokens: batch.tokens, sight }, targets: batch.targets, weights: batch.weights }
}
