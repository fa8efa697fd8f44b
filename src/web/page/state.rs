//! Everything that the page shows, and nothing about how: one value, changed by what the visitor
//! does and by what the workers report, read by the parts that draw.

use std::cell::Ref;
use std::rc::Rc;

use super::asking::Asking;
use super::keeping::Offer;
use super::theme::Look;
use super::view::{Timeline, View};
use crate::experiments::{Cell, CheckedSpec, Experiment, Results, Swept, Trace};
use crate::figure::loss_over_time::Phase;
use crate::record::fingerprint::{Taken, Taking};
use crate::record::link::science;
use crate::record::summary::Summarising;
use crate::record::{Agreement, BUILD, Fingerprint, Link, Populations, Summary};
use crate::report::Reference;
use crate::report::views::Moment;
use crate::web::runner::Runner;

/// What someone else's run came to, to be compared with this one.
pub(super) enum Claim {
    /// What the opened link says.
    Link { build: Option<String>, fingerprint: Fingerprint },
    /// The opened record.
    Record { json: String, build: String },
}

/// What the badge says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    New,
    Checking,
    Known(Agreement),
}

/// How the address bar follows the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// The entry of the history is rewritten.
    Replace,
    /// Settings have changed: a new entry where the present one is a run to come back to.
    Edit,
    /// A new entry.
    Push,
}

/// A finished sweep, kept while other runs are shown.
#[derive(Clone)]
pub(super) struct Sweep {
    pub spec: CheckedSpec,
    pub summary: Rc<Summary>,
}

/// What the figures are made from, taken from the runner at a pace that the page can follow.
#[derive(Default)]
pub(super) struct Shown {
    /// Raised whenever anything below is new.
    pub version: u32,
    pub summary: Option<Rc<Summary>>,
    pub populations: Option<Rc<Populations>>,
    /// The cell of these populations.
    pub cell: Option<Cell>,
    /// Where the scrubber stood when they were made, if they have the functions around it only.
    pub functions_at: Option<usize>,
    /// Complete jobs and seeds when the summary was begun.
    pub complete_jobs: usize,
    pub complete_seeds: usize,
    /// Of the results, once they are complete.
    pub fingerprint: Option<Fingerprint>,
    /// What is being made of the results, piece by piece.
    pub making: Option<Making>,
}

/// What is made of results in pieces of milliseconds, between frames.
pub(super) enum Making {
    /// The summary, and how many jobs and seeds were complete when it was begun.
    Summary(Box<Summarising>, [usize; 2]),
    Fingerprint(Box<Taking>),
    /// A worker compares the results with an opened record: the number of the question.
    Comparison(u32, Box<Taken>),
}

/// The state of the page.
pub(super) struct State {
    /// What the controls say.
    pub spec: CheckedSpec,
    /// Texts of controls that could not be taken, by key, with why not.
    pub errors: Vec<(&'static str, String)>,
    pub view: View,
    pub notices: Vec<String>,
    pub claim: Option<Claim>,
    pub verdict: Verdict,
    pub runner: Runner,
    /// Whether a run has been started, so that the results are somebody's.
    pub started: bool,
    pub shown: Shown,
    /// The last finished sweeps over width and replay.
    pub width_sweep: Option<Sweep>,
    pub replay_sweep: Option<Sweep>,
    /// Reference curves, as they arrive.
    pub references: Vec<Rc<Reference>>,
    /// The theme that the visitor chose, on this visit or before.
    pub theme_wish: Option<String>,
    /// Whether the scrubber moves by itself.
    pub playing: bool,
    /// The seed drawn by itself, under the pointer.
    pub hovered_seed: Option<u32>,
    /// Questions to workers, and the number of the last one.
    pub askings: Vec<Asking>,
    pub last_asking: u32,
    /// Whether a file is being made.
    pub saving: bool,
    /// Whether a record is being read.
    pub opening: bool,
    /// What is wrong with a record that was opened.
    pub record_error: Option<String>,
    /// An unfinished run of another visit, until the visitor has said what to do with it.
    pub offer: Option<Offer>,
    /// How the address has to change, if it has.
    pub address: Option<Address>,
    /// A sentence for screen readers, said once.
    pub announcement: Option<String>,
}

impl Shown {
    /// Whether networks have finished since the summary was made.
    pub fn summary_due(&self, results: &Results) -> bool {
        let done = results.complete_jobs();
        done > 0 && (done != self.complete_jobs || self.summary.is_none())
    }

