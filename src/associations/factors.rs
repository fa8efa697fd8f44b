//! What the leading factors go with.

use serde::{Deserialize, Serialize};

use super::correlation::{Correlation, pearson, spearman};
use super::spectrum::Spectrum;
use super::training::Training;
use crate::stats::Interval;

/// Rows or columns of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Tasks,
    Examples,
}

/// Leading singular vectors of a matrix, each with the sign that makes the tasks' sum positive.
///
/// # Shapes
/// By factor: `tasks`: `[M]`; `examples`: `[N]`.
pub struct Factors {
    tasks: Vec<Vec<f64>>,
    examples: Vec<Vec<f64>>,
}

/// A factor beside a property.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    pub of: Side,
    pub property: String,
    /// From 1.
    pub factor: usize,
    /// `None` for fewer than three items, or where either does not vary.
    pub pearson: Option<Bounded>,
    pub spearman: Option<Bounded>,
}

/// A correlation and where it may lie.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bounded {
    #[serde(flatten)]
    pub found: Correlation,
    /// 95 %; `None` for three pairs.
    pub interval: Option<Interval>,
}

impl Factors {
    /// At most so many.
    pub fn of(training: &Training<'_>, spectrum: &Spectrum, most: usize) -> Self {
        let rank = spectrum.rank(most);
        let right = spectrum.right(training, None, rank);
        let (mut tasks, mut examples) = (Vec::new(), Vec::new());
        for k in 0..rank {
            let own: Vec<f64> = (0..training.rows()).map(|row| spectrum.left[(row, k)]).collect();
            let sign = if own.iter().sum::<f64>() < 0.0 { -1.0 } else { 1.0 };
            tasks.push(own.iter().map(|value| sign * value).collect());
            examples.push(right.chunks_exact(rank).map(|of_column| sign * of_column[k]).collect());
        }
        Self { tasks, examples }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.tasks.len()
    }

    /// Each factor beside a property of every task or example, one at a time.
    pub fn beside<'a>(
        &'a self,
        of: Side,
        property: &'a str,
        values: &'a [f64],
    ) -> impl Iterator<Item = Compared> + use<'a> {
        let factors = match of {
            Side::Tasks => &self.tasks,
            Side::Examples => &self.examples,
        };
        factors.iter().enumerate().map(move |(place, factor)| Compared {
            of,
            property: property.to_owned(),
            factor: place + 1,
            pearson: pearson(factor, values).map(|found| Bounded { found, interval: found.pearson_interval() }),
            spearman: spearman(factor, values).map(|found| Bounded { found, interval: found.spearman_interval() }),
        })
    }
}
