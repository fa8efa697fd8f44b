//! Every task has an effect, every example has one, and they add up.

use super::{Known, Method, Model};
use crate::associations::Training;
use crate::associations::effects::Effects;
use crate::seed::Seed;

/// z_ij = mean + u_i + v_j by alternating least squares.
///
/// A new row's effect is the mean of what its observed entries have beyond the columns' effects. Fitting all rows
/// together would say the same of the columns that were not observed: what is observed of a new row moves the effects
/// of its observed columns only.
#[derive(Clone, Copy, Debug, Default)]
pub struct Additive {
    /// Weight of u_i^2 and v_j^2 for each entry; 0 for plain least squares.
    pub regularisation: f64,
}

impl Method for Additive {
    fn name(&self) -> &'static str {
        "additive"
    }

    fn fit<'a>(&self, training: &Training<'a>) -> Box<dyn Model + 'a> {
        let effects = match self.regularisation {
            0.0 => training.effects().clone(),
            weight => Effects::of(training, weight),
        };
        Box::new(Fitted { effects, regularisation: self.regularisation })
    }
}

struct Fitted {
    effects: Effects,
    regularisation: f64,
}

impl Model for Fitted {
    fn complete(&self, observed: &Known, _: Seed) -> Vec<f64> {
        let Effects { mean, columns, .. } = &self.effects;
        let beyond: f64 = observed.iter().map(|&(column, value)| f64::from(value) - mean - columns[column]).sum();
        let weight = observed.len().max(1) as f64 * (1.0 + self.regularisation);
        columns.iter().map(|column| mean + column + beyond / weight).collect()
    }
}
