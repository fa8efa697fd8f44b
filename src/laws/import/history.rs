//! Metrics that were logged at different times: entries of the same run and step make one observation.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::field::{Cells, FIELDS, observation};
use super::{Field, Imported, Options};

/// The entries of each run and step, in the order in which they first came.
#[derive(Default)]
pub(super) struct History {
    index: BTreeMap<(String, String), usize>,
    entries: Vec<(String, Cells<'static>)>,
}

impl History {
    /// Adds a cell to what is known of a run at a step; the last one told counts.
    pub fn tell(&mut self, place: impl FnOnce() -> String, run: &str, step: &str, field: Field, text: String) {
        let index = *self.index.entry((run.to_owned(), step.to_owned())).or_insert_with(|| {
            let mut cells: Cells = [const { None }; FIELDS.len()];
            cells[Field::Run as usize] = Some(Cow::Owned(run.to_owned())).filter(|run: &Cow<'_, str>| !run.is_empty());
            cells[Field::Steps as usize] = Some(Cow::Owned(step.to_owned()));
            self.entries.push((place(), cells));
            self.entries.len() - 1
        });
        self.entries[index].1[field as usize] = Some(Cow::Owned(text));
    }

    /// How many pairs of run and step there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The observations; those steps at which one of the losses was not logged are counted in a note.
    pub fn observations(self, options: &Options) -> Imported {
        let mut found = Imported::default();
        let mut partial = 0;
        let constant = |field: Field| options.constants.iter().any(|constant| constant.field == field);
        for (place, cells) in &self.entries {
            let has = |field: Field| cells[field as usize].is_some() || constant(field);
            if !has(Field::FineTuningLoss) || !has(Field::Forgetting) {
                partial += 1;
                continue;
            }
            match observation(|| place.clone(), cells, options) {
                Ok(observation) => found.observations.push(observation),
                Err(problems) => problems.into_iter().for_each(|problem| found.tell(problem)),
            }
        }
        if partial > 0 {
            found.notes.push(format!(
                "{partial} of {} logged steps lack the fine-tuning loss or forgetting and are left out.",
                self.entries.len()
            ));
        }
        found
    }
}
