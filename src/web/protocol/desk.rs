//! What the page asks a worker beside training: to write, read and compare records, which takes long
//! where networks are many, and whose code the page need not carry.

use serde::{Deserialize, Serialize};

use super::Packed;
use crate::experiments::engine::Engine;
use crate::experiments::event::Event;
use crate::experiments::job::Job;
use crate::record::{Agreement, Timing};

/// What is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Asked {
    /// Nothing yet: takes in complete jobs of one run. The only one that is not answered.
    Gather {
        /// The science part of the run's link.
        link: String,
        /// Some of its jobs; functions are needed at the ends of phases only.
        jobs: Vec<Traced>,
    },
    /// The record of what was gathered, as JSON.
    Record {
        /// Where it was computed.
        device: String,
        timing: Timing,
    },
    /// Its series, as CSV.
    Series,
    /// How what was gathered compares with a record.
    Compare {
        /// The record.
        json: String,
        /// How long the rerun took.
        timing: Timing,
    },
    /// What a record holds.
    Read {
        /// The record, which may come from anywhere.
        json: String,
    },
}

/// Everything that a job has reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Traced {
    pub job: Job,
    pub engine: Engine,
    pub events: Vec<Event>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// A file.
    Written(Packed),
    /// A verdict.
    Compared(Agreement),
    /// What a record is of.
    Opened {
        /// The science part of its link.
        link: String,
        /// The build that made it.
        build: String,
    },
    /// Why there is no other answer, in a sentence.
    Refused(String),
}
