//! What the page and its workers say to each other.
//!
//! The worker speaks first ([`ToPage::Ready`]). The page then gives it jobs and asks for slices of
//! work; pausing is not asking. Every job has a token, so that late reports of forgotten jobs are
//! told apart. The GPU worker begins as a small script (`www/gpu_worker_loader.js`), which looks for
//! a GPU ([`ToPage::Found`]) and becomes the program when told to. Messages are plain objects; what
//! is reported travels as one packed, transferred buffer.

mod desk;
mod fault;
mod packed;

use js_sys::{Array, Reflect, Uint8Array};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};

pub use self::desk::{Answer, Asked, Traced};
use self::fault::garbled;
pub use self::fault::{Code, Fault};
pub use self::packed::Packed;
use super::devices::{Adapter, Test};
use super::plain;
use crate::experiments::engine::Engine;
use crate::experiments::event::Event;
use crate::experiments::job::Job;
use crate::experiments::spec::Spec;

/// Raised with every change to the messages below.
pub const PROTOCOL: u32 = 4;

/// What the page says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToWorker {
    /// Puts jobs at the end of the worker's queue. What cannot be trained is refused at once, by one
    /// [`ToPage::Failed`]; [`Self::Advance`] is not.
    Start {
        /// Checked again by the worker.
        spec: Box<Spec>,
        /// A list of [`Berth`]s.
        jobs: Packed,
    },
    /// Asks for one slice of work on the queue, answered by one [`ToPage::Progress`].
    Advance {
        /// About how long to compute.
        millis: f64,
        /// Ends the slice early at the next checkpoint of the first job.
        to_checkpoint: bool,
        /// Whether to report where jobs stand, too ([`Report::state`]). A worker may be too busy to.
        keep: bool,
    },
    /// Puts a job back, to the beginning of its present phase or to its very start; what it has reported
    /// since is void. Answered by one [`ToPage::Progress`] without events.
    Rewind {
        /// The job.
        token: u32,
        /// Back to its start.
        to_start: bool,
    },
    /// Empties the queue.
    Forget,
    /// Asks for something beside training: an [`Asked`].
    Ask(Packed),
    /// Tells the GPU worker's loader to fetch the engine.
    Load,
    /// Asks the GPU worker how fast it is, answered by one [`ToPage::Timed`]. What it trains for
    /// that is thrown away.
    Time {
        /// Names the question.
        token: u32,
        /// Checked again by the worker.
        spec: Box<Spec>,
        /// A list of [`Berth`]s: jobs that wait.
        jobs: Packed,
    },
}

/// A job in a worker's queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Berth {
    /// Names the job in reports.
    pub token: u32,
    /// The seed and width to train.
    pub job: Job,
    /// Where to go on, as a report said; from the beginning without it.
    pub state: Option<Packed>,
}

/// What a worker says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToPage {
    /// The GPU worker's first message: there is a GPU.
    Found(Adapter),
    /// The GPU engine is on its way.
    Loading {
        /// Bytes that have arrived, unpacked.
        bytes: f64,
        /// Bytes that there are; 0 if unknown.
        of: f64,
    },
    /// The first message of a program: the worker can be talked to.
    Ready {
        /// The worker's [`PROTOCOL`].
        protocol: u32,
        /// The worker's build, which must be the page's.
        build: String,
        /// The engine that computes.
        engine: Engine,
    },
    /// The GPU is open and was compared with the CPU.
    Tested(Test),
    /// The answer to one [`ToWorker::Time`].
    Timed {
        /// Names the question.
        token: u32,
        /// Sample x unit x steps per second.
        speed: f64,
    },
    /// The answer to one [`ToWorker::Advance`] or [`ToWorker::Rewind`]: a [`Report`] for each job it touched.
    Progress(Packed),
    /// The answer to one [`ToWorker::Ask`]: an [`Answer`].
    Answer(Packed),
    /// The worker cannot do a job, or nothing more at all.
    Failed {
        /// The job; 0 if it is none in particular.
        token: u32,
        /// Why not.
        fault: Fault,
    },
}

/// What one slice did to one job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The job's token.
    pub token: u32,
    /// What there is to report, in order.
    pub events: Vec<Event>,
    /// Sample x unit x steps of this job so far.
    pub work_done: f64,
    /// Whether nothing more will come.
    pub done: bool,
    /// A [`JobCheckpoint`](crate::experiments::checkpoint::JobCheckpoint) at which nothing was unreported but what is in `events`.
    pub state: Option<Packed>,
}

/// A message as a JavaScript value, with the buffers to transfer.
///
/// # Errors
/// [`Code::Garbled`] if it has no such value.
pub fn encode(message: &impl Serialize) -> Result<(JsValue, Array), Fault> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible().serialize_bytes_as_arrays(false);
    let value = message.serialize(&serializer).map_err(garbled)?;
    let transferred = Array::new();
    for name in ["Progress", "Ask", "Answer"] {
        if let Ok(packed) = Reflect::get(&value, &JsValue::from_str(name))
            && let Ok(bytes) = packed.dyn_into::<Uint8Array>()
        {
            transferred.push(&bytes.buffer());
        }
    }
    Ok((value, transferred))
}

/// The message that a JavaScript value is.
///
/// # Errors
/// [`Code::Garbled`] if it is none.
pub fn decode<M: DeserializeOwned>(value: JsValue) -> Result<M, Fault> {
    plain::read(value).map_err(garbled)
}