    /// Whether finished results have no name yet.
    pub fn judging_due(&self, results: &Results) -> bool {
        self.fingerprint.is_none() && results.is_complete()
    }
}

impl State {
    /// The page before anything has happened.
    pub fn new(runner: Runner) -> Self {
        Self {
            spec: CheckedSpec::defaults(Experiment::default()),
            errors: Vec::new(),
            view: View::default(),
            notices: Vec::new(),
            claim: None,
            verdict: Verdict::New,
            runner,
            started: false,
            shown: Shown::default(),
            width_sweep: None,
            replay_sweep: None,
            references: Vec::new(),
            theme_wish: Look::recalled(),
            playing: false,
            hovered_seed: None,
            askings: Vec::new(),
            last_asking: 0,
            saving: false,
            opening: false,
            record_error: None,
            offer: None,
            address: None,
            announcement: None,
        }
    }

    /// What the runner has gathered, if a run was started.
    pub fn results(&self) -> Option<Ref<'_, Results>> {
        self.started.then(|| self.runner.results()).flatten()
    }

    /// Whether the controls ask for something else than what was run.
    pub fn stale(&self) -> bool {
        self.results().is_some_and(|results| results.spec != self.spec)
    }

    /// The reference that varies this, with or without predictions, if it has arrived.
    pub fn reference(&self, swept: Swept, predicts: bool) -> Option<&Rc<Reference>> {
        let is_it = |experiment: Experiment| experiment.swept() == swept && experiment.predicts() == predicts;
        self.references.iter().find(|reference| reference.spec().is_ok_and(|spec| is_it(spec.experiment)))
    }

    /// The spec behind the learned function and the losses: that of the results, else of the reference.
    pub fn shown_spec(&self) -> CheckedSpec {
        let results = self.results().filter(|_| self.shown.populations.is_some());
        results.map_or_else(|| CheckedSpec::defaults(Experiment::default()), |results| results.spec.clone())
    }

    /// Where the scrubber stands in a run.
    pub fn position(&self, timeline: &Timeline) -> usize {
        let newest = match (&self.shown.populations, self.results()) {
            (Some(_), Some(results)) => newest(&results, self.view.cell(&results.spec), timeline),
            _ => timeline.end(),
        };
        self.view.scrubbed.map_or(newest, |total| timeline.nearest(total))
    }

    /// The moment that the figures show.
    pub fn moment(&self, timeline: &Timeline) -> Moment {
        timeline.moment(self.position(timeline))
    }

    /// The hash that shows what is shown.
    pub fn link(&self) -> String {
        let (build, fingerprint) = match &self.claim {
            Some(Claim::Link { build, fingerprint }) => (build.as_deref(), Some(fingerprint)),
            _ => (None, None),
        };
        Link::write(&self.spec, build, fingerprint, &self.view.write(&self.spec))
    }

    /// The link that others should get: with the fingerprint, once there is one.
    pub fn link_to_share(&self) -> String {
        match self.shown.fingerprint.as_ref().filter(|_| !self.stale()) {
            Some(fingerprint) => Link::write(&self.spec, Some(BUILD), Some(fingerprint), &self.view.write(&self.spec)),
            None => self.link(),
        }
    }

    /// Whether a spec asks the same question as the controls.
    pub fn asks(&self, spec: &CheckedSpec) -> bool {
        science(&self.spec) == science(spec)
    }

    /// Says something to screen readers.
    pub fn announce(&mut self, sentence: impl Into<String>) {
        self.announcement = Some(sentence.into());
    }
}

/// The last position that some seed of a cell has come to.
fn newest(results: &Results, cell: Cell, timeline: &Timeline) -> usize {
    // What a seed had when it blew up is no value.
    let last = |trace: &Trace| trace.points.iter().rev().map(|point| point.step).find(|&step| trace.at(step).is_some());
    let reached = results.of_width(cell.width).flatten().filter_map(|traces| {
        match traces.fine_tuning.get(cell.branch).and_then(last) {
            Some(step) => Some(timeline.at(Phase::FineTuning, step)),
            None => Some(timeline.at(Phase::PreTraining, last(&traces.pretraining)?)),
        }
    });
    reached.max().unwrap_or_default()
}
