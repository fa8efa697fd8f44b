//! What is known of tasks and of examples otherwise, and what it says of a matrix.

use serde::Serialize;

use super::co_forgetting::{ByChance, CoForgetting};
use super::factors::{Compared, Factors, Side};
use super::import::{Property, Values};
use super::permuting::Permuting;
use super::training::Training;
use crate::error::{Problem, Problems};

/// Permutations of a p-value, unless others are asked for.
pub const PERMUTATIONS: usize = 1000;

/// Properties of every task and of every example, as far as any are known: numbers are compared with the factors, labels
/// of examples are groups.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Properties {
    pub tasks: Vec<Property>,
    pub examples: Vec<Property>,
}

/// Examples dealt to groups by a property.
pub struct Grouping<'a> {
    pub property: &'a str,
    /// `[N]`.
    pub groups: &'a [usize],
    pub labels: &'a [String],
}

/// What groups by a property come to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Grouped {
    pub property: String,
    /// By their numbers in `found`.
    pub labels: Vec<String>,
    /// What groups dealt by chance share.
    pub by_chance: ByChance,
    #[serde(flatten)]
    pub found: CoForgetting,
}

impl Properties {
    /// The properties of one side.
    pub fn of(&self, side: Side) -> &[Property] {
        match side {
            Side::Tasks => &self.tasks,
            Side::Examples => &self.examples,
        }
    }

    /// Every factor beside every number, one at a time.
    pub fn beside<'a>(&'a self, factors: &'a Factors) -> impl Iterator<Item = Compared> + use<'a> {
        self.numbers().flat_map(move |(side, name, values)| factors.beside(side, name, values))
    }

    /// How many properties are numbers.
    pub fn count_of_numbers(&self) -> usize {
        self.numbers().count()
    }

    fn numbers(&self) -> impl Iterator<Item = (Side, &str, &[f64])> {
        let all =
            [Side::Tasks, Side::Examples].into_iter().flat_map(|side| self.of(side).iter().map(move |own| (side, own)));
        all.filter_map(|(side, property)| match &property.values {
            Values::Numbers(values) => Some((side, property.name.as_str(), values.as_slice())),
            Values::Labels(..) => None,
        })
    }

    /// The labels of examples.
    pub fn groupings(&self) -> impl Iterator<Item = Grouping<'_>> {
        self.examples.iter().filter_map(|property| match &property.values {
            Values::Labels(groups, labels) => Some(Grouping { property: &property.name, groups, labels }),
            Values::Numbers(_) => None,
        })
    }

    /// What is not looked at, as sentences.
    pub fn notes(&self) -> Vec<String> {
        let text = self.tasks.iter().filter(|property| matches!(property.values, Values::Labels(..)));
        text.map(|own| format!("Tasks' {} is text: only numbers of tasks are compared.", own.name)).collect()
    }
}

impl Grouping<'_> {
    /// That a matrix of so many rows and columns can be tested for these groups.
    ///
    /// # Errors
    /// Those of [`Permuting::new`], with the name of the property.
    pub fn check(&self, shape: [usize; 2]) -> Result<(), Problems> {
        Permuting::check(shape, self.groups, PERMUTATIONS).map(|_| ()).map_err(|problems| self.named(problems))
    }

    fn named(&self, Problems(all): Problems) -> Problems {
        let named = |problem: Problem| Problem { field: format!("{}, {}", self.property, problem.field), ..problem };
        Problems(all.into_iter().map(named).collect())
    }

    /// Begins to test whether the groups are forgotten together, with so many permutations for each p-value.
    ///
    /// # Errors
    /// Those of [`Grouping::check`].
    pub fn permuting<'a>(&self, training: Training<'a>, permutations: usize) -> Result<Permuting<'a>, Problems> {
        Permuting::new(training, self.groups, permutations).map_err(|problems| self.named(problems))
    }

    /// What the tests have come to.
    pub fn grouped(&self, permuting: Permuting<'_>) -> Grouped {
        let (found, by_chance) = permuting.finish();
        Grouped { property: self.property.to_owned(), labels: self.labels.to_vec(), by_chance, found }
    }
}
