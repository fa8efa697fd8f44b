//! What the runs have reported so far.

use serde::{Deserialize, Serialize};

use super::cell::{Cell, Job, cells, jobs};
use super::event::{Checkpoint, Ending, Event};
use super::spec::CheckedSpec;
use crate::laws::Observation;
use crate::sorted_map::SortedMap;

/// Everything one run has reported.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    pub points: Vec<Checkpoint>,
    /// `None` while it goes on.
    pub ending: Option<Ending>,
}

impl Trace {
    /// The last checkpoint of a complete run.
    pub fn last(&self) -> Option<&Checkpoint> {
        self.ending.filter(|&ending| ending == Ending::Complete).and_then(|_| self.points.last())
    }
}

/// The runs of one spec.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    pub spec: CheckedSpec,
    cells: Vec<Cell>,
    traces: SortedMap<Job, Trace>,
}

impl Results {
    /// Nothing yet.
    pub fn new(spec: CheckedSpec) -> Self {
        Self { cells: cells(&spec), spec, traces: SortedMap::new() }
    }

    /// The cells of the spec.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Forgets what a run has reported, so that it can be begun anew.
    pub fn forget(&mut self, job: Job) {
        self.traces.insert(job, Trace::default());
    }

    /// Takes in what a run reports; a job that the spec has not, or an event after the end, is passed over.
    pub fn take(&mut self, job: Job, event: Event) {
        if !self.spec.seeds.contains(&job.seed) || job.cell as usize >= self.cells.len() {
            return;
        }
        if self.traces.get(&job).is_none() {
            self.traces.insert(job, Trace::default());
        }
        let Some(trace) = self.traces.get_mut(&job).filter(|trace| trace.ending.is_none()) else { return };
        match event {
            Event::Checkpoint(point) => {
                if trace.points.last().is_none_or(|last| last.step < point.step) {
                    trace.points.push(*point);
                }
            }
            Event::Ended(ending) => trace.ending = Some(ending),
        }
    }

    /// What a run has reported.
    pub fn trace(&self, job: Job) -> Option<&Trace> {
        self.traces.get(&job)
    }

    /// All runs that have reported something, by seed, then by cell.
    pub fn traces(&self) -> impl Iterator<Item = (Job, &Trace)> {
        jobs(&self.spec).into_iter().filter_map(|job| Some((job, self.traces.get(&job)?)))
    }

    /// The runs of one cell, by seed.
    pub fn of_cell(&self, cell: usize) -> impl Iterator<Item = (u32, &Trace)> {
        let of = move |&seed: &u32| Some((seed, self.traces.get(&Job { seed, cell: cell as u32 })?));
        self.spec.seeds.iter().filter_map(of)
    }

    /// How many runs have ended.
    pub fn ended(&self) -> usize {
        self.traces().filter(|(_, trace)| trace.ending.is_some()).count()
    }

    /// Whether all have.
    pub fn is_complete(&self) -> bool {
        self.ended() == self.cells.len() * self.spec.seeds.len()
    }

    /// What the laws are fitted to: every checkpoint after the first of every run that has not diverged.
    pub fn observations(&self) -> Vec<Observation> {
        let of = |(job, trace): (Job, &Trace)| {
            let cell = self.cells[job.cell as usize];
            let run = format!("{}, seed {}", cell.label(&self.spec), job.seed);
            let parameters = cell.parameters(&self.spec) as f64;
            let row = move |point: &Checkpoint| Observation {
                parameters,
                steps: f64::from(point.step),
                fine_tuning_loss: f64::from(point.losses.fine_tuning),
                forgetting: f64::from(point.losses.forgetting),
                replay: Some(cell.replay),
                tokens: Some(cell.new_tokens(&self.spec, point.step) as f64),
                model_parameters: Some(cell.model_parameters() as f64),
                run: Some(run.clone()),
                family: Some(cell.family.kind()),
            };
            trace.points.iter().filter(|point| point.step > 0).map(row).collect::<Vec<_>>()
        };
        let well = |(_, trace): &(Job, &Trace)| !matches!(trace.ending, Some(Ending::Diverged(_)));
        self.traces().filter(well).flat_map(of).collect()
    }
}
