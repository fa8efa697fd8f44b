//! Which groups of examples are forgotten together.

use serde::{Deserialize, Serialize};

use super::permuting::Permuting;
use super::training::Training;
use crate::error::Problems;

/// What a grouping of the columns says of forgetting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoForgetting {
    /// The share of what effects of tasks and examples leave that is shared within groups: squares of the groups' mean
    /// profiles over all squares, from 0 to 1.
    pub shared_within: f64,
    /// The share of permutations of the columns' labels that share as much: whether the groups matter at all.
    pub p_value: f64,
    /// Every pair of groups, the first below the second.
    pub pairs: Vec<Pair>,
}

/// Two groups of examples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    pub first: usize,
    pub second: usize,
    /// Pearson's correlation over tasks of the two groups' mean forgetting: what forgets the one forgets the other.
    /// `None` where a group does not vary over tasks.
    pub together: Option<f64>,
    /// The share of permutations of the tasks of one group whose correlation is as large, either way; Holm's correction
    /// over all pairs.
    pub p_value: Option<f64>,
    /// The partial correlation given the mean of all other columns: beyond that some tasks forget everything. `None`
    /// where there is no other group.
    pub beyond_the_rest: Option<f64>,
}

/// What groups dealt by chance share: [`CoForgetting::shared_within`] over the permutations of the columns' labels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ByChance {
    pub mean: f64,
    /// Five of a hundred permutations share more.
    pub q95: f64,
}

impl CoForgetting {
    /// Of columns dealt to groups 0, 1, 2 and so on, `[N]`, with so many permutations for each p-value.
    ///
    /// # Errors
    /// Those of [`Permuting::new`].
    pub fn of(training: &Training<'_>, groups: &[usize], permutations: usize) -> Result<Self, Problems> {
        let mut permuting = Permuting::new(training.clone(), groups, permutations)?;
        while permuting.advance() < 1.0 {}
        Ok(permuting.finish().0)
    }
}
