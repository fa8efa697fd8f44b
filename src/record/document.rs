//! The record: everything about a finished run, as one JSON document.

use serde::{Deserialize, Serialize};

use super::fingerprint::Fingerprint;
use super::link::{Link, run_id};
use super::population::Populations;
use super::series::{NetworkSeries, as_decimals};
use super::summary::Summary;
use super::verdict::TOLERANCE;
use super::{Agreement, BUILD};
use crate::error::{Problem, Problems};
use crate::experiments::job::{cells, checkpoints};
use crate::experiments::limits::Limits;
use crate::experiments::{CheckedSpec, Results, Spec};
use crate::stats::Quartiles;

/// The version of records that this build writes and reads; `docs/record.schema.json` describes it.
pub const SCHEMA: u32 = 1;

/// How long a run took, in seconds of wall clock; the one part of a record that is not reproducible.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    pub seconds: f64,
    /// Workers or threads that computed.
    pub workers: usize,
}

/// Units of everything measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Units {
    pub losses: String,
    pub steps: String,
    pub parameter_distance: String,
    pub effective_time: String,
}

/// The median function of a cell, before and after fine-tuning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellFunctions {
    pub width: u32,
    pub replay: f64,
    #[serde(serialize_with = "as_decimals")]
    pub x: Vec<f32>,
    pub before: Vec<Quartiles>,
    pub after: Vec<Quartiles>,
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
    pub functions: Vec<CellFunctions>,
    pub series: Vec<NetworkSeries>,
    pub timing: Timing,
}

impl Record {
    /// The record of complete results.
    pub fn of(results: &Results, device: &str, timing: Timing) -> Self {
        let spec = &results.spec;
        let fingerprint = Fingerprint::of(results);
        let replay: Vec<f64> = spec.branches().iter().map(|b| b.mean(spec.fine_tuning_steps)).collect();
        let steps = |fine_tuning| if fine_tuning { spec.fine_tuning_steps } else { spec.pretraining_steps };
        let functions = cells(spec)
            .into_iter()
            .map(|cell| {
                let last = |fine_tuning, k| k + 1 == checkpoints(steps(fine_tuning)).len();
                let mut populations = Populations::with_functions(results, cell, &last);
                CellFunctions {
                    width: cell.width,
                    replay: replay[cell.branch],
                    x: populations.grid,
                    before: populations.pretraining.functions.pop().unwrap_or_default(),
                    after: populations.fine_tuning.functions.pop().unwrap_or_default(),
                }
            })
            .collect();
        Self {
            schema: SCHEMA,
            run_id: run_id(spec),
            link: Link::write(spec, Some(BUILD), Some(&fingerprint), &[]),
            fingerprint: fingerprint.to_string(),
            engine: results.engines().iter().map(|engine| engine.name()).collect::<Vec<_>>().join(" and "),
            device: device.to_owned(),
            build: BUILD.to_owned(),
            spec: Spec::clone(spec),
            units: Units {
                losses: "mean squared error".to_owned(),
                steps: "optimiser steps within the phase".to_owned(),
                parameter_distance: "L2 norm over all parameters, from the start of the phase".to_owned(),
                effective_time: "2 x learning rate x tr(W K) x steps".to_owned(),
            },
            summary: Summary::of(results),
            functions,
            series: results.jobs().map(|(job, t)| NetworkSeries::of(job.seed, job.width, t, &replay)).collect(),
            timing,
        }
    }

    /// Reads a record from JSON, which may come from anywhere.
    ///
    /// # Errors
    /// What is wrong with it: not JSON, another schema, a spec that is not accepted, ragged series.
    pub fn read(json: &str, limits: &Limits) -> Result<(Self, CheckedSpec), Problems> {
        serde_json::from_str::<Self>(json).map_err(|error| Self::unreadable(&error))?.checked(limits)
    }

    /// What is wrong with something that is no record at all.
    pub fn unreadable(why: &impl ToString) -> Problems {
        Problems(vec![Problem::new("record", &why.to_string(), "the JSON of a record")])
    }

    /// Checks a record that has its form, and gives the proof of its spec.
    ///
    /// # Errors
    /// What is wrong with it: another schema, a spec that is not accepted, ragged series.
    pub fn checked(self, limits: &Limits) -> Result<(Self, CheckedSpec), Problems> {
        let one = |problem| Problems(vec![problem]);
        if self.schema != SCHEMA {
            return Err(one(Problem::new("schema", &self.schema.to_string(), SCHEMA.to_string())));
        }
        let spec = self.spec.clone().check(limits)?;
        let own = run_id(&spec);
        if self.run_id != own {
            return Err(one(Problem::new("run_id", &self.run_id, format!("{own}, the id of its spec"))));
        }
        for series in &self.series {
            series.check().map_err(one)?;
        }
        Ok((self, spec))
    }

    /// Compares a rerun with this record: series by series, then everything derived from them.
    pub fn agreement(&self, rerun: &Self) -> Agreement {
        let differs = |place: &str| Agreement::Differs { place: place.to_owned(), series: None, largest: None };
        if self.series.len() != rerun.series.len() {
            let place = format!("the number of series, {} against {}", self.series.len(), rerun.series.len());
            return differs(&place);
        }
        let pairs = || self.series.iter().zip(&rerun.series);
        let mut differing = pairs().filter_map(|(own, other)| own.first_difference(other));
        if let Some(first) = differing.next() {
            let largest: Option<f64> = pairs()
                .map(|(own, other)| own.largest_difference(other))
                .try_fold(0.0, |largest: f64, d| d.map(|d| largest.max(d)));
            return match largest {
                Some(d) if d <= TOLERANCE => Agreement::Within(d),
                _ => {
                    let series = Some([1 + differing.count(), self.series.len()]);
                    Agreement::Differs { place: first, series, largest }
                }
            };
        }
        match () {
            () if self.summary != rerun.summary => differs("the summary, which does not follow from its series,"),
            () if self.functions != rerun.functions => differs("the functions"),
            () if self.fingerprint != rerun.fingerprint => differs("the fingerprint"),
            () => Agreement::Exact,
        }
    }
}
