//! What the jobs have come to so far.

use super::job::{Job, Outcome, Predicted, Row, jobs};
use super::replay::Aim;
use super::spec::CheckedSpec;
use super::subject::{Example, Subject, Task};
use crate::associations::{Features, Matrix};
use crate::sorted_map::SortedMap;

/// The rows and predictions of one spec.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    pub spec: CheckedSpec,
    pub tasks: Vec<Task>,
    pub examples: Vec<Example>,
    /// `[tasks, examples]`, see [`Subject::similarity`].
    pub similarity: Vec<f32>,
    /// See [`Subject::features`]; `None` where they are not finite.
    pub features: Option<Features>,
    outcomes: SortedMap<Job, Outcome>,
}

impl Results {
    /// Nothing yet.
    pub fn new(spec: CheckedSpec, subject: &Subject) -> Self {
        Self {
            spec,
            tasks: subject.tasks().to_vec(),
            examples: subject.examples().to_vec(),
            similarity: subject.similarity(),
            features: subject.features().ok(),
            outcomes: SortedMap::new(),
        }
    }

    /// Nothing yet of what fine-tuning did, on a subject that was known elsewhere.
    pub fn about(
        spec: CheckedSpec,
        tasks: Vec<Task>,
        examples: Vec<Example>,
        similarity: Vec<f32>,
        features: Option<Features>,
    ) -> Self {
        Self { spec, tasks, examples, similarity, features, outcomes: SortedMap::new() }
    }

    /// Takes in what a job comes to, and says whether it did: a job that the spec has not, or an outcome of another kind or
    /// shape, is passed over.
    pub fn take(&mut self, job: Job, outcome: Outcome) -> bool {
        let columns = self.examples.len();
        let fits_row = |row: &Row| {
            let count = if row.diverged.is_some() { 0 } else { columns };
            row.rise.len() == count && row.is_right.len() == count
        };
        let fits = match (&job, &outcome) {
            (Job::Row { .. }, Outcome::Row(row)) => fits_row(row),
            (Job::Prediction { .. }, Outcome::Prediction(Predicted { rise, preconditioned })) => {
                let count = self.tasks.len() * columns;
                rise.len() == count && preconditioned.as_ref().is_none_or(|own| own.len() == count)
            }
            (Job::Replay { .. }, Outcome::Replayed(replayed)) => {
                let all_are_columns = replayed.replayed.iter().all(|&column| (column as usize) < columns);
                fits_row(&replayed.row) && all_are_columns
            }
            _ => false,
        };
        let is_taken = fits && jobs(&self.spec).contains(&job);
        if is_taken {
            self.outcomes.insert(job, outcome);
        }
        is_taken
    }

    /// What is still to be done.
    pub fn missing(&self) -> Vec<Job> {
        jobs(&self.spec).into_iter().filter(|job| !self.outcomes.contains_key(job)).collect()
    }

    /// What is to be done next, with what each job knows of others: first what is measured, then the runs with replay.
    pub fn ready(&self) -> Vec<(Job, Aim)> {
        let missing = self.missing();
        let is_replay = |job: &&Job| matches!(job, Job::Replay { .. });
        let some_are_measured = missing.iter().any(|job| !is_replay(&job));
        let now = missing.iter().filter(|job| !(some_are_measured && is_replay(job)));
        now.filter_map(|&job| Some((job, self.aim(job)?))).collect()
    }

    /// What a job has come to, if it has.
    pub(super) fn outcome(&self, job: Job) -> Option<&Outcome> {
        self.outcomes.get(&job)
    }

    /// What a fine-tuning did; `None` where it has not ended.
    pub fn row(&self, task: usize, seed: u32) -> Option<&Row> {
        match self.outcome(Job::Row { task: task as u32, seed })? {
            Outcome::Row(row) => Some(row),
            _ => None,
        }
    }

    /// Rises of one seed; those of rows that have diverged or not ended are missing. `None` where all are.
    pub fn matrix(&self, seed: u32) -> Option<Matrix> {
        let rows = (0..self.tasks.len()).flat_map(|task| self.entries(task, seed));
        self.named(rows.collect())
    }

    fn entries(&self, task: usize, seed: u32) -> Vec<f32> {
        let row = self.row(task, seed).filter(|row| row.diverged.is_none());
        row.map_or_else(|| vec![f32::NAN; self.examples.len()], |row| row.rise.clone())
    }

    /// The matrices of all seeds that have any entry.
    pub fn matrices(&self) -> Vec<Matrix> {
        self.spec.seeds.iter().filter_map(|&seed| self.matrix(seed)).collect()
    }

    /// The mean over seeds of every entry, over those that have it.
    pub fn mean(&self) -> Option<Matrix> {
        Matrix::mean(&self.matrices()).ok()
    }

    /// The columns whose answer the base gets right: those of the binary matrix.
    pub fn known(&self) -> Vec<usize> {
        (0..self.examples.len()).filter(|&column| self.examples[column].base_is_right).collect()
    }

    /// 1 where an answer was right before and is wrong after, else 0, over [`Self::known`] columns.
    pub fn binary(&self, seed: u32) -> Option<Matrix> {
        let known = self.known();
        let of_row = |task: usize| {
            let row = self.row(task, seed).filter(|row| row.diverged.is_none());
            let entry = |column: &usize| row.map_or(f32::NAN, |row| if row.is_right[*column] { 0.0 } else { 1.0 });
            known.iter().map(entry).collect::<Vec<f32>>()
        };
        let entries = (0..self.tasks.len()).flat_map(of_row).collect();
        let names = known.iter().map(|&column| self.examples[column].name.clone()).collect();
        let rows = self.tasks.iter().map(|task| task.name.clone()).collect();
        Matrix::new(self.tasks.len(), known.len(), entries).ok()?.named(rows, names).ok()
    }

    /// What was predicted of a seed's rows before any step; `None` where that has not ended.
    pub fn prediction(&self, seed: u32) -> Option<&Predicted> {
        match self.outcome(Job::Prediction { seed })? {
            Outcome::Prediction(predicted) => Some(predicted),
            _ => None,
        }
    }

    /// The mean over seeds of what was predicted before any step.
    pub fn predicted(&self) -> Option<Matrix> {
        self.mean_of(|predicted| Some(&predicted.rise))
    }

    /// The same by the steps of AdamW.
    pub fn preconditioned(&self) -> Option<Matrix> {
        self.mean_of(|predicted| predicted.preconditioned.as_ref())
    }

    fn mean_of(&self, of: impl Fn(&Predicted) -> Option<&Vec<f32>>) -> Option<Matrix> {
        let of_seed = |&seed: &u32| self.named(of(self.prediction(seed)?)?.clone());
        Matrix::mean(&self.spec.seeds.iter().filter_map(of_seed).collect::<Vec<_>>()).ok()
    }

    /// A matrix of all rows and columns by their names; `None` of no entries at all.
    fn named(&self, entries: Vec<f32>) -> Option<Matrix> {
        let rows = self.tasks.iter().map(|task| task.name.clone()).collect();
        let columns = self.examples.iter().map(|example| example.name.clone()).collect();
        Matrix::new(self.tasks.len(), self.examples.len(), entries).ok()?.named(rows, columns).ok()
    }
}
