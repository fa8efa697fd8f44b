//! The fields of an observation: names, units, ranges.

use std::borrow::Cow;

use super::Options;
use crate::error::Problem;
use crate::laws::observation::Observation;

/// One field of an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Parameters,
    Steps,
    FineTuningLoss,
    Forgetting,
    Run,
    Family,
    Replay,
    Tokens,
    ModelParameters,
}

/// All fields, in the order of their discriminants; the first four are required.
pub const FIELDS: [Field; 9] = [
    Field::Parameters,
    Field::Steps,
    Field::FineTuningLoss,
    Field::Forgetting,
    Field::Run,
    Field::Family,
    Field::Replay,
    Field::Tokens,
    Field::ModelParameters,
];

/// The cells of one row, by field.
pub(super) type Cells<'a> = [Option<Cow<'a, str>>; FIELDS.len()];

impl Field {
    /// Its name in files and options.
    pub fn name(self) -> &'static str {
        match self {
            Self::Parameters => "parameters",
            Self::Steps => "steps",
            Self::FineTuningLoss => "fine_tuning_loss",
            Self::Forgetting => "forgetting",
            Self::Run => "run",
            Self::Family => "family",
            Self::Replay => "replay",
            Self::Tokens => "tokens",
            Self::ModelParameters => "model_parameters",
        }
    }

    /// The field of a name.
    ///
    /// # Errors
    /// A name of none.
    pub fn named(name: &str) -> Result<Self, Problem> {
        let found = FIELDS.into_iter().find(|field| field.name() == name);
        found.ok_or_else(|| Problem::new("field", name, format!("one of {}", FIELDS.map(Self::name).join(", "))))
    }

    /// What other programs call it.
    fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::Parameters => &["trainable_parameters"],
            Self::Steps => &["step", "_step", "global_step", "train/global_step"],
            Self::FineTuningLoss => &["eval_loss", "eval/loss"],
            Self::Run => &["run_id"],
            _ => &[],
        }
    }

    /// Whether an observation cannot be without it.
    pub(super) fn is_required(self) -> bool {
        matches!(self, Self::Parameters | Self::Steps | Self::FineTuningLoss | Self::Forgetting)
    }

    /// The index of the column that holds it: that which the options name, else one with its name or an alias.
    ///
    /// # Errors
    /// A column that the options name and the file does not have.
    pub(super) fn column(self, names: &[&str], options: &Options) -> Result<Option<usize>, Problem> {
        let place = |wanted: &str| names.iter().position(|name| name.trim() == wanted);
        if let Some((_, wanted)) = options.columns.iter().find(|(field, _)| *field == self) {
            let absent = || {
                let mut there = names.iter().take(12).map(|name| name.trim()).collect::<Vec<_>>().join(", ");
                if names.len() > 12 {
                    there.push_str(", …");
                }
                Problem::new(&format!("column of {}", self.name()), wanted, format!("a column of the file: {there}"))
            };
            return place(wanted).map(Some).ok_or_else(absent);
        }
        Ok(place(self.name()).or_else(|| self.aliases().iter().find_map(|alias| place(alias))))
    }

    /// What is accepted, as a phrase.
    fn accepted(self) -> &'static str {
        match self {
            Self::Parameters | Self::ModelParameters => "a number above 0 and up to 1e15",
            Self::Steps => "a number from 0 to 1e12",
            Self::FineTuningLoss | Self::Forgetting => "a number from -1e6 to 1e6",
            Self::Replay => "a number from 0 to below 1, or a unit of percent",
            Self::Tokens => "a number above 0 and up to 1e18",
            Self::Run | Self::Family => "a name of at most 200 characters",
        }
    }

    fn accepts(self, value: f64) -> bool {
        match self {
            Self::Parameters | Self::ModelParameters => value > 0.0 && value <= 1e15,
            Self::Steps => (0.0..=1e12).contains(&value),
            Self::FineTuningLoss | Self::Forgetting => (-1e6..=1e6).contains(&value),
            Self::Replay => (0.0..1.0).contains(&value),
            Self::Tokens => value > 0.0 && value <= 1e18,
            Self::Run | Self::Family => false,
        }
    }
}

