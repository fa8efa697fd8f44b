//! What the page and its workers say to each other.
//!
//! The worker speaks first ([`ToPage::Ready`]). The page then gives it jobs and asks for slices of
//! work; pausing is not asking. Every job has a token, so that late reports of forgotten jobs are
//! told apart. Messages are plain objects; what is reported travels as one packed, transferred buffer.

use core::fmt;

use js_sys::{Array, Reflect, Uint8Array};
use serde::de::{DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use wasm_bindgen::{JsCast, JsValue};

use crate::experiments::engine::Engine;
use crate::experiments::event::Event;
use crate::experiments::job::Job;
use crate::experiments::spec::Spec;

/// Raised with every change to the messages below.
pub const PROTOCOL: u32 = 1;

/// What the page says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToWorker {
    /// Puts a job at the end of the worker's queue.
    Start {
        /// Names the job in reports.
        token: u32,
        /// Checked again by the worker.
        spec: Spec,
        /// The seed and width to train.
        job: Job,
    },
    /// Asks for one slice of work on the queue, answered by one [`ToPage::Progress`].
    Advance {
        /// About how long to compute.
        millis: f64,
        /// Ends the slice early at the next checkpoint of the first job.
        to_checkpoint: bool,
    },
    /// Empties the queue.
    Forget,
}

/// What a worker says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToPage {
    /// The first message: the worker can be talked to.
    Ready {
        /// The worker's [`PROTOCOL`].
        protocol: u32,
        /// The worker's build, which must be the page's.
        build: String,
        /// The engine that computes.
        engine: Engine,
    },
    /// The answer to one [`ToWorker::Advance`].
    Progress(Packed),
    /// The worker cannot do a job.
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
}

/// What went wrong with a worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The kind, for programs.
    pub code: Code,
    /// What happened, in a sentence.
    pub text: String,
}

/// The kinds of [`Fault`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// The worker did not start.
    InitFailed,
    /// The worker is of another build than the page.
    Mismatch,
    /// The worker's code was ended by the browser.
    Died,
    /// The worker has been silent for too long.
    NoAnswer,
    /// The worker ended itself over a defect.
    Panicked,
    /// The worker refused the settings.
    BadSpec,
    /// A message could not be read.
    Garbled,
}

impl Code {
    /// The code as scripts and tests know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::InitFailed => "init-failed",
            Self::Mismatch => "mismatch",
            Self::Died => "died",
            Self::NoAnswer => "no-answer",
            Self::Panicked => "panicked",
            Self::BadSpec => "bad-spec",
            Self::Garbled => "garbled",
        }
    }
}

impl Fault {
    /// A fault of one kind.
    pub fn new(code: Code, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

/// Reports as bytes (postcard); a `Uint8Array` on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Packed(Vec<u8>);

impl Packed {
    /// Packs what a slice did.
    ///
    /// # Errors
    /// Only where memory or the format's lengths give out.
    pub fn new(reports: &[Report]) -> Result<Self, Fault> {
        postcard::to_stdvec(reports).map(Self).map_err(garbled)
    }

    /// What a slice did, one report for each job it touched.
    ///
    /// # Errors
    /// [`Code::Garbled`] if the bytes are no reports.
    pub fn unpack(&self) -> Result<Vec<Report>, Fault> {
        match postcard::take_from_bytes(&self.0).map_err(garbled)? {
            (reports, []) => Ok(reports),
            (_, rest) => Err(garbled(format_args!("{} bytes too many", rest.len()))),
        }
    }
}

impl AsRef<[u8]> for Packed {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Packed {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl Serialize for Packed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Packed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Packed;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("packed reports")
            }
            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Packed, E> {
                Ok(Packed(bytes.to_vec()))
            }
            fn visit_byte_buf<E: serde::de::Error>(self, bytes: Vec<u8>) -> Result<Packed, E> {
                Ok(Packed(bytes))
            }
        }
        deserializer.deserialize_byte_buf(Bytes)
    }
}

/// A message as a JavaScript value, with the buffers to transfer.
///
/// # Errors
/// [`Code::Garbled`] if it has no such value.
pub fn encode(message: &impl Serialize) -> Result<(JsValue, Array), Fault> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible().serialize_bytes_as_arrays(false);
    let value = message.serialize(&serializer).map_err(garbled)?;
    let transferred = Array::new();
    if let Ok(packed) = Reflect::get(&value, &JsValue::from_str("Progress"))
        && let Ok(bytes) = packed.dyn_into::<Uint8Array>()
    {
        transferred.push(&bytes.buffer());
    }
    Ok((value, transferred))
}

/// The message that a JavaScript value is.
///
/// # Errors
/// [`Code::Garbled`] if it is none.
pub fn decode<M: DeserializeOwned>(value: JsValue) -> Result<M, Fault> {
    serde_wasm_bindgen::from_value(value).map_err(garbled)
}

fn garbled(why: impl fmt::Display) -> Fault {
    Fault::new(Code::Garbled, format!("A message between the page and its worker could not be read: {why}."))
}
