//! How well methods predict rows of what was measured from a few of their entries.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::results::Results;
use crate::associations::methods::{Method, Representation, named, usual};
use crate::associations::{Matrix, MethodScore, Protocol};

/// Factors of factorisations, columns drawn of a test row, and how many times, as in the paper.
const FACTORS: usize = 5;
const OBSERVED: usize = 30;
const DRAWS: usize = 10;

/// Methods compared on one matrix, with one way of dealing its rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Completion {
    pub split: Split,
    /// Whether the entries are answers lost, of the first seed, and not rises, the mean of all.
    pub is_binary: bool,
    /// Rows that were learned from, and rows that were predicted.
    pub training: Vec<usize>,
    pub test: Vec<usize>,
    /// Columns drawn of each test row, with replacement.
    pub observed: usize,
    pub methods: Vec<MethodScore>,
}

/// Which rows are predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// Every fourth: most have rows of their kind among those that are learned from.
    Inside,
    /// The last quarter: most kinds were never seen.
    Outside,
}

impl Split {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Inside, Self::Outside];

    /// Its name in records, as a phrase.
    pub fn words(self) -> &'static str {
        match self {
            Self::Inside => "kinds seen",
            Self::Outside => "kinds not seen",
        }
    }

    fn is_test(self, row: usize, rows: usize) -> bool {
        match self {
            Self::Inside => row % 4 == 3,
            Self::Outside => row >= rows - (rows / 4).max(1),
        }
    }
}

/// Every comparison that complete results allow, the same for the same results. It takes tenths of a second.
pub fn completions(results: &Results) -> Vec<Completion> {
    let rises = results.mean().map(|matrix| (matrix, false));
    let answers = results.spec.seeds.first().and_then(|&seed| Some((results.binary(seed)?, true)));
    let mut all = Vec::new();
    for (matrix, is_binary) in rises.into_iter().chain(answers) {
        let features = results.features.as_ref().and_then(|features| match is_binary {
            true => features.of_columns(&results.known()),
            false => Some(features.clone()),
        });
        let methods = usual(is_binary).into_iter().filter_map(|name| named(name, FACTORS));
        let represented = features.map(|features| Representation { features: Arc::new(features), is_binary });
        let represented = represented.map(|method| Box::new(method) as Box<dyn Method>);
        let methods: Vec<Box<dyn Method>> = methods.chain(represented).collect();
        all.extend(Split::ALL.into_iter().filter_map(|split| Completion::of(&matrix, split, is_binary, &methods)));
    }
    all
}

impl Completion {
    /// `None` of rows or columns that are too few.
    fn of(matrix: &Matrix, split: Split, is_binary: bool, methods: &[Box<dyn Method>]) -> Option<Self> {
        let observed = OBSERVED.min(matrix.columns() / 2);
        // A fine-tuning that has diverged says nothing.
        let rows = (0..matrix.rows()).filter(|&row| matrix.present(row).count() > observed);
        let (test, training): (Vec<usize>, Vec<usize>) = rows.partition(|&row| split.is_test(row, matrix.rows()));
        let protocol = Protocol::new(matrix, training.clone(), test.clone(), observed, DRAWS, is_binary).ok()?;
        let methods = methods.iter().map(|method| {
            let learned = protocol.training();
            let model = method.fit(&learned);
            let trial = |index| protocol.trial(method.as_ref(), model.as_ref(), index);
            protocol.score(method.name(), &(0..protocol.trials()).map(trial).collect::<Vec<_>>())
        });
        let methods = methods.collect();
        Some(Self { split, is_binary, training, test, observed, methods })
    }

    /// How a method did.
    pub fn method(&self, name: &str) -> Option<&MethodScore> {
        self.methods.iter().find(|method| method.name == name)
    }
}
