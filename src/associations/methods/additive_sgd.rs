//! The additive model as scikit-surprise fits it.

use super::factorisation_sgd::{Factors, appended};
use super::{Known, Method, Model};
use crate::associations::Training;
use crate::seed::Seed;

/// The additive model by stochastic gradient descent over the entries in their order: `BaselineOnly` of scikit-surprise
/// with method `sgd`, step by step. For comparison; [`super::Additive`] is quicker by orders of magnitude.
#[derive(Clone, Copy, Debug)]
pub struct AdditiveSgd {
    /// Passes over all entries; the paper takes 1,000.
    pub epochs: usize,
    /// Learning rate.
    pub rate: f64,
    pub regularisation: f64,
}

impl Default for AdditiveSgd {
    fn default() -> Self {
        Self { epochs: 1000, rate: 0.005, regularisation: 0.02 }
    }
}

impl Method for AdditiveSgd {
    fn name(&self) -> &'static str {
        "additive_sgd"
    }

    fn fit<'a>(&self, training: &Training<'a>) -> Box<dyn Model + 'a> {
        Box::new(Refitted { settings: *self, training: training.clone() })
    }
}

struct Refitted<'a> {
    settings: AdditiveSgd,
    training: Training<'a>,
}

impl Model for Refitted<'_> {
    fn complete(&self, observed: &Known, _: Seed) -> Vec<f64> {
        let AdditiveSgd { epochs, rate, regularisation } = self.settings;
        let rows = self.training.rows();
        let mut model = Factors::none(rows + 1, self.training.columns());
        model.descend(&appended(&self.training, observed), epochs, rate, regularisation);
        (0..self.training.columns()).map(|column| model.at(rows, column)).collect()
    }
}
