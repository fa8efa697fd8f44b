//! The record of a run of the experiment `laws`: one JSON document, `docs/laws-record.schema.json`.

use serde::{Deserialize, Serialize};

use super::fingerprint::Taken;
use super::{Link, run_id};
use crate::error::{Problem, Problems};
use crate::experiments::Engine;
use crate::experiments::scaling::{
    Ability, CheckedSpec, Checkpoint, Ending, Event, Job, Limits, NAME, Results, Spec, Text, Trace, jobs,
};
use crate::laws::Observation;
use crate::laws::import::MOST_BYTES;
use crate::record::identity;
use crate::record::series::decimal;
use crate::record::verdict::{Agreement, TOLERANCE, relative_difference};
use crate::record::{BUILD, Timing};
use crate::stats::Quartiles;

/// The version of these records.
pub const SCHEMA: u32 = 1;

/// Units of everything measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Units {
    pub losses: String,
    pub steps: String,
    pub parameters: String,
}

/// One combination of swept values at the end of fine-tuning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    pub base: String,
    pub family: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
    pub replay: f64,
    pub parameters: usize,
    pub learning_rate: f64,
    pub fine_tuning_loss: Spread,
    pub forgetting: Spread,
    pub kl: Spread,
    pub nll_rise: Spread,
    pub top1_agreement: Spread,
    /// Medians over seeds of every ability's share, by name.
    pub abilities: std::collections::BTreeMap<String, f64>,
}

/// A population over seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    #[serde(flatten)]
    pub quartiles: Option<Quartiles>,
    pub n: usize,
    pub diverged: usize,
}

/// What is told of all cells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub cells: Vec<Cell>,
}

/// Everything measured on one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    pub seed: u32,
    pub cell: u32,
    pub ending: Option<Ending>,
    pub points: Vec<Point>,
}

/// One checkpoint of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub step: u32,
    pub fine_tuning_loss: f64,
    pub forgetting: f64,
    pub kl: f64,
    pub nll_rise: f64,
    pub top1_agreement: f64,
    /// [how many, of how many] by ability's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abilities: Option<std::collections::BTreeMap<String, [u32; 2]>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repetition: Option<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<Text>,
}

/// Everything about a finished run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub schema: u32,
    pub run_id: String,
    pub link: String,
    pub fingerprint: String,
    pub engine: String,
    pub device: String,
    pub build: String,
    pub spec: Spec,
    pub units: Units,
    pub summary: Summary,
    pub series: Vec<Series>,
    pub timing: Timing,
}

/// The experiment that a record names; `None` of a file that is none.
pub fn experiment_of_record(bytes: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Head {
        spec: Named,
    }
    #[derive(Deserialize)]
    struct Named {
        experiment: String,
    }
    let head: Head = serde_json::from_str(core::str::from_utf8(bytes).ok()?).ok()?;
    Some(head.spec.experiment)
}

impl Record {
    /// The record of complete results.
    pub fn of(results: &Results, device: &str, timing: Timing) -> Self {
        let fingerprint = Taken::of(results).fingerprint;
        Self {
            schema: SCHEMA,
            run_id: run_id(&results.spec),
            link: Link::write(&results.spec, Some(BUILD), Some(&fingerprint), &[]),
            fingerprint: fingerprint.to_string(),
            engine: Engine::Autodiff.name().to_owned(),
            device: device.to_owned(),
            build: BUILD.to_owned(),
            spec: Spec::clone(&results.spec),
            units: Units {
                losses: "nats per token; forgetting is soft cross-entropy to the base's predictions".to_owned(),
                steps: "optimiser steps of fine-tuning".to_owned(),
                parameters: "parameters tuned".to_owned(),
            },
            summary: Summary::of(results),
            series: results.traces().map(|(job, trace)| Series::of(job, trace)).collect(),
            timing,
        }
    }

    /// Reads a record from JSON, which may come from anywhere.
    ///
    /// # Errors
    /// What is wrong with it: not JSON, another schema, a spec that is not accepted, series that do not fit it.
    pub fn read(json: &str, limits: &Limits) -> Result<(Self, CheckedSpec), Problems> {
        let one = |problem| Problems(vec![problem]);
        let record: Self = serde_json::from_str(json)
            .map_err(|error| one(Problem::new("record", &error.to_string(), "the JSON of a record")))?;
        let spec: CheckedSpec =
            identity::checked([record.schema, SCHEMA], record.spec.clone(), &record.run_id, limits)?;
        let expected: Vec<[u32; 2]> = jobs(&spec).iter().map(|job| [job.seed, job.cell]).collect();
        let found: Vec<[u32; 2]> = record.series.iter().map(|series| [series.seed, series.cell]).collect();
        if found != expected {
            let accepted = format!("one for each of the {} runs of its spec, in their order", expected.len());
            return Err(one(Problem::new("series", &format!("{} series", found.len()), accepted)));
        }
        Ok((record, spec))
    }

