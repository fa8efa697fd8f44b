//! Runs experiments on the page's workers.

use std::cell::{Ref, RefCell};
use std::rc::{Rc, Weak};

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

use super::devices::{Choice, Devices};
use super::pool::{Order, Pool, Resumed, Status};
use super::protocol::{Fault, ToPage};
use super::thread::Thread;
use crate::experiments::{Engine, Results};

/// Workers at most, however many cores there are.
const MOST_WORKERS: usize = 16;

/// What is new; the page redraws at most once per frame, whatever it is told, and less often for data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The results, and how many seeds are complete.
    Data,
    /// The phase or the workers.
    State,
}

/// A handle to the page's workers and the run they are on; clones share them.
#[derive(Clone)]
pub struct Runner(Rc<Inner>);

struct Inner {
    pool: RefCell<Pool>,
    /// A handful, by the numbers that the pool gives them.
    threads: RefCell<Vec<(u32, Thread)>>,
    tell: Box<dyn Fn(Change)>,
}

impl Runner {
    /// Starts the first worker; `on_change` may call any method of the runner.
    pub fn new(on_change: impl Fn(Change) + 'static) -> Self {
        let inner = Rc::new(Inner {
            pool: RefCell::new(Pool::new(cores().min(MOST_WORKERS))),
            threads: RefCell::default(),
            tell: Box::new(on_change),
        });
        let watched = Rc::downgrade(&inner);
        every_second(move || {
            if let Some(inner) = watched.upgrade() {
                inner.act(Pool::tick);
            }
        });
        inner.carry_out();
        Self(inner)
    }

    /// Begins on what is open in some results, and keeps what is complete: a new run, or more seeds
    /// for one. If paused, nothing is computed before [`Self::resume`] or [`Self::step`].
    pub fn start(&self, results: Results, paused: bool) {
        self.0.act(|pool| pool.start(results, paused));
    }

    /// Pauses within about a tenth of a second.
    pub fn pause(&self) {
        self.0.act(Pool::pause);
    }

    /// Goes on after a pause.
    pub fn resume(&self) {
        self.0.act(Pool::resume);
    }

    /// Lets every worker go on to its next checkpoint, then pauses.
    pub fn step(&self) {
        self.0.act(Pool::step);
    }

    /// Begins on what is open in a run that was kept.
    pub fn go_on(&self, run: Resumed, paused: bool) {
        self.0.act(|pool| pool.go_on(run, paused));
    }

    /// Puts the networks in hand back to the beginning of their present phase, then to their very start.
    pub fn rewind(&self) {
        self.0.act(Pool::rewind);
    }

    /// The next job whose record is out of date: a number that names it within its run, and the record.
    pub fn take_unkept(&self) -> Option<(u32, Vec<u8>)> {
        self.0.pool.borrow_mut().take_unkept()
    }

    /// Gives the run up at once; complete jobs stay in the results.
    pub fn cancel(&self) {
        self.0.act(Pool::cancel);
    }

    /// Replaces workers that failed and does the rest of the run.
    pub fn retry(&self) {
        self.0.act(Pool::retry);
    }

    /// Which engine to use from now on; a run in progress moves to it.
    pub fn choose(&self, choice: Choice) {
        self.0.act(|pool| pool.choose(choice));
    }

    /// What there is to compute with.
    pub fn devices(&self) -> Devices {
        self.0.pool.borrow().devices()
    }

    /// What the reader should know about the GPU, in sentences; told once.
    pub fn take_news(&self) -> Vec<String> {
        self.0.pool.borrow_mut().take_news()
    }

    /// What the run has gathered; to be let go before control returns to the browser.
    pub fn results(&self) -> Option<Ref<'_, Results>> {
        Ref::filter_map(self.0.pool.borrow(), Pool::results).ok()
    }

    /// Takes what the run has gathered out of it, to be begun on again by [`Self::start`].
    pub fn take_results(&self) -> Option<Results> {
        self.0.pool.borrow_mut().take_results()
    }

    /// How the run stands.
    pub fn status(&self) -> Status {
        self.0.pool.borrow().status()
    }
}

impl Inner {
    fn act(self: &Rc<Self>, change: impl FnOnce(&mut Pool)) {
        change(&mut self.pool.borrow_mut());
        self.carry_out();
        let changed = self.pool.borrow_mut().take_changed();
        if changed.state {
            (self.tell)(Change::State);
        }
        if changed.data {
            (self.tell)(Change::Data);
        }
    }

    /// Does what the pool wants; what fails is told to the pool, which may want more.
    fn carry_out(self: &Rc<Self>) {
        loop {
            let orders = self.pool.borrow_mut().take_orders();
            if orders.is_empty() {
                return;
            }
            for order in orders {
                let (id, done) = match order {
                    Order::Spawn(id, engine) => (id, self.spawn(id, engine)),
                    Order::Send(id, message) => {
                        let threads = self.threads.borrow();
                        let thread = threads.iter().find(|(number, _)| *number == id);
                        (id, thread.map_or(Ok(()), |(_, thread)| thread.send(&message)))
                    }
                    Order::Dismiss(id) => {
                        self.threads.borrow_mut().retain(|(number, _)| *number != id);
                        continue;
                    }
                };
                if let Err(fault) = done {
                    self.pool.borrow_mut().hear(id, Err(fault));
                }
            }
        }
    }

    fn spawn(self: &Rc<Self>, id: u32, engine: Engine) -> Result<(), Fault> {
        let listener: Weak<Self> = Rc::downgrade(self);
        let thread = Thread::spawn(engine, move |said: Result<ToPage, Fault>| {
            if let Some(inner) = listener.upgrade() {
                inner.act(|pool| pool.hear(id, said));
            }
        })?;
        self.threads.borrow_mut().push((id, thread));
        Ok(())
    }
}

fn cores() -> usize {
    web_sys::window().map_or(1, |window| window.navigator().hardware_concurrency() as usize).max(1)
}

/// Calls something once a second, for as long as the page lives.
fn every_second(call: impl Fn() + 'static) {
    let Some(window) = web_sys::window() else { return };
    let tick = Closure::<dyn Fn()>::new(call);
    let set = window.set_interval_with_callback_and_timeout_and_arguments_0(tick.as_ref().unchecked_ref(), 1000);
    if set.is_ok() {
        tick.forget();
    }
}
