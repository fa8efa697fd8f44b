//! Which results each figure shows: the run's own, a sweep of this visit, or the reference.

use super::state::{State, Sweep};
use super::view::Timeline;
use crate::experiments::{Cell, CheckedSpec, Experiment, Swept};
use crate::figure::Figure;
use crate::record::Summary;
use crate::report::sentence::{Part, Role};
use crate::report::views::{RunView, by_both, by_gap, by_mitigation, by_replay, by_task, by_width};

/// The figures of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chart {
    Function,
    Loss,
    Width,
    Replay,
    Map,
    Gap,
    Tasks,
    Front,
}

impl Chart {
    /// All of them, the large row first; the map is seen in sweeps only, the gap in predictions, task by task in
    /// sequences, the front with mitigations.
    pub const ALL: [Self; 8] =
        [Self::Function, Self::Loss, Self::Width, Self::Replay, Self::Map, Self::Gap, Self::Tasks, Self::Front];

    /// The order on the page: what an experiment is about comes first and largest.
    pub fn order(experiment: Experiment, in_sequence: bool) -> [Self; 8] {
        use Chart::{Front, Function, Gap, Loss, Map, Replay, Tasks, Width};
        let mut order = match experiment.swept() {
            _ if experiment.predicts() => [Loss, Gap, Replay, Width, Function, Map, Tasks, Front],
            _ if experiment.mitigates() => [Front, Loss, Function, Width, Replay, Map, Gap, Tasks],
            Swept::Nothing => Self::ALL,
            Swept::Widths => [Width, Loss, Function, Replay, Map, Gap, Tasks, Front],
            Swept::Fractions => [Replay, Loss, Function, Width, Map, Gap, Tasks, Front],
            Swept::Both => [Map, Loss, Width, Replay, Function, Gap, Tasks, Front],
        };
        if let Some(tasks) = order.iter().position(|chart| *chart == Tasks).filter(|_| in_sequence) {
            order[..=tasks].rotate_right(1);
        }
        order
    }

    /// The name in `data-figure` and in the ids of the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Loss => "loss",
            Self::Width => "width",
            Self::Replay => "replay",
            Self::Map => "map",
            Self::Gap => "gap",
            Self::Tasks => "tasks",
            Self::Front => "front",
        }
    }
}

/// Where a figure's numbers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The results of the run at hand.
    Run,
    /// A sweep that finished earlier in this visit.
    Earlier,
    /// Computed in advance.
    Reference,
}

/// A figure, and what belongs beside it.
pub(super) struct Made {
    pub figure: Figure,
    pub origin: Origin,
    /// The line under it.
    pub line: Vec<Part>,
}

/// The figure of a chart; `None` while there is nothing to make it from.
pub(super) fn make(chart: Chart, state: &State) -> Option<Made> {
    match chart {
        Chart::Function | Chart::Loss => single_run(chart, state),
        Chart::Width => sweep(chart, state, Swept::Widths, state.width_sweep.as_ref()),
        Chart::Replay => sweep(chart, state, Swept::Fractions, state.replay_sweep.as_ref()),
        Chart::Map | Chart::Gap => sweep(chart, state, Swept::Both, None),
        Chart::Tasks | Chart::Front => own(chart, state),
    }
}

