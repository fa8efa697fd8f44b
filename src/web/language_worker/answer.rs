//! What is answered about the laws, as plain objects.

use serde::Serialize;

use crate::experiments::scaling::{Event, Job};
use crate::laws::{Advice, Refusal};
use crate::report::Compared;
use crate::web::answering::{Listed, Said};

/// A run in hand.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Begun {
    pub steps: u32,
}

/// How far a run has come, and what it reports since the last answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Advanced {
    pub step: u32,
    pub done: bool,
    pub events: Vec<Event>,
}

/// A link that has been read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reading {
    /// The canonical one, with what its maker claims.
    pub link: String,
    /// The build that would train it.
    pub build: &'static str,
    /// What it cannot have, as sentences.
    pub notices: Vec<String>,
    pub settings: Vec<Setting>,
    pub cells: Vec<CellTold>,
    /// In the order in which they are to be run.
    pub jobs: Vec<Job>,
    /// Files of the bases.
    pub bases: Vec<String>,
    pub steps: u32,
    /// Training tokens of all runs.
    pub tokens: f64,
    /// Floating-point operations of all runs, about.
    pub work: f64,
    /// Whether a link may start it by itself.
    pub unasked: bool,
}

/// One setting of a link.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Setting {
    pub key: &'static str,
    pub name: &'static str,
    pub value: String,
    pub accepted: String,
}

/// One combination of what a link sweeps.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CellTold {
    pub label: String,
    pub family: String,
    pub rank: Option<u32>,
    pub size: &'static str,
    pub replay: f64,
    pub parameters: usize,
}

/// What is known of runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    pub complete: bool,
    /// Runs that have ended, and all.
    pub done: usize,
    pub jobs: usize,
    /// The answer in words, and its evidence.
    pub headline: String,
    pub more: String,
    pub statements: Vec<Said>,
    pub figures: Vec<Listed>,
    pub warnings: Vec<String>,
    /// The link to share; with the fingerprint, once all runs have ended.
    pub link: Option<String>,
    pub fingerprint: Option<String>,
    /// How the fingerprint compares with the one that was claimed.
    pub verdict: Option<Verdict>,
    /// What each imported record of a real Llama says by itself.
    pub records: Vec<RecordTold>,
}

/// A record of a real Llama, told.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RecordTold {
    pub run_id: String,
    pub title: String,
    pub headline: String,
    pub more: String,
    pub statements: Vec<Said>,
    pub figures: Vec<Listed>,
    pub warnings: Vec<String>,
    /// The steps that have texts.
    pub texts: Vec<u32>,
}

/// A verdict, for a badge and in full.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// `exact`, `tolerance` or `differs`.
    pub kind: &'static str,
    pub text: String,
    pub sentence: String,
}

/// A record that was opened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Opened {
    /// With its fingerprint; a record of a real Llama has none, and nothing to rerun here.
    pub link: Option<String>,
    pub build: String,
}

/// How many resamples there are, of how many.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Resampled {
    pub done: usize,
    pub of: usize,
}

/// Texts of one run at one step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Generations {
    /// The steps that have texts.
    pub steps: Vec<u32>,
    pub step: u32,
    pub texts: Vec<Compared>,
}

/// What a file held.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ImportTold {
    /// Whether its runs are among the imported ones now.
    pub taken: bool,
    /// Which required fields are in no column, as a sentence.
    pub missing: Option<String>,
    pub rows: usize,
    pub runs: usize,
    pub notes: Vec<String>,
    /// Rows that cannot be used, each by its line.
    pub bad: Vec<String>,
    pub more_bad: usize,
    /// What its columns, keys or metrics are called.
    pub columns: Vec<String>,
}

/// Advice for a budget, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Advised {
    pub sentence: String,
    pub advice: Option<Advice>,
    pub refusal: Option<Refusal>,
}
