//! What many fine-tunings of real Llamas say together: a sweep's finished runs, told to someone who was not there.
//!
//! Every run is held against its base ([`Compared`]); besides, what the runs have in common and what varies decides what is
//! asked of them: the laws where ranks vary ([`Laws`]), forgetting at equal loss where sizes of models do ([`Sizes`]), and
//! where forgetting shows where data do ([`Matrix`]).

mod compared;
mod figures;
mod html;
mod laws;
mod matrix;
mod said;
mod sizes;

pub use compared::{Compared, Verdict, compared};
pub use html::html;
pub use laws::{Laws, laws};
pub use matrix::{Matrix, MatrixCell};
pub use said::report;
pub use sizes::{AtSize, Equal, Sizes};

use std::collections::BTreeMap;

use serde::Serialize;

use super::plain;
use crate::experiments::scaling::Ending;
use crate::record::llama::Record;

/// Most groups of runs of which a law or a comparison is told.
const MOST_GROUPS: usize = 12;

/// The finished runs of a sweep, and what they differ in.
#[derive(Clone, Debug, Default)]
pub struct Sweep {
    pub name: String,
    /// What it is to answer, in its author's words.
    pub question: Option<String>,
    pub axes: Vec<Axis>,
    /// By index.
    pub runs: Vec<Run>,
    /// How many there will be.
    pub planned: usize,
}

/// One list of what varies.
#[derive(Clone, Debug)]
pub struct Axis {
    pub name: String,
    pub role: Role,
    /// As they are told.
    pub values: Vec<String>,
}

/// What a list decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The base model.
    Model,
    /// What it is tuned on.
    Data,
    Seed,
    /// What is trained and for how long: rank, method, steps.
    Tuning,
    Replay,
    Other,
}

impl Role {
    /// Of a list that sets these settings, by dotted key.
    pub fn of<'a>(settings: impl Iterator<Item = &'a str> + Clone) -> Self {
        let sets = |what: &str| {
            let is = |key: &str| key == what || key.strip_prefix(what).is_some_and(|rest| rest.starts_with('.'));
            settings.clone().any(is)
        };
        let roles = [
            ("model", Self::Model),
            ("data", Self::Data),
            ("replay", Self::Replay),
            ("tuning", Self::Tuning),
            ("training.steps", Self::Tuning),
            ("training.epochs", Self::Tuning),
            ("seed", Self::Seed),
        ];
        roles.into_iter().find(|(what, _)| sets(what)).map_or(Self::Other, |(_, role)| role)
    }
}

/// One finished run.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its name in the sweep, which its folder has.
    pub name: String,
    /// Places among the values of each axis.
    pub chosen: Vec<usize>,
    pub record: Record,
}

impl Run {
    /// The step at which it blew up.
    pub fn diverged(&self) -> Option<u32> {
        match self.record.ending {
            Some(Ending::Diverged(step)) => Some(step),
            _ => None,
        }
    }

    /// L_ft by step, where it was measured.
    fn learned(&self) -> impl Iterator<Item = (u32, f64)> {
        self.record.points.iter().filter_map(|point| Some((point.step, point.fine_tuning_loss?)))
    }
}

/// Runs that agree in some lists.
struct Group<'a> {
    /// What they agree in, in words; empty where there is nothing to say.
    label: String,
    runs: Vec<&'a Run>,
}

impl Sweep {
    /// The value that a run has in a list.
    fn value(&self, run: &Run, axis: usize) -> String {
        run.chosen.get(axis).and_then(|&place| self.axes[axis].values.get(place)).map_or_else(String::new, |v| plain(v))
    }

    /// What a run has of the lists with certain roles, in words.
    fn label(&self, run: &Run, of: impl Fn(Role) -> bool) -> String {
        let own = (0..self.axes.len()).filter(|&axis| of(self.axes[axis].role));
        own.map(|axis| format!("{} = {}", plain(&self.axes[axis].name), self.value(run, axis)))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Runs that have not blown up, by what they have of the lists with certain roles.
    fn groups(&self, of: impl Fn(Role) -> bool) -> Vec<Group<'_>> {
        let mut groups: BTreeMap<Vec<usize>, Vec<&Run>> = BTreeMap::new();
        for run in self.runs.iter().filter(|run| run.diverged().is_none()) {
            let own = self.axes.iter().zip(&run.chosen).filter(|(axis, _)| of(axis.role));
            groups.entry(own.map(|(_, &place)| place).collect()).or_default().push(run);
        }
        groups.into_values().map(|runs| Group { label: self.label(runs[0], &of), runs }).collect()
    }

    /// Seeds that runs differ in.
    fn seeds(&self) -> usize {
        let seeds = self.axes.iter().filter(|axis| axis.role == Role::Seed).map(|axis| axis.values.len());
        seeds.product::<usize>().max(1)
    }
}

/// Everything that was found in a sweep's runs.
pub struct Found {
    /// By run, as the sweep has them.
    pub compared: Vec<Vec<Compared>>,
    pub laws: Vec<Laws>,
    pub sizes: Vec<Sizes>,
    pub matrix: Option<Matrix>,
}

impl Found {
    /// Of a sweep, with the [laws](laws()) that were fitted to its runs.
    pub fn of(sweep: &Sweep, laws: Vec<Laws>) -> Self {
        let compared = compared(sweep);
        let matrix = Matrix::of(sweep, &compared);
        Self { laws, sizes: Sizes::of(sweep), matrix, compared }
    }

    /// The runs in numbers: what each was, what it came to, and how it compares with its base.
    pub fn numbers<'a>(&'a self, sweep: &'a Sweep) -> Vec<Numbers<'a>> {
        let numbers = |(run, compared): (&'a Run, &'a Vec<Compared>)| Numbers {
            run: &run.name,
            chosen: (0..sweep.axes.len())
                .map(|axis| (sweep.axes[axis].name.as_str(), sweep.value(run, axis)))
                .collect(),
            trained_parameters: run.record.tuning.parameters,
            steps: run.record.points.last().map_or(0, |point| point.step),
            diverged: run.diverged(),
            fine_tuning_loss: [run.learned().next(), run.learned().last()].map(|found| found.map(|(_, loss)| loss)),
            compared,
        };
        sweep.runs.iter().zip(&self.compared).map(numbers).collect()
    }
}

/// A run in numbers.
#[derive(Clone, Debug, Serialize)]
pub struct Numbers<'a> {
    pub run: &'a str,
    pub chosen: BTreeMap<&'a str, String>,
    pub trained_parameters: u64,
    pub steps: u32,
    pub diverged: Option<u32>,
    /// Before and after.
    pub fine_tuning_loss: [Option<f64>; 2],
    pub compared: &'a [Compared],
}