fn single_run(chart: Chart, state: &State) -> Option<Made> {
    let draw = |view: &RunView| if chart == Chart::Function { view.function() } else { view.losses() };
    let line = |figure: &Figure| match chart {
        Chart::Loss => vec![say(figure.notes.join(" "))],
        _ => Vec::new(),
    };
    if let (Some(results), Some(populations)) = (state.results(), &state.shown.populations) {
        let timeline = Timeline::of(&results.spec);
        let cell = state.shown.summary.as_ref().and_then(|s| s.cell(populations.width, populations.branch));
        let figure = draw(&RunView {
            spec: &results.spec,
            populations,
            cell,
            moment: state.moment(&timeline),
            results: Some(&results),
            seed: state.hovered_seed,
            everyone: state.drilled().is_some(),
            reference: false,
        });
        return Some(Made { line: line(&figure), figure, origin: Origin::Run });
    }
    let reference = state.reference(Swept::Nothing, false)?;
    let spec = reference.spec().ok()?;
    let timeline = Timeline::of(&spec);
    let populations = reference.populations.as_ref()?;
    let figure = draw(&RunView {
        spec: &spec,
        populations,
        cell: reference.summary.cell(populations.width, populations.branch),
        moment: state.moment(&timeline),
        results: None,
        seed: None,
        everyone: false,
        reference: true,
    });
    Some(Made { line: line(&figure), figure, origin: Origin::Reference })
}

/// What only the run at hand can show.
fn own(chart: Chart, state: &State) -> Option<Made> {
    let cell = state.view.cell(&state.results()?.spec);
    let summary = state.shown.summary.as_ref()?;
    let figure =
        if chart == Chart::Tasks { by_task(summary, cell, false)? } else { by_mitigation(summary, cell.width, false)? };
    let line = vec![say(format!("{} {}", figure.summary, figure.notes.join(" ")))];
    Some(Made { figure, origin: Origin::Run, line })
}

fn sweep(chart: Chart, state: &State, swept: Swept, earlier: Option<&Sweep>) -> Option<Made> {
    let own = || {
        let results = state.results()?;
        let summary = state.shown.summary.as_ref()?;
        let mut made = draw_sweep(chart, summary, &results.spec, state.view.cell(&results.spec), Origin::Run)?;
        if chart == Chart::Map {
            made.line.push(say(match state.drilled() {
                Some(_) => {
                    " Losses and function show every network of the outlined cell; press it again, or Esc, to leave it."
                }
                None => " Press a cell to see its networks.",
            }
            .to_owned()));
        }
        Some(made)
    };
    let earlier = || {
        let sweep = earlier?;
        draw_sweep(chart, &sweep.summary, &sweep.spec, state.view.cell(&sweep.spec), Origin::Earlier)
    };
    let reference = || {
        let reference = state.reference(swept, chart == Chart::Gap)?;
        let spec = reference.spec().ok()?;
        draw_sweep(chart, &reference.summary, &spec, state.view.cell(&spec), Origin::Reference)
    };
    own().or_else(earlier).or_else(reference)
}

fn draw_sweep(chart: Chart, summary: &Summary, spec: &CheckedSpec, cell: Cell, origin: Origin) -> Option<Made> {
    let reference = origin == Origin::Reference;
    let mut line = Vec::new();
    let p = || summary.branch_replay(cell.branch);
    let figure = if chart == Chart::Map {
        let figure = by_both(summary, spec.seeds.len(), p().map(|p| (cell.width, p)), reference)?;
        line.push(say(figure.notes.join(" ")));
        figure
    } else if chart == Chart::Gap {
        let figure = by_gap(summary, cell.branch, Some(cell.width), reference)?;
        line.push(say(format!("{} {}", figure.summary, figure.notes.join(" "))));
        figure
    } else if chart == Chart::Width {
        let figure = by_width(summary, cell.branch, Some(cell.width), reference)?;
        if summary.comparisons.get(cell.branch).is_some_and(|comparisons| comparisons.sign_changes) {
            line.push(Part { text: "The sign depends on what is held equal. ".to_owned(), role: Role::Strong });
        }
        line.push(say(figure.notes.join(" ")));
        figure
    } else {
        let figure = by_replay(summary, cell.width, p(), reference)?;
        line.push(say(figure.summary.clone()));
        figure
    };
    if origin == Origin::Earlier {
        line.push(say(" From your last run over these.".to_owned()));
    }
    Some(Made { figure, origin, line })
}

fn say(text: String) -> Part {
    Part { text, role: Role::Plain }
}
