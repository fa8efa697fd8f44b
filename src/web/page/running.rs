//! What starting, pausing and finishing runs does to the state.

use std::rc::Rc;

use wasm_bindgen::JsValue;

use super::keeping;
use super::opening::too_long;
use super::state::{Address, Claim, Shown, State, Sweep, Verdict};
use super::view::Timeline;
use crate::experiments::limits::{Limits, SEEDS_MAX};
use crate::experiments::{Engine, Results, Spec};
use crate::figure::loss_over_time::Phase as Part;
use crate::record::verdict::against_fingerprint;
use crate::record::{Fingerprint, Populations, Record, Summary, Timing};
use crate::report::views::Moment;
use crate::web::pool::{Phase, Resumed};

/// How many seeds "Add 10 more" adds.
const MORE_SEEDS: usize = 10;

/// Beyond so many seeds, functions are taken over where the scrubber stands and at the ends only:
/// all of them would hold the page up.
const ALL_FUNCTIONS: usize = 64;

impl State {
    /// Runs what the controls say; goes on with a run that paused or stopped, if it is that one.
    pub fn run(&mut self) {
        if !self.stale() && self.started {
            match self.runner.status().phase {
                Phase::Paused => return self.runner.resume(),
                Phase::Stopped(_) => return self.runner.retry(),
                Phase::Running => return,
                Phase::Idle | Phase::Finished => {}
            }
        }
        self.view.scrubbed = None;
        self.begin(false);
    }

    /// Lets every network go on to its next checkpoint.
    pub fn step(&mut self) {
        let phase = self.runner.status().phase;
        if self.stale() || !self.started || !matches!(phase, Phase::Running | Phase::Paused) {
            self.begin(true);
        }
        self.runner.step();
    }

    /// Puts the networks in hand of a paused run back to where their phase began, then to their start.
    pub fn rewind(&mut self) {
        if !self.stale() && self.runner.status().can_rewind {
            self.runner.rewind();
            self.view.scrubbed = None;
            self.announce("Rewound; Step or Resume goes on from there");
        }
    }

    /// Pauses.
    pub fn pause(&self) {
        self.runner.pause();
    }

    /// Gives the run up.
    pub fn cancel(&mut self) {
        if matches!(self.runner.status().phase, Phase::Running | Phase::Paused | Phase::Stopped(_)) {
            self.runner.cancel();
            self.verdict = Verdict::New;
        }
    }

    /// More seeds for the run at hand: the next numbers that it does not use.
    pub fn add_seeds(&mut self) {
        let mut asked = Spec::clone(&self.spec);
        let unused = (0..).filter(|seed| !self.spec.seeds.contains(seed));
        asked.seeds.extend(unused.take(MORE_SEEDS.min(SEEDS_MAX - self.spec.seeds.len())));
        match asked.check(&Limits::PAGE) {
            Ok(spec) => {
                self.ask(spec);
                self.begin(false);
            }
            Err(problems) => self.notice(format!("No more seeds: {problems}.")),
        }
    }

    /// Starts on the spec, and keeps what finished jobs of the same run have reported.
    pub fn begin(&mut self, paused: bool) {
        let spec = self.spec.clone();
        let more_seeds = self.results().filter(|results| !results.is_complete() || results.spec != spec);
        let kept = more_seeds
            .filter(|results| Spec { seeds: spec.seeds.clone(), ..Spec::clone(&results.spec) } == *spec)
            .map(|results| results.clone().with_seeds_of(spec.clone()));
        self.show_new_run();
        self.runner.start(kept.unwrap_or_else(|| Results::new(spec)), paused);
        keeping::begin("", &self.spec, None);
    }

    /// Goes on with a run that was kept under an id.
    pub fn go_on(&mut self, run: Resumed, id: &str, sizes: &JsValue) {
        self.view.scrubbed = None;
        self.errors.clear();
        self.ask(run.results.spec.clone());
        self.show_new_run();
        self.runner.go_on(run, false);
        keeping::begin(id, &self.spec, Some(sizes));
    }

