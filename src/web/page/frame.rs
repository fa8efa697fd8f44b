//! The page: one state, changed by closures in turn, and drawn at most once per frame.
//!
//! Data goes one way. Whoever hears something from the visitor or the workers calls [`update`];
//! the change is applied, and the next frame shows the state. Work that takes long (curves,
//! numbers, figures) is done one piece per frame, so that no frame holds the page up. What only shows
//! how far a run is waits for [`PROGRESS`]: frames take time from the workers.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::ResizeObserver;

use super::controls::Controls;
use super::device_panel::DevicePanel;
use super::dom::{by_id, listen, root, set_attribute, window};
use super::figures_view::Figures;
use super::link_bar::LinkBar;
use super::notices::Notices;
use super::presets::Presets;
use super::records::Records;
use super::run_row::RunRow;
use super::saying::Saying;
use super::scrubber::Scrubber;
use super::state::State;
use super::theme::Look;
use super::{api, elsewhere, fault, keeping, keys, references};
use crate::platform::now_millis;
use crate::web::pool::Phase;
use crate::web::runner::{Change, Runner};

/// Milliseconds that news of a run that goes on may wait for their frame.
const PROGRESS: i32 = 100;
/// Milliseconds between two looks at the workers' data while they run, at least.
const PACE: f64 = 160.0;
/// The part of the time, at most, that taking data over may fill.
const SHARE: f64 = 0.2;
/// Milliseconds of a frame that making numbers may take, and one piece more.
const PIECES: f64 = 8.0;

type Update = Box<dyn FnOnce(&mut State)>;

thread_local! {
    static PAGE: RefCell<Option<Page>> = const { RefCell::new(None) };
    static UPDATES: RefCell<VecDeque<Update>> = const { RefCell::new(VecDeque::new()) };
    static FRAME_ASKED: Cell<bool> = const { Cell::new(false) };
    static TIMER_SET: Cell<bool> = const { Cell::new(false) };
    static RESIZED: Cell<bool> = const { Cell::new(true) };
    /// Whether workers have reported data that the figures do not show yet.
    static DATA: Cell<bool> = const { Cell::new(false) };
}

/// Everything that shows the state.
struct Views {
    controls: Controls,
    presets: Presets,
    link_bar: LinkBar,
    notices: Notices,
    saying: Saying,
    run_row: RunRow,
    scrubber: Scrubber,
    figures: Figures,
    records: Records,
    device_panel: DevicePanel,
    look: Look,
}

struct Page {
    state: State,
    views: Views,
    /// When data was taken over last, and how long that took.
    taken: f64,
    took: f64,
    /// Whether numbers are being made, after which the curves are taken over.
    in_round: bool,
    numbers_taken: bool,
}

/// Starts the page: binds it to its document, opens the link of the address, shows it.
pub fn start() {
    fault::tell_panics();
    let runner = Runner::new(|change| match change {
        Change::Data => {
            DATA.set(true);
            request_frame_soon();
        }
        Change::State => request_frame(),
    });
    let views = Views {
        controls: Controls::new(),
        presets: Presets::new(),
        link_bar: LinkBar::new(),
        notices: Notices::new(),
        saying: Saying::new(),
        run_row: RunRow::new(),
        scrubber: Scrubber::new(),
        figures: Figures::new(),
        records: Records::new(),
        device_panel: DevicePanel::new(),
        look: Look::new(),
    };
    let page = Page {
        state: State::new(runner),
        views,
        taken: f64::NEG_INFINITY,
        took: 0.0,
        in_round: false,
        numbers_taken: false,
    };
    PAGE.with_borrow_mut(|place| *place = Some(page));
    keys::bind();
    api::offer();
    follow_address();
    follow_size();
    open_address();
    keeping::look();
    references::fetch_all();
    set_attribute(&root(), "data-ready", Some(""));
}

/// Changes the state, now or as soon as whoever is at it has finished, and shows it in the next frame.
pub(super) fn update(change: impl FnOnce(&mut State) + 'static) {
    UPDATES.with_borrow_mut(|updates| updates.push_back(Box::new(change)));
    apply();
    request_frame();
}

/// Reads the state, where nobody is changing it.
pub(super) fn read<T>(look: impl FnOnce(&State, &Saying) -> T) -> Option<T> {
    PAGE.with(|page| page.try_borrow().ok()?.as_ref().map(|page| look(&page.state, &page.views.saying)))
}

/// Opens the table of the figure at hand.
pub(super) fn open_table() {
    PAGE.with(|page| {
        if let Ok(page) = page.try_borrow()
            && let Some(page) = page.as_ref()
        {
            page.views.figures.open_table();
        }
    });
}

/// Measures the figures before the next frame is drawn.
pub(super) fn remeasure() {
    RESIZED.set(true);
    request_frame();
}

/// Applies the waiting changes, unless the page is at work: then they are applied after it.
fn apply() {
    PAGE.with(|page| {
        let Ok(mut page) = page.try_borrow_mut() else { return };
        let Some(page) = page.as_mut() else { return };
        while let Some(change) = UPDATES.with_borrow_mut(VecDeque::pop_front) {
            change(&mut page.state);
        }
    });
}

