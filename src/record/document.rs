//! The record: everything about a finished run, as one JSON document.

use serde::{Deserialize, Serialize};

use super::Agreement;
use super::agreeing::Agreeing;
use super::fingerprint::Fingerprint;
use super::identity;
use super::recording::Recording;
use super::series::{NetworkSeries, as_decimals};
use super::summary::Summary;
use crate::error::{Problem, Problems};
use crate::experiments::limits::Limits;
use crate::experiments::{CheckedSpec, Mitigated, Results, Spec, Way};
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<Way>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mitigation: Option<Mitigated>,
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
        let summary = Summary::of(results);
        let mut recording = Recording::new(results, summary, &Fingerprint::of(results), device, timing);
        while !recording.advance(results) {}
        recording.record
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
        let accepted = "the JSON of a record; the tab Laws opens those of language models";
        Problems(vec![Problem::new("record", &why.to_string(), accepted)])
    }

    /// Checks a record that has its form, and gives the proof of its spec.
    ///
    /// # Errors
    /// What is wrong with it: another schema, a spec that is not accepted, ragged series.
    pub fn checked(self, limits: &Limits) -> Result<(Self, CheckedSpec), Problems> {
        let spec = identity::checked([self.schema, SCHEMA], self.spec.clone(), &self.run_id, limits)?;
        for series in &self.series {
            series.check().map_err(|problem| Problems(vec![problem]))?;
        }
        Ok((self, spec))
    }

    /// Compares a rerun with this record: series by series, then everything derived from them.
    pub fn agreement(&self, rerun: &Self) -> Agreement {
        let mut agreeing = Agreeing::default();
        while !agreeing.advance(self, rerun) {}
        agreeing.finish(self, rerun)
    }
}
