//! What a run says that the kernel has predicted.

use super::interval;
use super::parts::{Part, Writer};
use crate::figure::number::{percent, short, significant};
use crate::record::Summary;
use crate::record::summary::{CellSummary, CellTheory, Spread};

/// Prediction error above which a prediction is said to fail: as far off as a tenth of the change.
const FAILS: f64 = 0.1;

/// The cell of the widest network at a replay fraction, with what theory said of it.
pub(super) fn widest(summary: &Summary, replay: f64) -> Option<(&CellSummary, &CellTheory)> {
    let cells = summary.cells.iter().filter(|cell| cell.replay == replay);
    let known = cells.filter_map(|cell| Some((cell, cell.theory.as_ref()?)));
    known.filter(|(cell, _)| error_of(cell).is_some()).max_by_key(|(cell, _)| cell.width)
}

fn error_of(cell: &CellSummary) -> Option<f64> {
    median(cell.drift_relative_error.as_ref()?)
}

fn median(spread: &Spread) -> Option<f64> {
    spread.quartiles.map(|q| q.median)
}

/// The headline.
pub(super) fn predicted(said: &mut Writer, cell: &CellSummary, theory: &CellTheory) {
    let (Some(error), Some(actual), Some(foreseen)) =
        (error_of(cell), median(&cell.forgetting), median(&theory.predicted_forgetting))
    else {
        return;
    };
    said.say(if error < FAILS {
        "before the first step, the kernel knew what fine-tuning would do: at width "
    } else {
        "the kernel did not foresee what fine-tuning would do: at width "
    });
    said.say(format!("{} it predicted forgetting of ", cell.width)).old(foreseen);
    said.say(", and the networks forgot ").old(actual);
    said.say("; its error in the change of the old task is ").strong(percent(error)).say(".");
}

/// The evidence.
pub(super) fn evidence_predicted(summary: &Summary, cell: &CellSummary, theory: &CellTheory) -> Vec<Part> {
    let mut said = Writer::default();
    let of = |spread| median(spread).map_or_else(|| "unknown".to_owned(), percent);
    said.strong(format!("{} off", error_of(cell).map_or_else(String::new, percent)));
    said.say(format!(
        ", where the best constant is {} off, the first step extrapolated {}, and no change 100 %.",
        of(&theory.drift_relative_error_of_constant),
        of(&theory.drift_relative_error_of_first_step),
    ));
    if let Some(worst) = median(&theory.forgetting_relative_error_largest) {
        said.say(format!(" Along the way, predicted forgetting is at most {} off.", percent(worst)));
    }
    if let Some(drift) = median(&theory.kernel_drift) {
        said.say(format!(" The kernel itself moved by {} (1 − CKA)", significant(drift, 2)));
        // CKA does not see size; a few per cent of it say nothing either.
        if let Some(growth) = median(&theory.kernel_growth).filter(|growth| (growth - 1.0).abs() > 0.1) {
            said.say(format!(" and grew to {} times its size", significant(growth, 3)));
        }
        said.say(".");
    }
    let branch = summary.gap_by_width.iter().find(|gap| gap.replay == cell.replay);
    if let Some(gap) = branch
        && let Some(exponent) = gap.slope.per_doubling
    {
        said.say(format!(
            " The error goes as width to the power {}, {}.",
            short(exponent),
            interval(gap.slope.interval)
        ));
    }
    said.0
}
