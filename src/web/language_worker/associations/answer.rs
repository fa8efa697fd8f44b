//! What the worker answers about association matrices, as plain objects.

use serde::Serialize;

use crate::associations::{Ceiling, Compared, Grouped, MethodScore, Reconstruction};
use crate::experiments::associations::Job;
use crate::web::language_worker::answer::Setting;

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
    /// In the order in which they are to be run.
    pub jobs: Vec<Job>,
    /// The file of the base; none in worlds of networks.
    pub bases: Vec<String>,
    /// Rows of the matrix.
    pub tasks: usize,
    pub seeds: usize,
    pub steps: u32,
    /// Floating-point operations of all runs, about.
    pub work: f64,
    /// Whether a link may start it by itself.
    pub unasked: bool,
}

/// A matrix that there is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Source {
    pub id: String,
    pub title: String,
    /// Of its entries.
    pub unit: &'static str,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Imported {
    pub rows: usize,
    pub columns: usize,
    pub missing: usize,
    /// What is odd about it, as sentences.
    pub notes: Vec<String>,
}

/// Properties that were read, by name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Described {
    /// Compared with the factors.
    pub numbers: Vec<String>,
    /// Of examples, groups.
    pub labels: Vec<String>,
    pub notes: Vec<String>,
}

/// What is known of a matrix at sight.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sight {
    pub rows: usize,
    pub columns: usize,
    pub missing: usize,
    pub is_binary: bool,
    /// Where colours end: 99 of 100 entries are not larger.
    pub scale: f32,
    pub least: f32,
    pub greatest: f32,
    pub notes: Vec<String>,
    /// Whether it has been decomposed.
    pub is_decomposed: bool,
    /// Properties of its tasks and examples that are compared with its factors.
    pub numbers: usize,
    /// Properties by which its examples are dealt to groups.
    pub groupings: usize,
}

/// The order of the rows: their numbers and names, first to last.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ordered {
    pub rows: Vec<usize>,
    pub names: Vec<String>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// Numbers in the matrix as it was given.
    pub row: usize,
    pub column: usize,
    pub row_name: String,
    pub column_name: String,
    pub row_kind: Option<String>,
    pub column_kind: Option<String>,
    /// `None` where it is missing.
    pub value: Option<f32>,
    /// Of each seed, where there are several.
    pub seeds: Vec<Option<f32>>,
}

/// Means, for those who do not see the picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Overview {
    /// What the columns of the table are.
    pub heads: Vec<String>,
    /// By row: its name, then the mean of all its entries and of each part of the columns.
    pub rows: Vec<(String, Vec<Option<f64>>)>,
}

/// Which groups of examples are forgotten together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Together<'a> {
    /// Of the work, from 0 to 1.
    pub share: f64,
    /// By property, once all is done.
    pub groups: Option<&'a Vec<Grouped>>,
}

/// What the leading factors go with.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BesideFactors<'a> {
    /// Of the work, from 0 to 1.
    pub share: f64,
    /// Once all is done.
    pub correlations: Option<&'a Vec<Compared>>,
}

/// How much simple models hold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Held {
    /// `None` where all entries are equal.
    pub reconstruction: Option<Reconstruction>,
    /// Of several seeds.
    pub ceiling: Option<Ceiling>,
    pub seeds: usize,
}

/// How far a comparison is, and what it came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Predicted {
    /// Methods that have learned, of all.
    pub fitted: usize,
    pub methods: usize,
    /// Trials done, of all.
    pub done: usize,
    pub of: usize,
    pub training_rows: String,
    pub test_rows: String,
    /// Draws of the columns that are scored.
    pub draws: usize,
    /// Over these draws; before the first is done by all methods, theirs of that draw who have it.
    pub scores: Option<Vec<MethodScore>>,
    /// The root mean square error that the noise of seeds alone would leave; `None` of a single seed.
    pub noise: Option<f64>,
}