    fn show_new_run(&mut self) {
        // It waits no longer.
        self.notices.retain(|notice| *notice != too_long());
        let version = self.shown.version + 1;
        self.shown = Shown { version, ..Shown::default() };
        self.started = true;
        self.playing = false;
        self.hovered_seed = None;
        self.verdict = if self.claim.is_some() { Verdict::Checking } else { Verdict::New };
        self.address = Some(Address::Push);
    }

    /// Takes over the curves of the cell in focus.
    pub fn take_populations(&mut self) {
        let Some(results) = self.results() else { return };
        let cell = self.view.cell(&results.spec);
        let timeline = Timeline::of(&results.spec);
        let position = self.position(&timeline);
        let some = results.spec.seeds.len() > ALL_FUNCTIONS;
        let ends = [0, timeline.turn(), timeline.turn() + 1, timeline.end(), position].map(|at| timeline.moment(at));
        let wanted = |fine_tuning: bool, checkpoint: usize| {
            let is_there = |at: &Moment| (at.phase == Part::FineTuning, at.checkpoint) == (fine_tuning, checkpoint);
            // The start of fine-tuning is no position of its own, and the curve "before".
            !some || (fine_tuning && checkpoint == 0) || ends.iter().any(is_there)
        };
        let populations = Populations::with_functions(&results, cell, &wanted);
        drop(results);
        self.shown.populations = Some(Rc::new(populations)).filter(|populations| populations.seeds > 0);
        self.shown.cell = Some(cell);
        self.shown.functions_at = some.then_some(position);
        self.shown.version += 1;
    }

    /// Whether the curves taken over lack what the figures are to show now.
    pub fn lacks_curves(&self) -> bool {
        let Some(results) = self.results() else { return false };
        let refocused = self.shown.cell.is_some_and(|cell| cell != self.view.cell(&results.spec));
        // Where the newest is shown, the next data bring it.
        let stands = self.view.scrubbed.and(self.shown.functions_at);
        refocused || stands.is_some_and(|at| at != self.position(&Timeline::of(&results.spec)))
    }

    /// Takes over the numbers, if seeds have finished since, and keeps a finished sweep.
    pub fn take_summary(&mut self) {
        let Some(results) = self.results() else { return };
        let complete = results.complete_seeds();
        let summary = Rc::new(Summary::of(&results));
        let sweep = results.is_complete().then(|| Sweep { spec: results.spec.clone(), summary: summary.clone() });
        drop(results);
        if let Some(sweep) = sweep {
            let [many_widths, many_fractions] = [sweep.spec.widths.len() > 1, sweep.spec.branches().len() > 1];
            self.width_sweep = many_widths.then(|| sweep.clone()).or(self.width_sweep.take());
            self.replay_sweep = many_fractions.then_some(sweep).or(self.replay_sweep.take());
        }
        self.shown.summary = Some(summary);
        self.shown.complete_seeds = complete;
        self.shown.version += 1;
    }

    /// Names finished results, and compares them with what the link or the record says.
    pub fn judge(&mut self) {
        if self.shown.fingerprint.is_some() {
            return;
        }
        let Some(results) = self.results().filter(|results| results.is_complete()) else { return };
        let fingerprint = Fingerprint::of(&results);
        let agreement = match &self.claim {
            _ if results.spec != self.spec => None,
            Some(Claim::Link { fingerprint, .. }) => Some(against_fingerprint(&results, fingerprint)),
            Some(Claim::Record(record)) => Some(record.agreement(&self.record_of(&results))),
            None => None,
        };
        drop(results);
        self.shown.fingerprint = Some(fingerprint);
        self.verdict = agreement.map_or(Verdict::New, Verdict::Known);
    }

    /// The record of complete results.
    pub fn record_of(&self, results: &Results) -> Record {
        let status = self.runner.status();
        let adapter = self.runner.devices().adapter.filter(|_| results.engines().contains(&Engine::FusedGpu));
        let device = adapter.map_or_else(|| "browser".to_owned(), |adapter| format!("browser, {}", adapter.name));
        Record::of(results, &device, Timing { seconds: status.seconds, workers: status.workers })
    }
}
