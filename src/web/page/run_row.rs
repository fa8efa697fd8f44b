//! Run, pause, step, rewind, cancel, and how far the run is.

use web_sys::{Element, HtmlButtonElement, HtmlProgressElement};

use super::dom::{by_id, create, document, listen, root, set_attribute, set_text};
use super::frame::update;
use super::state::{State, Verdict};
use crate::experiments::job::work;
use crate::experiments::limits::SEEDS_MAX;
use crate::figure::number::seeds;
use crate::web::pool::{Phase, Status};

/// Marks a button that cannot be pressed now. `disabled` would take the focus from who has just pressed it.
const OFF: &str = "aria-disabled";

/// The run row and the progress below it.
pub(super) struct RunRow {
    run: HtmlButtonElement,
    pause: HtmlButtonElement,
    step: HtmlButtonElement,
    rewind: HtmlButtonElement,
    cancel: HtmlButtonElement,
    add_seeds: HtmlButtonElement,
    progress: HtmlProgressElement,
    status: Element,
    time: Element,
    /// Sample x unit x steps per second, from the last run that took long enough to tell.
    speed: Option<f64>,
}

impl RunRow {
    /// Binds the buttons.
    pub fn new() -> Self {
        let row = Self {
            run: by_id("run"),
            pause: by_id("pause"),
            step: by_id("step"),
            rewind: by_id("rewind"),
            cancel: by_id("cancel"),
            add_seeds: by_id("add-seeds"),
            progress: by_id("progress"),
            status: by_id("status-text"),
            time: by_id("time-left"),
            speed: None,
        };
        let on = |button: &HtmlButtonElement, act: fn(&mut State)| {
            let pressed = button.clone();
            listen(button, "click", move |_| {
                if !pressed.has_attribute(OFF) {
                    update(act);
                }
            });
        };
        on(&row.run, State::run);
        on(&row.pause, |state| state.pause());
        on(&row.step, State::step);
        on(&row.rewind, State::rewind);
        on(&row.cancel, State::cancel);
        on(&row.add_seeds, State::add_seeds);
        row
    }

    /// Shows what can be pressed, and how far the run is.
    pub fn show(&mut self, state: &State) {
        let status = state.runner.status();
        let (stale, phase) = (state.stale(), &status.phase);
        let goes_on = matches!(phase, Phase::Running | Phase::Paused);
        let label = match phase {
            Phase::Paused if !stale => "Resume",
            Phase::Stopped(_) if !stale => "Retry",
            Phase::Running if !stale => "Running",
            _ => "Run",
        };
        set_text(&self.run, label);
        switch_off(&self.run, *phase == Phase::Running && !stale);
        switch_off(&self.pause, *phase != Phase::Running);
        switch_off(&self.step, *phase == Phase::Running);
        switch_off(&self.rewind, stale || !status.can_rewind);
        switch_off(&self.cancel, !goes_on && !matches!(phase, Phase::Stopped(_)));
        let finished = state.results().is_some_and(|results| results.is_complete()) && !stale;
        switch_off(&self.add_seeds, !finished || state.spec.seeds.len() >= SEEDS_MAX);
        if *phase == Phase::Finished && status.seconds > 0.05 {
            self.speed = Some(status.work_done / status.seconds);
        }
        self.show_progress(state, &status);
        let diverged = state.shown.summary.as_ref().is_some_and(|s| s.cells.iter().any(|c| !c.divergences.is_empty()));
        let word = match phase {
            _ if state.opening => "verifying",
            Phase::Running if state.verdict == Verdict::Checking => "verifying",
            Phase::Running => "running",
            Phase::Paused => "paused",
            Phase::Stopped(_) => "error",
            Phase::Finished if diverged => "diverged",
            Phase::Finished => "finished",
            Phase::Idle => "idle",
        };
        set_attribute(&root(), "data-state", Some(word));
    }

    fn show_progress(&self, state: &State, status: &Status) {
        let (done, total) = (status.seeds_done, status.seeds);
        let (strong, rest) = match &status.phase {
            _ if !state.started => ("Ready".to_owned(), String::new()),
            Phase::Idle => ("Cancelled".to_owned(), format!(" at {done} of {}", seeds(total))),
            Phase::Running => (format!("{done} of {}", seeds(total)), String::new()),
            Phase::Paused => ("Paused".to_owned(), format!(" at {done} of {}", seeds(total))),
            Phase::Stopped(_) => ("Stopped".to_owned(), format!(" at {done} of {}", seeds(total))),
            Phase::Finished => (format!("{done} of {}", seeds(total)), format!(" in {}", seconds(status.seconds))),
        };
        self.status_text(&strong, &rest);
        let left = match status.phase {
            Phase::Running | Phase::Paused | Phase::Stopped(_) if !state.stale() => {
                status.seconds_left.map(|left| format!("about {} left", seconds(left.ceil())))
            }
            _ if !state.stale() => None,
            _ => self.speed.map(|speed| format!("next: about {}", seconds((work(&state.spec) / speed).ceil()))),
        };
        set_text(&self.time, left.as_deref().unwrap_or_default());
        let share = if status.work > 0.0 { status.work_done / status.work } else { 0.0 };
        self.progress.set_max(1.0);
        self.progress.set_value(if state.started { share } else { 0.0 });
        set_attribute(&self.progress, "aria-valuetext", Some(&format!("{done} of {}", seeds(total))));
    }

    fn status_text(&self, strong: &str, rest: &str) {
        if self.status.text_content().is_some_and(|text| text == format!("{strong}{rest}")) {
            return;
        }
        self.status.set_text_content(None);
        let bold = create("b");
        bold.set_text_content(Some(strong));
        // New nodes have no parent: appending them cannot fail.
        let _ = self.status.append_child(&bold);
        let _ = self.status.append_child(&document().create_text_node(rest));
    }
}

/// Marks a button as one that can, or cannot, be pressed now.
fn switch_off(button: &HtmlButtonElement, off: bool) {
    set_attribute(button, OFF, off.then_some("true"));
}

/// A time in words: `0.4 s`, `2 s`, `12 s`, `3 min`.
fn seconds(seconds: f64) -> String {
    if seconds < 9.95 && seconds.fract() > 0.0 {
        format!("{seconds:.1} s")
    } else if seconds < 99.5 {
        format!("{seconds:.0} s")
    } else {
        format!("{:.0} min", seconds / 60.0)
    }
}