/// A unit that a file may count in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Thousand,
    Million,
    Billion,
    Percent,
    /// Of losses: log base 2 where nats are meant.
    Bits,
}

impl Unit {
    /// The unit of a name.
    ///
    /// # Errors
    /// A name of none.
    pub fn named(name: &str) -> Result<Self, Problem> {
        match name {
            "thousand" | "k" => Ok(Self::Thousand),
            "million" | "M" => Ok(Self::Million),
            "billion" | "B" => Ok(Self::Billion),
            "percent" | "%" => Ok(Self::Percent),
            "bits" => Ok(Self::Bits),
            _ => Err(Problem::new("unit", name, "one of thousand (k), million (M), billion (B), percent (%), bits")),
        }
    }

    /// How many of the field's own unit it is.
    fn factor(self) -> f64 {
        match self {
            Self::Thousand => 1e3,
            Self::Million => 1e6,
            Self::Billion => 1e9,
            Self::Percent => 1e-2,
            Self::Bits => core::f64::consts::LN_2,
        }
    }
}

/// The observation of a row's cells; every problem in the row, each behind `place`.
pub(super) fn observation(
    place: impl Fn() -> String,
    cells: &Cells<'_>,
    options: &Options,
) -> Result<Observation, Vec<Problem>> {
    let mut problems = Vec::new();
    let cell = |field: Field| cells[field as usize].as_deref().map(str::trim).filter(|text| !text.is_empty());
    let mut name = |field: Field| {
        let text = cell(field).or(if field == Field::Run { options.run.as_deref() } else { None });
        if text.is_some_and(|text| text.chars().nth(200).is_some()) {
            let shown = text.unwrap_or_default();
            problems.push(Problem::new(&format!("{}, {}", place(), field.name()), shown, field.accepted()));
        }
        text.map(str::to_owned)
    };
    let (run, family) = (name(Field::Run), name(Field::Family));
    let constant = |field: Field| {
        let fits = |constant: &&super::Constant| {
            constant.field == field && constant.run.as_deref().is_none_or(|own| run.as_deref() == Some(own))
        };
        let mut found: Vec<&super::Constant> = options.constants.iter().filter(fits).collect();
        // What is told of one run goes before what is told of all.
        found.sort_by_key(|constant| constant.run.is_none());
        found.first().map(|constant| constant.value.trim())
    };
    let mut number = |field: Field| {
        let set = constant(field);
        let Some(text) = set.or_else(|| cell(field)) else {
            if field.is_required() {
                problems.push(Problem::new(&format!("{}, {}", place(), field.name()), "", field.accepted()));
            }
            return None;
        };
        let unit = options.units.iter().find(|(own, _)| *own == field && set.is_none());
        let value = text.parse::<f64>().ok().map(|value| unit.map_or(value, |(_, unit)| value * unit.factor()));
        let value = value.filter(|&value| value.is_finite() && field.accepts(value));
        if value.is_none() {
            problems.push(Problem::new(&format!("{}, {}", place(), field.name()), text, field.accepted()));
        }
        value
    };
    let [parameters, steps, fine_tuning_loss, forgetting] =
        [Field::Parameters, Field::Steps, Field::FineTuningLoss, Field::Forgetting].map(&mut number);
    let [replay, tokens, model_parameters] = [Field::Replay, Field::Tokens, Field::ModelParameters].map(&mut number);
    match (parameters, steps, fine_tuning_loss, forgetting) {
        (Some(parameters), Some(steps), Some(fine_tuning_loss), Some(forgetting)) if problems.is_empty() => {
            Ok(Observation {
                parameters,
                steps,
                fine_tuning_loss,
                forgetting,
                replay,
                tokens,
                model_parameters,
                run,
                family,
            })
        }
        _ => Err(problems),
    }
}
