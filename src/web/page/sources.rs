//! Which results each figure shows: the run's own, a sweep of this visit, or the reference.

use super::state::{State, Sweep};
use super::view::Timeline;
use crate::experiments::{Cell, CheckedSpec, Experiment, Swept};
use crate::figure::Figure;
use crate::record::Summary;
use crate::report::sentence::{Part, Role};
use crate::report::views::{RunView, by_replay, by_width};

/// The figures of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chart {
    Function,
    Loss,
    Width,
    Replay,
}

impl Chart {
    /// All of them, the large row first.
    pub const ALL: [Self; 4] = [Self::Function, Self::Loss, Self::Width, Self::Replay];

    /// The order on the page: what an experiment is about comes first and largest.
    pub fn order(experiment: Experiment) -> [Self; 4] {
        match experiment.swept() {
            Swept::Nothing => Self::ALL,
            Swept::Widths => [Self::Width, Self::Loss, Self::Function, Self::Replay],
            Swept::Fractions => [Self::Replay, Self::Loss, Self::Function, Self::Width],
        }
    }

    /// The name in `data-figure` and in the ids of the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Loss => "loss",
            Self::Width => "width",
            Self::Replay => "replay",
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
            reference: false,
        });
        return Some(Made { line: line(&figure), figure, origin: Origin::Run });
    }
    let reference = state.reference(Swept::Nothing)?;
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
        reference: true,
    });
    Some(Made { line: line(&figure), figure, origin: Origin::Reference })
}

fn sweep(chart: Chart, state: &State, swept: Swept, earlier: Option<&Sweep>) -> Option<Made> {
    let own = || {
        let results = state.results()?;
        let summary = state.shown.summary.as_ref()?;
        draw_sweep(chart, summary, &results.spec, state.view.cell(&results.spec), Origin::Run)
    };
    let earlier = || {
        let sweep = earlier?;
        draw_sweep(chart, &sweep.summary, &sweep.spec, state.view.cell(&sweep.spec), Origin::Earlier)
    };
    let reference = || {
        let reference = state.reference(swept)?;
        let spec = reference.spec().ok()?;
        draw_sweep(chart, &reference.summary, &spec, state.view.cell(&spec), Origin::Reference)
    };
    own().or_else(earlier).or_else(reference)
}

fn draw_sweep(chart: Chart, summary: &Summary, spec: &CheckedSpec, cell: Cell, origin: Origin) -> Option<Made> {
    let reference = origin == Origin::Reference;
    let mut line = Vec::new();
    let figure = if chart == Chart::Width {
        let figure = by_width(summary, cell.branch, Some(cell.width), reference)?;
        if summary.comparisons.get(cell.branch).is_some_and(|comparisons| comparisons.sign_changes) {
            line.push(Part { text: "The sign depends on what is held equal. ".to_owned(), role: Role::Strong });
        }
        line.push(say(figure.notes.join(" ")));
        figure
    } else {
        let p = spec.branches().get(cell.branch).map(|branch| branch.mean(spec.fine_tuning_steps));
        let figure = by_replay(summary, cell.width, p, reference)?;
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