    /// The checkpoints of a file that is such a record, as the laws are fitted to them; `None` of any other file.
    ///
    /// # Errors
    /// As [`Self::read`] and [`Self::results`].
    pub fn observations(bytes: &[u8]) -> Option<Result<Vec<Observation>, Problems>> {
        if bytes.len() > MOST_BYTES || bytes.trim_ascii_start().first() != Some(&b'{') {
            return None;
        }
        let name = experiment_of_record(bytes)?;
        let text = core::str::from_utf8(bytes).ok().filter(|_| name == NAME)?;
        let read = Self::read(text, &Limits::NATIVE).and_then(|(record, spec)| record.results(spec));
        // Records of equal runs with other settings are taken together.
        let named = |results: Results| {
            let id = run_id(&results.spec);
            let name = |row: Observation| Observation { run: row.run.map(|run| format!("{id} {run}")), ..row };
            results.observations().into_iter().map(name).collect()
        };
        Some(read.map(named))
    }

    /// What a record says, as results.
    ///
    /// # Errors
    /// A series whose steps do not rise, or with a number that is not finite.
    pub fn results(&self, spec: CheckedSpec) -> Result<Results, Problems> {
        let mut results = Results::new(spec);
        for series in &self.series {
            let job = Job { seed: series.seed, cell: series.cell };
            for (place, point) in series.points.iter().enumerate() {
                let rises = place == 0 || series.points[place - 1].step < point.step;
                // They are kept in single precision.
                if !rises || point.values().iter().any(|value| !(*value as f32).is_finite()) {
                    let field = format!("series of seed {}, cell {}", series.seed, series.cell);
                    let problem = Problem::new(&field, &format!("step {}", point.step), "rising steps, finite numbers");
                    return Err(Problems(vec![problem]));
                }
                results.take(job, Event::Checkpoint(Box::new(point.checkpoint())));
            }
            if let Some(ending) = series.ending {
                results.take(job, Event::Ended(ending));
            }
        }
        Ok(results)
    }

    /// Compares a rerun with this record: that its summary follows from its series, then checkpoint by checkpoint.
    pub fn agreement(&self, rerun: &Self) -> Agreement {
        let differs = |place: String, largest| Agreement::Differs { place, series: None, largest };
        let own = self.spec.clone().check(&Limits::NATIVE).and_then(|spec| self.results(spec));
        if own.map(|own| Summary::of(&own)).as_ref() != Ok(&self.summary) {
            return differs("the summary, which does not follow from its series,".to_owned(), None);
        }
        let (mut is_exact, mut largest) = (self.fingerprint == rerun.fingerprint, 0.0f64);
        for (own, other) in self.series.iter().zip(&rerun.series) {
            let place = format!("seed {}, cell {}", own.seed, own.cell);
            if own.ending != other.ending || own.points.len() != other.points.len() {
                return differs(place, None);
            }
            for (a, b) in own.points.iter().zip(&other.points) {
                let place = format!("step {}, {place}", a.step);
                match a.difference(b) {
                    Some(difference) if difference <= TOLERANCE => largest = largest.max(difference),
                    other => return differs(place, other),
                }
                is_exact &= a == b;
            }
        }
        if is_exact { Agreement::Exact } else { Agreement::Within(largest) }
    }
}

impl Summary {
    fn of(results: &Results) -> Self {
        Self { cells: (0..results.cells().len()).map(|cell| Cell::of(results, cell)).collect() }
    }
}

/// Items that rounding may turn from one answer to another.
const TURNED: u32 = 3;

