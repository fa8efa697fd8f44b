//! What can be asked of the worker, as plain objects: `{ begin: { link, cell: 0, seed: 1 } }`.

use serde::Deserialize;

use super::associations;
use crate::error::Problem;
use crate::experiments::scaling::Event;
use crate::laws::import::{Constant, Field, Options, Unit};
use crate::web::answering::Sheet;
use crate::web::protocol::Packed;

/// One question: the first three to a trainer, the last to either, all others to the desk.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Keeps the weights of a base, as safetensors.
    Base { file: String, bytes: Packed },
    /// Puts a run in hand.
    Begin { link: String, cell: u32, seed: u32 },
    /// Works on it for about so long.
    Advance { millis: f64 },

    /// What a link asks for, leniently read.
    Read { link: String },
    /// Begins to gather the runs of a link.
    Gather { link: String },
    /// What a trainer has reported of a run.
    Tell { cell: u32, seed: u32, events: Vec<Event> },
    /// What is known so far of the runs gathered.
    Report {},
    /// What is known of the imported runs.
    Own {},
    /// Makes so many more resamples of the fits, to the runs gathered or to those imported.
    Bootstrap { count: usize, own: Option<bool> },
    /// A figure of either report.
    Figure { id: String, sheet: Sheet },
    /// What base and tuned model write at a step, the last one where none is told.
    Generations { cell: u32, seed: u32, step: Option<u32> },
    /// The same of an imported record, by its place among them.
    Texts { record: usize, step: Option<u32> },
    /// Reads a file of runs, beside those that were read before.
    Import(Box<Import>),
    /// Forgets all imported runs.
    Forget {},
    /// How much may be trained where so much may be forgotten, in nats.
    Advise { budget: f64, own: bool },
    /// The record of complete runs, as JSON.
    Record { seconds: f64, workers: usize },
    /// The link of a record, with its fingerprint.
    Open { json: String },
    /// All checkpoints as CSV.
    Csv {},
    /// A PNG, with the words in it that say where it comes from.
    Stamp { png: Packed, source: String },

    /// What is asked about association matrices, of trainers and of the desk.
    Associations(associations::Ask),
}

/// A file of runs, and what it does not say by itself.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Import {
    pub name: String,
    pub bytes: Packed,
    columns: Told,
    units: Told,
    set: Told,
    pub skip_bad_rows: bool,
}

/// A text for each field of an observation, where there is one.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Told {
    parameters: Option<String>,
    steps: Option<String>,
    fine_tuning_loss: Option<String>,
    forgetting: Option<String>,
    run: Option<String>,
    family: Option<String>,
    replay: Option<String>,
    tokens: Option<String>,
    model_parameters: Option<String>,
}

impl Told {
    fn pairs(&self) -> impl Iterator<Item = (Field, &str)> {
        let all = [
            (Field::Parameters, &self.parameters),
            (Field::Steps, &self.steps),
            (Field::FineTuningLoss, &self.fine_tuning_loss),
            (Field::Forgetting, &self.forgetting),
            (Field::Run, &self.run),
            (Field::Family, &self.family),
            (Field::Replay, &self.replay),
            (Field::Tokens, &self.tokens),
            (Field::ModelParameters, &self.model_parameters),
        ];
        all.into_iter().filter_map(|(field, text)| Some((field, text.as_deref()?)))
    }
}

impl Import {
    /// # Errors
    /// A unit that there is not.
    pub fn options(&self) -> Result<Options, Problem> {
        let Self { columns, units, set, .. } = self;
        let constant = |(field, value): (Field, &str)| Constant { run: None, field, value: value.to_owned() };
        Ok(Options {
            columns: columns.pairs().map(|(field, column)| (field, column.to_owned())).collect(),
            units: units
                .pairs()
                .map(|(field, unit)| Ok((field, Unit::named(unit)?)))
                .collect::<Result<_, Problem>>()?,
            constants: set.pairs().map(constant).collect(),
            run: None,
        })
    }
}
