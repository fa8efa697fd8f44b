//! Knowing nothing.

use super::{Known, Method, Model};
use crate::associations::Training;
use crate::seed::Seed;

/// Draws every entry from the training rows with replacement: right values in the wrong places.
#[derive(Clone, Copy, Debug)]
pub struct Random;

impl Method for Random {
    fn name(&self) -> &'static str {
        "random"
    }

    fn fit<'a>(&self, training: &Training<'a>) -> Box<dyn Model + 'a> {
        Box::new(Drawn { training: training.clone(), mean: training.mean() })
    }
}

struct Drawn<'a> {
    training: Training<'a>,
    mean: f64,
}

/// Draws of an entry that is there before the mean stands in; a matrix that is half empty needs two on average.
const MOST_DRAWS: usize = 64;

impl Model for Drawn<'_> {
    fn complete(&self, _: &Known, seed: Seed) -> Vec<f64> {
        let mut stream = seed.fork("random").stream();
        let (rows, columns) = (self.training.rows() as u32, self.training.columns() as u32);
        let mut draw = || {
            let row = self.training.row(stream.below(rows) as usize);
            row[stream.below(columns) as usize]
        };
        let mut entry = || (0..MOST_DRAWS).map(|_| draw()).find(|entry| !entry.is_nan()).map_or(self.mean, f64::from);
        (0..columns).map(|_| entry()).collect()
    }
}
