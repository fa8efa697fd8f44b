//! The figures: made anew when what they show has changed, one per frame, and listening to
//! pointer and keys.

use std::cell::RefCell;
use std::rc::Rc;

use web_sys::{Element, HtmlCanvasElement};

use super::canvas::{Size, paint};
use super::dom::{all, by_id, document, first, listen, root, set_attribute, window};
use super::export::{self, Format};
use super::frame::request_frame;
use super::overlay::Overlay;
use super::saying;
use super::seeds::nearest_seed;
use super::sources::{Chart, Made, Origin, make};
use super::state::State;
use super::theme::is_dark;
use super::touch::Touch;
use super::view::Timeline;
use crate::decimal;
use crate::experiments::{CheckedSpec, Experiment};
use crate::figure::loss_over_time::Phase;
use crate::figure::{Cursor, Layout, Theme};

/// What a figure was made for; another one makes it anew.
#[derive(Clone, PartialEq)]
struct Key {
    version: u32,
    references: usize,
    position: usize,
    seed: Option<u32>,
    focus: (u32, usize),
    drilled: bool,
    dark: bool,
    size: Size,
}

struct Slot {
    chart: Chart,
    root: Element,
    canvas: HtmlCanvasElement,
    overlay: Overlay,
    line: Element,
    touches: Rc<RefCell<Vec<Touch>>>,
    key: Option<Key>,
    made: Option<(Made, Layout)>,
    cursor: Option<Cursor>,
}

/// All figures.
pub(super) struct Figures {
    slots: Vec<Slot>,
    sizes: Vec<Size>,
    /// Whose turn it is to be made anew.
    turn: usize,
    /// The figure that was touched last, for the keys that mean "the figure".
    touched: usize,
    /// The experiment that the order on the page is for, and whether its tasks are a sequence.
    arranged: (Experiment, bool),
}

impl Figures {
    /// Binds every figure of the page.
    pub fn new() -> Self {
        Self {
            slots: Chart::ALL.map(Slot::new).into(),
            sizes: Vec::new(),
            turn: 0,
            touched: 0,
            arranged: Default::default(),
        }
    }

    /// Measures the figures anew: they, the screen or the text have changed.
    pub fn measure(&mut self) {
        let style = window().get_computed_style(&root()).ok().flatten();
        let root_size = style.and_then(|style| style.get_property_value("font-size").ok());
        let rem: f64 = root_size.and_then(|text| decimal::read(text.strip_suffix("px")?)).unwrap_or(16.0);
        let projector = root().has_attribute("data-projector");
        let size = |slot: &Slot| {
            let place = slot.overlay.handle.get_bounding_client_rect();
            Size {
                width: place.width(),
                height: place.height(),
                text: 0.75 * rem,
                line: if projector { 3.5 } else { 2.25 },
                ratio: window().device_pixel_ratio(),
                heading: false,
            }
        };
        self.sizes = self.slots.iter().map(size).collect();
    }

    /// Puts the figures in the order of the experiment.
    pub fn arrange(&mut self, spec: &CheckedSpec) {
        let wanted = (spec.experiment, spec.stages() > 1);
        if self.arranged == wanted {
            return;
        }
        self.arranged = wanted;
        let place: Element = by_id("figures");
        for chart in Chart::order(wanted.0, wanted.1) {
            if let Some(slot) = self.slots.iter().find(|slot| slot.chart == chart) {
                // A child of this place already: moving it to the end cannot fail.
                let _ = place.append_child(&slot.root);
            }
        }
        self.measure();
    }

    /// Understands what was done to the figures since.
    pub fn listen_to(&mut self, state: &mut State) {
        for index in 0..self.slots.len() {
            let touches = self.slots[index].touches.take();
            if !touches.is_empty() {
                self.touched = index;
            }
            for touch in touches {
                self.slots[index].understand(touch, state);
            }
        }
    }

    /// Opens the table of the figure that has the focus, or was touched last.
    pub fn open_table(&self) {
        let active = document().active_element();
        let focused = self.slots.iter().find(|slot| slot.root.contains(active.as_deref()));
        let slot = focused.unwrap_or(&self.slots[self.touched]);
        first::<web_sys::HtmlElement>(&slot.root, "[data-act=table]").click();
    }

    /// Makes the first figure that is out of date; whether there may be more.
    pub fn make_one(&mut self, state: &State) -> bool {
        if self.sizes.is_empty() {
            self.measure();
        }
        // In turn: where frames are slow, new data must not always find the same ones first.
        for index in (self.turn..self.slots.len()).chain(0..self.turn) {
            let (slot, size) = (&mut self.slots[index], self.sizes[index]);
            slot.show_origin(state);
            let key = slot.wanted(state, size);
            if slot.key.as_ref() != Some(&key) && size.width > 1.0 {
                slot.make(state, &key);
                slot.key = Some(key);
                self.turn = index + 1;
                return true;
            }
        }
        false
    }
}

impl Slot {
    fn new(chart: Chart) -> Self {
        let root: Element = by_id(&format!("fig-{}", chart.name()));
        let slot = Self {
            chart,
            canvas: first(&root, "canvas"),
            overlay: Overlay::of(chart, &root),
            line: by_id(&format!("sum-{}", chart.name())),
            touches: Rc::default(),
            key: None,
            made: None,
            cursor: None,
            root,
        };
        slot.listen();
        slot
    }

