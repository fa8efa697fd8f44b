//! What can be asked of the worker about association matrices: `{ associations: { read: { link } } }`.

use serde::Deserialize;

use crate::associations::{Ordering, Pooling, Side, Window};
use crate::experiments::associations::Job;
use crate::web::answering::Sheet;
use crate::web::protocol::Packed;

/// One question: the first two to a trainer, all others to a desk. A `source` is the name of a matrix.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Puts a run in hand, with what is known to it.
    Begin { link: String, job: Job, aim: Option<Packed> },
    /// Works on it for about so long.
    Advance { millis: f64 },

    /// What a link asks for, leniently read.
    Read { link: String },
    /// Begins to gather the runs of a link, whose base must have been given.
    Gather { link: String },
    /// What a run has come to.
    Tell { job: Job, outcome: Packed },
    /// What is known to a run with replay before it starts; null where what tells it has not ended.
    Aim { job: Job },
    /// What is known so far of the runs gathered.
    Report {},
    /// The record of complete runs, as JSON.
    Record { seconds: f64, workers: usize },
    /// The link of a record, with its fingerprint; its matrices can be looked at until runs are gathered.
    Open { json: String },
    /// The mean over seeds as CSV.
    Csv {},
    /// Reads the visitor's matrix; several of one shape are those of several seeds. `array` names one of an archive.
    Import { name: String, bytes: Packed, array: Option<String> },
    /// Reads what is known of the tasks or examples of the visitor's matrix.
    Describe { of: Side, name: String, bytes: Packed },
    /// Forgets the visitor's matrices, and what is known of them.
    Forget {},
    /// The matrices that there are.
    Sources {},
    /// What is known of a matrix at sight.
    Matrix { source: String },
    /// Works on its singular value decomposition for about so long.
    Decompose { source: String, millis: f64 },
    /// Puts its rows and columns in an order, in which they are drawn and told from then on.
    Order { source: String, rows: Ordering, columns: Ordering },
    /// Picture elements of a window.
    Picture(Pictured),
    /// The entry at a place of row and column in their orders.
    Cell { source: String, row: usize, column: usize },
    /// Means of rows and of parts of the columns, in their orders.
    Overview { source: String },
    /// How much simple models hold of it.
    Reconstruction { source: String, rank: usize },
    /// Works for about so long on which groups of its examples are forgotten together.
    Together { source: String, millis: f64 },
    /// Works for about so long on what its first factors go with, at most `rank`.
    Factors { source: String, rank: usize, millis: f64 },
    /// Works on the comparison of methods for about so long; other settings than before begin it anew.
    Predict(Predict),
    /// A figure.
    Figure { id: String, sheet: Sheet },
    /// A PNG, with the words in it that say where it comes from.
    Stamp { png: Packed, source: String },
}

/// A window of a matrix as it is to be drawn.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Pictured {
    pub source: String,
    pub window: Window,
    /// Picture elements.
    pub height: usize,
    pub width: usize,
    pub pooling: Pooling,
    pub dark: bool,
    /// Where colours end.
    pub scale: f32,
}

/// Methods compared under the protocol.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Predict {
    pub source: String,
    pub rank: usize,
    /// Columns drawn of each test row.
    pub observed: usize,
    pub seeds: usize,
    /// Lists such as `0..45`; nothing is the usual choice.
    pub training_rows: String,
    pub test_rows: String,
    pub millis: f64,
}
