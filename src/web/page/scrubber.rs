//! The slider through both phases, its play button, and the moment that the figures show.

use web_sys::{Element, HtmlButtonElement, HtmlElement, HtmlInputElement};

use super::dom::{by_id, first, listen, set_attribute, set_property, set_text};
use super::frame::update;
use super::state::{Address, State};
use super::view::Timeline;
use crate::experiments::{Cell, Swept};
use crate::figure::loss_over_time::Phase;
use crate::figure::number::count;
use crate::platform::now_millis;

/// Milliseconds for which one checkpoint is shown while playing.
const BEAT: f64 = 90.0;

impl State {
    /// Moves the scrubber; at the end it follows the run again.
    pub fn scrub(&mut self, position: usize, timeline: &Timeline) {
        self.view.scrubbed = (position < timeline.end()).then(|| timeline.total(position));
        self.address = Some(Address::Replace);
    }

    /// Chooses the cell that the single-run figures show, by width or by replay fraction.
    pub fn focus_on(&mut self, width: Option<u32>, fraction: Option<f64>) {
        let Some(spec) = self.results().map(|results| results.spec.clone()) else { return };
        let now = self.view.cell(&spec);
        let branch = fraction.and_then(|p| {
            let off = |branch: usize| spec.replay.get(branch).map_or(f64::INFINITY, |q| (q - p).abs());
            (0..spec.replay.len()).min_by(|&a, &b| off(a).total_cmp(&off(b)))
        });
        let width = width.filter(|width| spec.widths.contains(width)).unwrap_or(now.width);
        let focus = (width, branch.unwrap_or(now.branch));
        if focus != (now.width, now.branch) {
            self.view.focus = Some(focus);
            self.address = Some(Address::Replace);
            self.hovered_seed = None;
        }
    }

    /// Shows every network of a cell of a sweep; of the one that is shown so, the usual cell again.
    pub fn drill(&mut self, width: u32, fraction: f64) {
        let before = self.drilled();
        self.focus_on(Some(width), Some(fraction));
        let spec = self.shown_spec();
        let Cell { width, branch } = self.view.cell(&spec);
        self.view.focus = Some((width, branch));
        if before.is_some() && before == self.drilled() {
            self.view.focus = None;
        }
        self.address = Some(Address::Replace);
    }

    /// The cell of a sweep of which every network is shown.
    pub fn drilled(&self) -> Option<Cell> {
        let results = self.results()?;
        let chosen = self.view.focus.is_some() && results.spec.experiment.swept() == Swept::Both;
        chosen.then(|| self.view.cell(&results.spec))
    }

    /// What Escape does: leaves the cell of a sweep, or gives the run up.
    pub fn escape(&mut self) {
        if self.drilled().is_none() {
            return self.cancel();
        }
        self.view.focus = None;
        self.hovered_seed = None;
        self.address = Some(Address::Replace);
    }

    /// Starts or stops playing; from the end it plays from the beginning.
    fn play_or_stop(&mut self) {
        self.playing = !self.playing;
        let timeline = Timeline::of(&self.shown_spec());
        if self.playing && self.position(&timeline) >= timeline.end() {
            self.view.scrubbed = Some(0);
        }
    }
}

/// The slider and what stands around it.
pub(super) struct Scrubber {
    slider: HtmlInputElement,
    play: HtmlButtonElement,
    frame: HtmlElement,
    before: Element,
    now: Element,
    /// When the playing scrubber moved last.
    moved: f64,
}

impl Scrubber {
    /// Binds slider and button.
    pub fn new() -> Self {
        let slider: HtmlInputElement = by_id("scrub");
        let play: HtmlButtonElement = by_id("play");
        let moved = slider.clone();
        listen(&slider, "input", move |_| {
            let position = moved.value().parse().unwrap_or_default();
            update(move |state| {
                state.playing = false;
                let timeline = Timeline::of(&state.shown_spec());
                state.scrub(position, &timeline);
            });
        });
        listen(&play, "click", |_| update(State::play_or_stop));
        Self {
            slider,
            play,
            frame: first(&by_id::<Element>("fig-function"), ".scrub"),
            before: by_id("scrub-pre"),
            now: by_id("scrub-now"),
            moved: 0.0,
        }
    }

    /// Moves on while playing; whether it goes on playing.
    pub fn tick(&mut self, state: &mut State) -> bool {
        if !state.playing {
            return false;
        }
        if now_millis() - self.moved >= BEAT {
            self.moved = now_millis();
            let timeline = Timeline::of(&state.shown_spec());
            let next = state.position(&timeline) + 1;
            state.view.scrubbed = Some(timeline.total(next.min(timeline.end())));
            if next >= timeline.end() {
                state.playing = false;
                state.scrub(timeline.end(), &timeline);
            }
        }
        state.playing
    }

    /// Shows where the scrubber stands.
    pub fn show(&self, state: &State) {
        let spec = state.shown_spec();
        let timeline = Timeline::of(&spec);
        let position = state.position(&timeline);
        let moment = timeline.moment(position);
        let (phase, steps) = match moment.phase {
            Phase::PreTraining => ("pre-training", spec.pretraining_steps),
            Phase::FineTuning => ("fine-tuning", spec.fine_tuning_steps),
        };
        let text = format!("{phase}, step {} of {}", count(timeline.step(moment) as usize), count(steps as usize));
        let fine_tuning = moment.phase == Phase::FineTuning;
        set_text(&self.before, if fine_tuning { "pre-training" } else { &text });
        set_text(&self.now, if fine_tuning { &text } else { "fine-tuning" });
        let ready = state.shown.populations.is_some() || !state.references.is_empty();
        self.slider.set_disabled(!ready);
        self.play.set_disabled(!ready);
        set_attribute(&self.slider, "max", Some(&timeline.end().to_string()));
        self.slider.set_value(&position.to_string());
        set_attribute(&self.slider, "aria-valuetext", Some(&text));
        set_attribute(&self.play, "aria-pressed", Some(if state.playing { "true" } else { "false" }));
        let split = 100.0 * timeline.turn() as f64 / timeline.end().max(1) as f64;
        set_property(&self.frame, "--split", &format!("{split:.2}%"));
    }
}