impl Cell {
    fn of(results: &Results, index: usize) -> Self {
        let (spec, cell) = (&results.spec, results.cells()[index]);
        let ends: Vec<&Checkpoint> = results.of_cell(index).filter_map(|(_, trace)| trace.last()).collect();
        let diverged = results.of_cell(index).filter(|(_, trace)| matches!(trace.ending, Some(Ending::Diverged(_))));
        let diverged = diverged.count();
        let spread = |of: &dyn Fn(&Checkpoint) -> f32| {
            let values: Vec<f64> = ends.iter().map(|point| decimal(of(point))).collect();
            Spread { quartiles: Quartiles::of(&values), n: values.len(), diverged }
        };
        let median = |ability: Ability| {
            let shares: Vec<f64> =
                ends.iter().filter_map(|point| Some(point.abilities.as_ref()?.share(ability).fraction())).collect();
            Some((ability.name().to_owned(), Quartiles::of(&shares)?.median))
        };
        Self {
            base: cell.size.name().to_owned(),
            family: cell.family.name(),
            rank: cell.family.rank(),
            replay: cell.replay,
            parameters: cell.parameters(spec),
            learning_rate: cell.learning_rate(spec),
            fine_tuning_loss: spread(&|point| point.losses.fine_tuning),
            forgetting: spread(&|point| point.losses.forgetting),
            kl: spread(&|point| point.losses.kl),
            nll_rise: spread(&|point| point.losses.nll_rise),
            top1_agreement: spread(&|point| point.losses.agreement),
            abilities: Ability::ALL.into_iter().filter_map(median).collect(),
        }
    }
}

impl Series {
    fn of(job: Job, trace: &Trace) -> Self {
        let points = trace.points.iter().map(Point::of).collect();
        Self { seed: job.seed, cell: job.cell, ending: trace.ending, points }
    }
}

impl Point {
    fn of(point: &Checkpoint) -> Self {
        let [fine_tuning_loss, forgetting, kl, nll_rise, top1_agreement] = point.losses.values().map(decimal);
        let counted = |abilities: &crate::experiments::scaling::Abilities| {
            let of = |ability: Ability| {
                let share = abilities.share(ability);
                (ability.name().to_owned(), [share.count as u32, share.of as u32])
            };
            Ability::ALL.into_iter().map(of).collect()
        };
        Self {
            step: point.step,
            fine_tuning_loss,
            forgetting,
            kl,
            nll_rise,
            top1_agreement,
            abilities: point.abilities.as_ref().map(counted),
            repetition: point.abilities.as_ref().map(|abilities| decimal(abilities.repetition)),
            texts: point.texts.clone(),
        }
    }

    /// How far another measurement of the same checkpoint is: the relative difference of both losses, the absolute one of
    /// what is near 0. `None` where something else than rounding differs: the step, a text where all numbers are equal,
    /// or what is counted, by more than [`TURNED`] items.
    fn difference(&self, other: &Self) -> Option<f64> {
        let counted = |point: &Self| point.abilities.clone().unwrap_or_default();
        let (own, others) = (counted(self), counted(other));
        let near = |name: &String, [count, of]: &[u32; 2]| {
            others.get(name).is_some_and(|[theirs, all]| all == of && theirs.abs_diff(*count) <= TURNED)
        };
        let alike = self.step == other.step
            && own.len() == others.len()
            && own.iter().all(|(name, share)| near(name, share))
            && self.texts.len() == other.texts.len()
            && self.texts.iter().zip(&other.texts).all(|(a, b)| (a.kind, &a.prompt) == (b.kind, &b.prompt));
        if !alike || (self.values() == other.values() && own == others && self.texts != other.texts) {
            return None;
        }
        let relative = |a: f64, b: f64| relative_difference(a as f32, b as f32);
        let [a, b] = [self, other].map(Self::values);
        let absolute = (2..5).map(|k| (a[k] - b[k]).abs());
        let repetition = (self.repetition.unwrap_or(0.0) - other.repetition.unwrap_or(0.0)).abs();
        // A hundredth of all places or words may turn where losses move by less than the tolerance.
        let turned = if repetition <= 0.01 { 0.0 } else { repetition };
        let differences = [relative(a[0], b[0]), relative(a[1], b[1]), turned].into_iter().chain(absolute);
        let largest = differences.fold(0.0, |largest: f64, d| if d.is_nan() { f64::INFINITY } else { largest.max(d) });
        largest.is_finite().then_some(largest)
    }

    fn values(&self) -> [f64; 5] {
        [self.fine_tuning_loss, self.forgetting, self.kl, self.nll_rise, self.top1_agreement]
    }

    fn checkpoint(&self) -> Checkpoint {
        use crate::experiments::scaling::{Abilities, Losses};
        use crate::metrics::language::Share;
        let abilities = self.abilities.as_ref().map(|named| {
            let mut abilities = Abilities { repetition: self.repetition.unwrap_or(0.0) as f32, ..Abilities::default() };
            for ability in Ability::ALL {
                if let Some(&[count, of]) = named.get(ability.name()) {
                    abilities.shares[ability as usize] = Share { of: of as usize, count: count.min(of) as usize };
                }
            }
            abilities
        });
        let losses = Losses::from_values(self.values().map(|value| value as f32));
        Checkpoint { step: self.step, losses, abilities, texts: self.texts.clone() }
    }
}