/// Asks for a frame, unless one is on its way.
pub(super) fn request_frame() {
    if FRAME_ASKED.replace(true) {
        return;
    }
    thread_local! {
        static ON_FRAME: Closure<dyn FnMut()> = Closure::new(frame);
    }
    let asked = ON_FRAME.with(|on_frame| window().request_animation_frame(on_frame.as_ref().unchecked_ref()));
    FRAME_ASKED.set(asked.is_ok());
}

/// Asks for a frame within [`PROGRESS`], unless one is on its way.
fn request_frame_soon() {
    if FRAME_ASKED.get() || TIMER_SET.replace(true) {
        return;
    }
    thread_local! {
        static ON_TIME: Closure<dyn FnMut()> = Closure::new(|| {
            TIMER_SET.set(false);
            request_frame();
        });
    }
    let set = ON_TIME.with(|on_time| {
        let call = on_time.as_ref().unchecked_ref();
        window().set_timeout_with_callback_and_timeout_and_arguments_0(call, PROGRESS)
    });
    TIMER_SET.set(set.is_ok());
}

fn frame() {
    FRAME_ASKED.set(false);
    apply();
    let next = PAGE.with_borrow_mut(|page| page.as_mut().map_or(Next::Nothing, Page::draw));
    if next == Next::Now || UPDATES.with_borrow(|updates| !updates.is_empty()) {
        request_frame();
    } else if next == Next::Soon {
        request_frame_soon();
    }
}

/// When there is more to draw.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Now,
    Soon,
    Nothing,
}

impl Page {
    /// Does one frame's work; when there is more to do.
    fn draw(&mut self) -> Next {
        let Self { state, views, .. } = self;
        for news in state.runner.take_news() {
            state.notice(news);
        }
        views.look.show(state);
        // What the experiment has no use for takes no room.
        views.controls.show(state);
        if RESIZED.replace(false) {
            views.figures.measure();
        }
        views.figures.arrange(&state.spec);
        views.figures.listen_to(state);
        let playing = views.scrubber.tick(state);
        views.link_bar.show(state);
        views.presets.show(state);
        views.run_row.show(state);
        views.saying.show(state);
        views.notices.show(state);
        views.records.show(state);
        views.device_panel.show(state);
        views.scrubber.show(state);
        let taking = self.take_data();
        if taking == Taking::Done {
            return Next::Now;
        }
        self.state.ask_on(now_millis() + PIECES);
        let has_made = self.views.figures.make_one(&self.state);
        if has_made || playing || taking == Taking::Piece || self.state.has_to_ask() {
            Next::Now
        } else if taking == Taking::Later || self.state.runner.status().phase == Phase::Running {
            Next::Soon
        } else {
            Next::Nothing
        }
    }

    /// Takes over a piece of what the workers have reported, if it is time.
    fn take_data(&mut self) -> Taking {
        let state = &mut self.state;
        let Some(complete) = state.results().map(|results| results.is_complete()) else { return Taking::Nothing };
        let now = now_millis();
        // What the visitor wants to see does not wait for what is being made.
        if state.lacks_curves() {
            state.take_populations();
            return Taking::Done;
        }
        if !DATA.get() && !self.in_round {
            return Taking::Nothing;
        }
        if !self.in_round {
            if !complete && now - self.taken < PACE.max(self.took / SHARE) {
                return Taking::Later;
            }
            (self.in_round, self.took) = (true, 0.0);
        }
        // While a run goes on, once in a round: the curves have their turn, too.
        if state.numbers_due() && (complete || !self.numbers_taken) {
            state.take_numbers(now + PIECES);
            self.numbers_taken = state.shown.making.is_none();
        } else {
            DATA.set(false);
            state.take_populations();
            (self.in_round, self.numbers_taken) = (false, false);
        }
        self.taken = now_millis();
        self.took += self.taken - now;
        // Pieces leave time for a figure in the same frame.
        if self.in_round { Taking::Piece } else { Taking::Done }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Taking {
    Done,
    /// There are more pieces.
    Piece,
    /// It is too early.
    Later,
    Nothing,
}

/// Opens the link of the address bar, unless the page wrote it there or it is of another view.
fn open_address() {
    if elsewhere::is_shown() {
        return update(|state| state.pause());
    }
    let hash = PAGE.with_borrow_mut(|page| page.as_mut().and_then(|page| page.views.link_bar.foreign_hash()));
    if let Some(hash) = hash {
        update(move |state| state.open_link(&hash));
    }
}

fn follow_address() {
    listen(&window(), "hashchange", |_| open_address());
}

/// Redraws when the figures or the screen change their size.
fn follow_size() {
    listen(&window(), "resize", |_| remeasure());
    let on_resize = Closure::<dyn FnMut()>::new(remeasure);
    if let Ok(observer) = ResizeObserver::new(on_resize.as_ref().unchecked_ref()) {
        observer.observe(&by_id("figures"));
        on_resize.forget();
    }
}
