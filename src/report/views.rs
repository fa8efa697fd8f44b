//! From results, or from the reference, to figures.

mod branches;
mod run;
mod sweeps;

pub(super) use branches::task_matrix;
pub use branches::{by_mitigation, by_task};
pub use run::{Moment, RunView};
pub use sweeps::{by_both, by_gap, by_replay, by_width};

use super::sentence::{self, Sentence};
use crate::experiments::job::Cell;
use crate::experiments::{CheckedSpec, Results, Swept};
use crate::figure::loss_over_time::Phase;
use crate::figure::{Figure, Sheet, Spread};
use crate::record::{Populations, Summary};
use crate::stats::Quartiles;

fn spread(quartiles: Option<&Quartiles>) -> Spread {
    quartiles.map_or(Spread::MISSING, |q| Spread::new(q.median, q.q25, q.q75))
}

/// The sheet of figures in files.
pub fn paper() -> Sheet {
    Sheet::file(760.0, 420.0)
}

/// The cell that single-run figures show unless the reader chooses another: width 64 or, where it
/// is not among the widths, the middle one; the first replay fraction.
pub fn focus(spec: &CheckedSpec) -> Cell {
    let middle = spec.widths[spec.widths.len() / 2];
    Cell { width: if spec.widths.contains(&64) { 64 } else { middle }, branch: 0 }
}

/// The sentence of results.
pub fn sentence(results: &Results, summary: &Summary) -> Sentence {
    let cell = focus(&results.spec);
    let complete = results.complete_seeds();
    match summary.cell(cell.width, cell.branch) {
        Some(cell) => sentence::result(summary, &results.spec, cell, complete, results.spec.seeds.len()),
        None => Sentence::default(),
    }
}

/// Every figure that finished results have.
pub fn all(results: &Results, summary: &Summary) -> Vec<Figure> {
    let cell = focus(&results.spec);
    let populations = Populations::of(results, cell);
    let last = populations.fine_tuning.steps.len() - 1;
    let view = RunView {
        spec: &results.spec,
        populations: &populations,
        cell: summary.cell(cell.width, cell.branch),
        moment: Moment { phase: Phase::FineTuning, checkpoint: last },
        results: Some(results),
        seed: None,
        everyone: false,
        reference: false,
    };
    let mut figures = vec![view.function(), view.losses()];
    figures.extend(by_task(summary, cell, false));
    figures.extend(by_width(summary, cell.branch, None, false));
    figures.extend(by_replay(summary, cell.width, None, false));
    figures.extend(by_mitigation(summary, cell.width, false));
    if results.spec.experiment.predicts() {
        figures.extend(by_gap(summary, cell.branch, None, false));
    } else if results.spec.experiment.swept() == Swept::Both {
        figures.extend(by_both(summary, results.spec.seeds.len(), None, false));
    }
    figures
}
