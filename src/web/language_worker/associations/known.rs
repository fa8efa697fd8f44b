//! What is known of the rows and columns of a matrix otherwise, and what it says of the matrix.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use super::gradual::Gradual;
use crate::associations::import::Values;
use crate::associations::{Compared, Factors, Grouped, Matrix, PERMUTATIONS, Properties, Side, Spectrum, Training};
use crate::platform::rest;

/// Kinds of rows and columns; empty where none are known.
#[derive(Default)]
pub struct Kinds {
    pub rows: Vec<String>,
    pub columns: Vec<String>,
}

impl Kinds {
    /// The first property of labels of either side.
    pub fn of(properties: &Properties) -> Self {
        let first = |side: Side| {
            let labelled = properties.of(side).iter().find_map(|property| match &property.values {
                Values::Labels(of_items, labels) => Some((of_items, labels)),
                Values::Numbers(_) => None,
            });
            labelled.map_or_else(Vec::new, |(of_items, labels)| of_items.iter().map(|&k| labels[k].clone()).collect())
        };
        Self { rows: first(Side::Tasks), columns: first(Side::Examples) }
    }
}

/// What properties say of a matrix, as far as it has been asked for.
#[derive(Default)]
pub struct Said {
    properties: Arc<Properties>,
    together: Gradual<Vec<Grouped>>,
    /// With the most factors that it is about.
    factors: (usize, Gradual<Vec<Compared>>),
}

impl Said {
    /// Nothing yet.
    pub fn new(properties: Arc<Properties>) -> Self {
        Self { properties, ..Self::default() }
    }

    /// How many properties are compared with factors, and how many are groups.
    pub fn counts(&self) -> [usize; 2] {
        [self.properties.count_of_numbers(), self.properties.groupings().count()]
    }

    /// Works for about so long on which groups are forgotten together, and says which share of it is done.
    pub fn together(&mut self, matrix: &Arc<Matrix>, millis: f64) -> (f64, Option<&Vec<Grouped>>) {
        let begin = |share| grouped(Arc::clone(matrix), Arc::clone(&self.properties), share);
        (self.together.advance(millis, begin), self.together.done())
    }

    /// Works for about so long on what the first factors go with, at most so many; other numbers begin anew.
    pub fn factors(
        &mut self,
        matrix: &Arc<Matrix>,
        spectrum: impl FnOnce() -> Spectrum,
        most: usize,
        millis: f64,
    ) -> (f64, Option<&Vec<Compared>>) {
        if self.factors.0 != most {
            self.factors = (most, Gradual::Not);
        }
        let begin = |share| compared(Arc::clone(matrix), Arc::clone(&self.properties), spectrum(), most, share);
        (self.factors.1.advance(millis, begin), self.factors.1.done())
    }
}

async fn grouped(matrix: Arc<Matrix>, properties: Arc<Properties>, share: Rc<Cell<f64>>) -> Vec<Grouped> {
    let training = Training::all(&matrix);
    let all = properties.groupings().count().max(1) as f64;
    let mut found = Vec::new();
    for (place, grouping) in properties.groupings().enumerate() {
        // They were checked when they were read.
        let Ok(mut permuting) = grouping.permuting(training.clone(), PERMUTATIONS) else { continue };
        loop {
            rest().await;
            let done = permuting.advance();
            share.set((place as f64 + done) / all);
            if done >= 1.0 {
                break;
            }
        }
        found.push(grouping.grouped(permuting));
    }
    found
}

async fn compared(
    matrix: Arc<Matrix>,
    properties: Arc<Properties>,
    spectrum: Spectrum,
    most: usize,
    share: Rc<Cell<f64>>,
) -> Vec<Compared> {
    let factors = Factors::of(&Training::all(&matrix), &spectrum, most);
    let all = (properties.count_of_numbers() * factors.count()).max(1) as f64;
    let mut found = Vec::new();
    for compared in properties.beside(&factors) {
        found.push(compared);
        share.set(found.len() as f64 / all);
        rest().await;
    }
    found
}
