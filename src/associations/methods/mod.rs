//! Methods that complete a row of the matrix from a few of its entries. One file each, one entry in `METHODS`.

mod additive;
mod additive_sgd;
mod als;
mod factorisation;
mod factorisation_sgd;
mod logistic;
mod neighbours;
mod random;
mod regression;
mod representation;
mod row_space;
mod soft_impute;

pub use additive::Additive;
pub use additive_sgd::AdditiveSgd;
pub use factorisation::Factorisation;
pub use factorisation_sgd::{FactorisationSgd, Factors};
pub use logistic::Logistic;
pub use neighbours::Neighbours;
pub use random::Random;
pub use representation::Representation;
pub use soft_impute::SoftImpute;

use super::matrix::Matrix;
use super::training::Training;
use crate::seed::Seed;

/// Entries of one row that are known: column and value, every column once.
pub type Known = [(usize, f32)];

/// One entry: row, column, value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    pub row: usize,
    pub column: usize,
    pub value: f32,
}

/// A way to complete rows. What it learns from training rows is learned once; completing a row is quick.
pub trait Method: Send + Sync {
    /// Its name on the command line and in records.
    fn name(&self) -> &'static str;

    /// Whether it tells logits of a binary matrix, and not values.
    fn tells_logits(&self) -> bool {
        false
    }

    /// Learns from rows.
    fn fit<'a>(&self, training: &Training<'a>) -> Box<dyn Model + 'a>;
}

/// What a method has learned.
pub trait Model: Send + Sync {
    /// What it expects of every column of a row that it was not shown, of which some entries are known: `[N]`, values
    /// or logits. `seed` decides what is random.
    fn complete(&self, observed: &Known, seed: Seed) -> Vec<f64>;

    /// The same of the row of that number in the matrix, of which models may know more than its entries.
    fn complete_row(&self, _number: usize, observed: &Known, seed: Seed) -> Vec<f64> {
        self.complete(observed, seed)
    }
}

/// The probability of a logit, 1 / (1 + exp(-x)).
pub(super) fn probability(logit: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-logit))
}

/// A method by its name.
struct Listed {
    name: &'static str,
    /// Compared unless others are asked for, since it is quick: on matrices of values, and on binary ones.
    is_usual: [bool; 2],
    /// With so many factors, where it has any.
    with_factors: fn(usize) -> Box<dyn Method>,
}

const METHODS: [Listed; 9] = [
    Listed { name: "random", is_usual: [true, true], with_factors: |_| Box::new(Random) },
    Listed { name: "additive", is_usual: [true, true], with_factors: |_| Box::new(Additive::default()) },
    Listed { name: "neighbours", is_usual: [true, true], with_factors: |_| Box::new(Neighbours::default()) },
    Listed {
        name: "factorisation",
        is_usual: [true, true],
        with_factors: |factors| Box::new(Factorisation { factors }),
    },
    Listed { name: "soft_impute", is_usual: [true, false], with_factors: |_| Box::new(SoftImpute) },
    Listed { name: "logistic_additive", is_usual: [false, true], with_factors: |_| Box::new(Logistic { factors: 0 }) },
    Listed {
        name: "logistic_factorisation",
        is_usual: [false, true],
        with_factors: |factors| Box::new(Logistic { factors }),
    },
    Listed { name: "additive_sgd", is_usual: [false, false], with_factors: |_| Box::new(AdditiveSgd::default()) },
    Listed {
        name: "factorisation_sgd",
        is_usual: [false, false],
        with_factors: |factors| Box::new(FactorisationSgd { factors, ..FactorisationSgd::default() }),
    },
];

/// The method of a name, with so many factors where it has any; `None` where no method is called so.
pub fn named(name: &str, factors: usize) -> Option<Box<dyn Method>> {
    METHODS.iter().find(|method| method.name == name).map(|method| (method.with_factors)(factors))
}

/// The names of all methods.
pub fn names() -> Vec<&'static str> {
    METHODS.iter().map(|method| method.name).collect()
}

/// The names of those that are compared unless others are asked for, on that kind of matrix.
pub fn usual(is_binary: bool) -> Vec<&'static str> {
    let usual = METHODS.iter().filter(|method| method.is_usual[usize::from(is_binary)]);
    usual.map(|method| method.name).collect()
}

/// The matrix with every missing entry replaced by what a method expects, having learned from all rows: `[M, N]`,
/// row-major. Logits are told as probabilities. Where neighbours are asked, a row's own entries count once more among
/// the baselines, and it is no neighbour of itself where it matters, since it lacks what is asked for.
pub fn completed(method: &dyn Method, matrix: &Matrix) -> Vec<f32> {
    let model = method.fit(&Training::all(matrix));
    let mut entries = matrix.entries().to_vec();
    for (index, row) in entries.chunks_exact_mut(matrix.columns()).enumerate() {
        if !row.iter().any(|entry| entry.is_nan()) {
            continue;
        }
        let known: Vec<(usize, f32)> = matrix.present(index).collect();
        let expected = model.complete_row(index, &known, Seed::new(0).fork("completed").fork(&index.to_string()));
        for (entry, expected) in row.iter_mut().zip(expected).filter(|(entry, _)| entry.is_nan()) {
            *entry = if method.tells_logits() { probability(expected) } else { expected } as f32;
        }
    }
    entries
}
