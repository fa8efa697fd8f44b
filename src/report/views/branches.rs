//! What some experiments and worlds have: mitigations side by side, and tasks in sequence.

use super::spread;
use crate::experiments::job::Cell;
use crate::figure::{Figure, FrontLine, Measured, MitigationFront, TaskMatrix};
use crate::record::Summary;
use crate::record::summary::{self, Escape, MatchedSummary, MitigationSummary, SequenceSummary};
use crate::stats::Interval;

/// Forgetting of every mitigation against the loss on the new task, at one width; `None` where there are none.
pub fn by_mitigation(summary: &Summary, width: u32, reference: bool) -> Option<Figure> {
    let matched: Vec<&MatchedSummary> =
        summary.matched.iter().filter(|of| of.width == width && of.level.is_some()).collect();
    let telling = summary.telling_level(width)?;
    let first = matched.first()?;
    // Of each kind, what forgets least at the level that is spoken of is named, if it escapes.
    let least = |name: &str| {
        let of_kind = telling.mitigations.iter().filter(|of| of.mitigation.mitigation.name == name);
        let escapes = of_kind.filter(|of| of.verdict == Escape::Escapes && of.less_plain.is_some());
        escapes.min_by(|a, b| a.less_plain.unwrap_or(0.0).total_cmp(&b.less_plain.unwrap_or(0.0)))
    };
    let line = |k: usize| {
        let mitigation = first.mitigations[k].mitigation;
        let at: Vec<&MitigationSummary> = matched.iter().map(|of| &of.mitigations[k]).collect();
        FrontLine {
            name: mitigation.to_string(),
            forgetting: at.iter().map(|of| spread(of.forgetting.quartiles.as_ref())).collect(),
            reached: at.iter().map(|of| of.verdict != Escape::Unreached).collect(),
            named: least(mitigation.mitigation.name).is_some_and(|least| least.mitigation == mitigation),
        }
    };
    let figure = MitigationFront {
        levels: matched.iter().filter_map(|of| of.level).collect(),
        plain: FrontLine {
            name: "plain".to_owned(),
            forgetting: matched.iter().map(|of| spread(of.plain.quartiles.as_ref())).collect(),
            reached: vec![true; matched.len()],
            named: true,
        },
        mitigations: (0..first.mitigations.len()).map(line).collect(),
        telling: telling.level,
        seeds: first.plain.n,
        reference,
    };
    (!figure.mitigations.is_empty()).then(|| figure.figure())
}

/// The losses on every task after every task, for one cell; `None` where fine-tuning teaches one.
pub fn by_task(summary: &Summary, cell: Cell, reference: bool) -> Option<Figure> {
    Some(TaskMatrix { reference, ..task_matrix(summary.sequence(cell.width, cell.branch)?) }.figure())
}

/// What the figure of a sequence is made from.
pub(in crate::report) fn task_matrix(told: &SequenceSummary) -> TaskMatrix {
    let measured = |spread: &summary::Spread, interval: Option<Interval>| Measured {
        median: spread.quartiles.map(|q| q.median),
        interval: interval.map(|interval| [interval.low, interval.high]),
    };
    TaskMatrix {
        losses: told.matrix.clone(),
        average_forgetting: measured(&told.average_forgetting, told.average_forgetting_interval),
        backward_transfer: measured(&told.backward_transfer, told.backward_transfer_interval),
        plasticity: measured(&told.plasticity, told.plasticity_interval),
        seeds: told.plasticity.n,
        diverged: told.plasticity.diverged,
        reference: false,
    }
}
