//! Populations over seeds: what figures draw.

use serde::{Deserialize, Serialize};

use crate::experiments::event::GRID;
use crate::experiments::job::{Cell, checkpoints};
use crate::experiments::results::JobTraces;
use crate::experiments::{Measures, Results};
use crate::stats::Quartiles;

/// One phase of a cell at every checkpoint.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PhasePopulation {
    pub steps: Vec<u32>,
    /// Per measure of [`Measures::NAMES`], per checkpoint; `None` where no seed has a value.
    pub measures: Vec<Vec<Option<Quartiles>>>,
    /// Per checkpoint, per point of the grid; empty where no seed has a value.
    pub functions: Vec<Vec<Quartiles>>,
}

/// Both phases of one cell, over the seeds that have reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Populations {
    pub width: u32,
    pub branch: usize,
    /// Seeds that have reported something and have not diverged.
    pub seeds: usize,
    /// Inputs at which the function is known.
    pub grid: Vec<f32>,
    pub pretraining: PhasePopulation,
    pub fine_tuning: PhasePopulation,
    /// Fine-tuning as the kernel predicts it, of the same seeds, without functions; `None` where it was not asked.
    pub predicted: Option<PhasePopulation>,
}

impl Populations {
    /// The populations of one cell.
    pub fn of(results: &Results, cell: Cell) -> Self {
        Self::with_functions(results, cell, &|_, _| true)
    }

    /// As [`Self::of`], with the functions of some checkpoints only, which cost the most by far:
    /// those for which `wanted` says so, given whether it is fine-tuning and the checkpoint's index.
    /// The others are empty.
    pub fn with_functions(results: &Results, cell: Cell, wanted: &dyn Fn(bool, usize) -> bool) -> Self {
        let spec = &results.spec;
        Self {
            width: cell.width,
            branch: cell.branch,
            seeds: results.of_width(cell.width).flatten().filter(|t| t.phase(Some(cell.branch)).is_some()).count(),
            grid: spec.grid(),
            pretraining: phase(results, cell.width, None, spec.pretraining_steps, &|k| wanted(false, k)),
            fine_tuning: phase(results, cell.width, Some(cell.branch), spec.fine_tuning_steps, &|k| wanted(true, k)),
            predicted: spec.experiment.predicts().then(|| predicted(results, cell)),
        }
    }

    /// Rounds every number to twelve significant bits (0.01 %), for reference curves: the zeros behind pack well.
    pub fn rounded(mut self) -> Self {
        const BITS: u32 = 52 - 11;
        let round = |q: &mut Quartiles| {
            for value in [&mut q.median, &mut q.q25, &mut q.q75] {
                *value = f64::from_bits((value.to_bits() + (1 << (BITS - 1))) >> BITS << BITS);
            }
        };
        for phase in [&mut self.pretraining, &mut self.fine_tuning].into_iter().chain(&mut self.predicted) {
            phase.measures.iter_mut().flatten().flatten().for_each(round);
            phase.functions.iter_mut().flatten().for_each(round);
        }
        self
    }
}

/// The function at a step over the seeds of a cell (of pre-training if `branch` is `None`), per point of
/// the grid; empty where no seed has a value.
pub(super) fn functions_at(results: &Results, width: u32, branch: Option<usize>, step: u32) -> Vec<Quartiles> {
    let seeds: Vec<&[f32]> = results
        .of_width(width)
        .flatten()
        .filter_map(|t| t.phase(branch)?.at(step))
        .map(|point| point.function.as_slice())
        .filter(|function| function.len() == GRID)
        .collect();
    let at = |k: usize| seeds.iter().map(|f| f64::from(f[k])).collect::<Vec<_>>();
    (0..GRID).map_while(|k| Quartiles::of(&at(k))).collect()
}

fn phase(
    results: &Results,
    width: u32,
    branch: Option<usize>,
    steps: u32,
    wanted: &dyn Fn(usize) -> bool,
) -> PhasePopulation {
    let column = |index: usize| {
        let rows = results.population(width, branch, |m: &Measures| m.values()[index]);
        rows.into_iter().map(|(_, values)| Quartiles::of(&values)).collect()
    };
    let steps = checkpoints(steps);
    PhasePopulation {
        measures: (0..Measures::NAMES.len()).map(column).collect(),
        functions: (0..steps.len())
            .map(|k| if wanted(k) { functions_at(results, width, branch, steps[k]) } else { Vec::new() })
            .collect(),
        steps,
    }
}

/// The predictions of a branch over the seeds that have not diverged on it.
fn predicted(results: &Results, cell: Cell) -> PhasePopulation {
    let there = |traces: &&JobTraces| traces.phase(Some(cell.branch)).is_some();
    let jobs: Vec<&JobTraces> = results.of_width(cell.width).flatten().filter(there).collect();
    let steps = checkpoints(results.spec.fine_tuning_steps);
    let at = |step: u32, index: usize| {
        let points = jobs.iter().filter_map(|t| t.predicted.get(cell.branch)?.points.iter().find(|p| p.step == step));
        Quartiles::of(&points.map(|p| f64::from(p.measures.values()[index])).collect::<Vec<_>>())
    };
    PhasePopulation {
        measures: (0..Measures::NAMES.len()).map(|index| steps.iter().map(|&step| at(step, index)).collect()).collect(),
        functions: Vec::new(),
        steps,
    }
}
