//! How far a run is, and how long it has taken.

use crate::experiments::Engine;
use crate::platform::now_millis;

/// Work of a run, and a clock that goes only while the run goes on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// Sample x unit x steps of the whole run.
    pub total: f64,
    /// Those of finished jobs; a job that ended early counts in full.
    pub finished: f64,
    /// The engine whose speed is measured, and since when: at that work and those milliseconds.
    engine: Engine,
    from: (f64, f64),
    ran_millis: f64,
    since: Option<f64>,
}

impl Progress {
    /// A run of which some work was done before: on finished jobs, and on some that were begun.
    pub fn new(total: f64, finished: f64, begun: f64) -> Self {
        Self { total, finished, engine: Engine::default(), from: (finished + begun, 0.0), ran_millis: 0.0, since: None }
    }

    /// Lets the clock go, or holds it.
    pub fn run(&mut self, running: bool) {
        match (running, self.since) {
            (true, None) => self.since = Some(now_millis()),
            (false, Some(_)) => {
                self.ran_millis = self.millis();
                self.since = None;
            }
            _ => {}
        }
    }

    fn millis(&self) -> f64 {
        self.ran_millis + self.since.map_or(0.0, |since| now_millis() - since)
    }

    /// Seconds for which the run went on.
    pub fn seconds(&self) -> f64 {
        self.millis() / 1e3
    }

    /// Measures the speed of another engine from here on, where this much is done.
    pub fn measure_anew(&mut self, engine: Engine, done: f64) {
        (self.engine, self.from) = (engine, (done, self.millis()));
    }

    /// The engine that is measured, and for how many seconds so far.
    pub fn measured(&self) -> (Engine, f64) {
        (self.engine, (self.millis() - self.from.1) / 1e3)
    }

    /// Mean work per second of that engine, without what was found done; `None` before there is one.
    pub fn speed(&self, done: f64) -> Option<f64> {
        let ((_, seconds), here) = (self.measured(), done - self.from.0);
        (seconds >= 0.05 && here > 0.0).then(|| here / seconds)
    }
}