    fn listen(&self) {
        let handle = &self.overlay.handle;
        for kind in ["pointermove", "pointerdown", "pointerleave", "keydown", "blur"] {
            let touches = self.touches.clone();
            listen(handle, kind, move |event| {
                if let Some(touch) = Touch::of(&event) {
                    touches.borrow_mut().push(touch);
                    request_frame();
                }
            });
        }
        for button in all::<Element>(&format!("#fig-{} [data-act]", self.chart.name())) {
            let (touches, act) = (self.touches.clone(), button.get_attribute("data-act").unwrap_or_default());
            listen(&button, "click", move |_| {
                touches.borrow_mut().push(Touch::Act(act.clone()));
                request_frame();
            });
        }
    }

    fn wanted(&self, state: &State, size: Size) -> Key {
        let spec = state.shown_spec();
        let cell = state.view.cell(&spec);
        let single = matches!(self.chart, Chart::Function | Chart::Loss);
        Key {
            version: state.shown.version,
            references: state.references.len(),
            position: if single { state.position(&Timeline::of(&spec)) } else { 0 },
            seed: state.hovered_seed.filter(|_| single),
            focus: (cell.width, cell.branch),
            drilled: state.drilled().is_some(),
            dark: is_dark(state),
            size,
        }
    }

    fn make(&mut self, state: &State, key: &Key) {
        let theme = if key.dark { Theme::DARK } else { Theme::LIGHT };
        let Some(made) = make(self.chart, state) else { return };
        let Some(layout) = paint(&self.canvas, &made.figure, key.size, &theme) else { return };
        set_attribute(&self.canvas, "aria-label", Some(&format!("{}. {}", made.figure.title, made.figure.summary)));
        saying::write(&self.line, &made.line);
        // The cursor stays where it was; the values under it are new.
        self.cursor = self.cursor.take().and_then(|cursor| made.figure.cursor_at(&layout, cursor.x, cursor.middle()));
        self.overlay.show(self.cursor.as_ref(), &layout, state.hovered_seed);
        self.made = Some((made, layout));
        self.show_origin(state);
    }

    /// Says where the numbers come from, and fades what the settings have left behind.
    fn show_origin(&self, state: &State) {
        let origin = self.made.as_ref().map(|(made, _)| made.origin);
        let reference = origin.is_none_or(|origin| origin == Origin::Reference);
        set_attribute(&self.root, "data-source", reference.then_some("reference"));
        let left_behind = origin == Some(Origin::Run) && state.stale();
        set_attribute(&self.root, "data-stale", left_behind.then_some(""));
    }

    fn understand(&mut self, touch: Touch, state: &mut State) {
        let Some((made, layout)) = &self.made else { return };
        match touch {
            Touch::Pointer { x, y, pressed, hovers } => {
                self.cursor = made.figure.cursor_at(layout, x, y);
                let single = matches!(self.chart, Chart::Function | Chart::Loss) && made.origin == Origin::Run;
                if let Some(cursor) = self.cursor.as_ref().filter(|_| single && hovers) {
                    state.hovered_seed = nearest_seed(self.chart, state, cursor, layout, y);
                }
                if pressed {
                    self.press(x, state);
                }
            }
            Touch::Leave => {
                self.cursor = None;
                state.hovered_seed = None;
            }
            Touch::Key(step) => self.cursor = made.figure.cursor_step(layout, self.cursor.as_ref(), step),
            Touch::Choose => {
                if let Some(x) = self.cursor.as_ref().map(|cursor| cursor.x) {
                    self.press(x, state);
                }
            }
            Touch::Act(act) => match Format::named(&act) {
                Some(format) => export::save_figure(&made.figure, layout, format, state),
                None => export::show_table(&made.figure),
            },
        }
        if let Some((_, layout)) = &self.made {
            self.overlay.show(self.cursor.as_ref(), layout, state.hovered_seed);
        }
    }

    /// In the losses a press moves the playhead; in a sweep it chooses what the other figures show.
    fn press(&self, x: f64, state: &mut State) {
        let (Some((made, layout)), Some(cursor)) = (&self.made, &self.cursor) else { return };
        match self.chart {
            Chart::Function | Chart::Tasks | Chart::Front => {}
            Chart::Loss => {
                let Some(place) = layout.panels.first().and_then(|panel| panel.place_at(x)) else { return };
                let phase = if place.segment == 0 { Phase::PreTraining } else { Phase::FineTuning };
                let timeline = Timeline::of(&state.shown_spec());
                state.scrub(timeline.at(phase, place.x.round() as u32), &timeline);
            }
            Chart::Width | Chart::Replay | Chart::Map | Chart::Gap if made.origin != Origin::Run => {}
            Chart::Width | Chart::Gap => state.focus_on(Some(cursor.at.x as u32), None),
            Chart::Replay => state.focus_on(None, Some(cursor.at.x / 100.0)),
            Chart::Map => {
                let heat = made.figure.panels.first().and_then(|panel| panel.heat.as_ref());
                if let Some([width, p]) = cursor.cell.and_then(|(index, _)| Some(heat?.cells.get(index)?.at)) {
                    state.drill(width as u32, p);
                }
            }
        }
    }
}
