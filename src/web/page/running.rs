//! What starting, pausing and finishing runs does to the state.

use std::rc::Rc;

use wasm_bindgen::JsValue;

use super::keeping;
use super::opening::too_long;
use super::state::{Address, Claim, Making, Shown, State, Sweep, Verdict};
use super::view::Timeline;
use crate::experiments::limits::{Limits, SEEDS_MAX};
use crate::experiments::{CheckedSpec, Results, Spec};
use crate::figure::loss_over_time::Phase as Part;
use crate::platform::now_millis;
use crate::record::fingerprint::{Taken, Taking};
use crate::record::summary::Summarising;
use crate::record::verdict::against_fingerprint;
use crate::record::{Agreement, Populations, Summary};
use crate::report::views::Moment;
use crate::web::pool::{Phase, Resumed};
use crate::web::protocol::{Answer, Asked};

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
        let goes_on = self.results().is_some_and(|results| {
            let alike = Spec { seeds: spec.seeds.clone(), ..Spec::clone(&results.spec) } == *spec;
            alike && (!results.is_complete() || results.spec != spec)
        });
        // Taken, not copied: those of ten thousand networks are a hundred megabytes.
        let kept = self.runner.take_results().filter(|_| goes_on).map(|results| results.with_seeds_of(spec.clone()));
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
        self.stop_asking();
        if let Some(offer) = &mut self.offer {
            offer.put_off();
        }
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

    /// Whether numbers are being made, or the results have others than are shown.
    pub fn numbers_due(&self) -> bool {
        let due = |results: &Results| self.shown.summary_due(results) || self.shown.judging_due(results);
        self.shown.making.is_some() || self.results().is_some_and(|results| due(&results))
    }

    /// Takes over the numbers, if seeds have finished since; names finished results and compares them with
    /// what the link or the record says. In pieces, until the clock says `deadline`.
    pub fn take_numbers(&mut self, deadline: f64) {
        while now_millis() < deadline {
            let Some(results) = self.results() else { return };
            let making = match &self.shown.making {
                Some(Making::Comparison(..)) => return,
                Some(_) => None,
                None if self.shown.summary_due(&results) => Some(Making::Summary(
                    Box::new(Summarising::new(&results)),
                    [results.complete_jobs(), results.complete_seeds()],
                )),
                None if self.shown.judging_due(&results) => Some(Making::Fingerprint(Box::new(Taking::new(&results)))),
                None => return,
            };
            drop(results);
            self.shown.making = self.shown.making.take().or(making).and_then(|making| self.make(making));
        }
    }

    /// Makes one more piece; what is still being made after it.
    fn make(&mut self, making: Making) -> Option<Making> {
        let results = self.results()?;
        match making {
            Making::Comparison(..) => Some(making),
            Making::Summary(mut summarising, complete) => {
                summarising.advance(&results);
                if !summarising.is_done() {
                    return Some(Making::Summary(summarising, complete));
                }
                let sweep = results.is_complete().then(|| results.spec.clone());
                drop(results);
                self.take_summary(Rc::new(summarising.summary()), complete, sweep);
                None
            }
            Making::Fingerprint(mut taking) => {
                if !taking.advance(&results) {
                    return Some(Making::Fingerprint(taking));
                }
                let taken = Box::new(taking.finish(&results));
                let compared = match &self.claim {
                    _ if results.spec != self.spec => None,
                    Some(Claim::Link { fingerprint, .. }) => Some(against_fingerprint(&results, &taken, fingerprint)),
                    Some(Claim::Record { json, .. }) => {
                        let asked = Asked::Compare { json: json.clone(), timing: self.timing() };
                        drop(results);
                        // The number that this question gets; it may be answered at once.
                        let id = self.last_asking + 1;
                        self.shown.making = Some(Making::Comparison(id, taken));
                        self.ask_worker(asked, true, move |state, answer| state.hear_comparison(id, answer));
                        return self.shown.making.take();
                    }
                    None => None,
                };
                drop(results);
                self.judge(*taken, compared);
                None
            }
        }
    }

    /// Shows a summary, and keeps that of a finished sweep.
    fn take_summary(&mut self, summary: Rc<Summary>, [jobs, seeds]: [usize; 2], finished: Option<CheckedSpec>) {
        if let Some(spec) = finished {
            let many_fractions =
                spec.branch_count() > 1 && !spec.experiment.prescribes() && !spec.experiment.mitigates();
            let many_widths = spec.widths.len() > 1;
            let sweep = Sweep { spec, summary: summary.clone() };
            self.width_sweep = many_widths.then(|| sweep.clone()).or(self.width_sweep.take());
            self.replay_sweep = many_fractions.then_some(sweep).or(self.replay_sweep.take());
        }
        self.shown.summary = Some(summary);
        (self.shown.complete_jobs, self.shown.complete_seeds) = (jobs, seeds);
        self.shown.version += 1;
    }

    /// Takes in how a worker finds that finished results compare with the opened record.
    fn hear_comparison(&mut self, id: u32, answer: Result<Answer, String>) {
        let is_it = |making: &mut Making| matches!(making, Making::Comparison(own, _) if *own == id);
        let Some(Making::Comparison(_, taken)) = self.shown.making.take_if(is_it) else { return };
        let agreement = match answer {
            Ok(Answer::Compared(agreement)) => Some(agreement),
            Ok(_) => None,
            Err(why) => {
                self.record_error = Some(format!("The record was not compared. {}.", why.trim_end_matches('.')));
                None
            }
        };
        self.judge(*taken, agreement);
    }

    /// Names finished results, and says how they compare.
    fn judge(&mut self, taken: Taken, compared: Option<Agreement>) {
        self.shown.fingerprint = Some(taken.fingerprint);
        self.withdraw_offer();
        self.verdict = compared.map_or(Verdict::New, Verdict::Known);
    }
}
