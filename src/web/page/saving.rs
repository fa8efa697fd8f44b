//! Records and series leave as files, and records as values for scripts.

use js_sys::{Array, Function, JSON, Uint8Array};
use wasm_bindgen::JsValue;

use super::export::offer;
use super::state::State;
use crate::experiments::{Engine, Results};
use crate::record::Timing;
use crate::record::link::run_id;
use crate::web::protocol::{Answer, Asked};

impl State {
    /// Begins to save the record of a finished run.
    pub fn save_record(&mut self) {
        self.save(self.asked_record(), "json", "application/json");
    }

    /// Begins to save every series of a finished run.
    pub fn save_series(&mut self) {
        self.save(Asked::Series, "csv", "text/csv");
    }

    fn save(&mut self, asked: Asked, ending: &str, kind: &'static str) {
        let Some(id) = self.finished_run() else { return };
        let name = format!("lethe-{id}.{ending}");
        self.saving = true;
        self.ask_worker(asked, true, move |state, answer| {
            state.saving = false;
            match answer {
                Ok(Answer::Written(bytes)) => offer(&name, kind, &Array::of1(&Uint8Array::from(bytes.as_ref()))),
                Ok(_) => {}
                Err(why) => {
                    state.record_error = Some(format!("{name} was not written. {}.", why.trim_end_matches('.')))
                }
            }
        });
    }

    /// Gives a script the record of a finished run, or null where there is none.
    pub fn give_record(&mut self, resolve: Function, reject: Function) {
        let give = |to: &Function, value: &JsValue| {
            // A function of a promise throws nothing.
            let _ = to.call1(&JsValue::NULL, value);
        };
        if self.finished_run().is_none() {
            return give(&resolve, &JsValue::NULL);
        }
        self.ask_worker(self.asked_record(), true, move |_, answer| match answer {
            Ok(Answer::Written(bytes)) => match JSON::parse(&String::from_utf8_lossy(bytes.as_ref())) {
                Ok(record) => give(&resolve, &record),
                Err(error) => give(&reject, &error),
            },
            Ok(_) => {}
            Err(why) => give(&reject, &why.into()),
        });
    }

    fn asked_record(&self) -> Asked {
        let ran_on_gpu = self.results().is_some_and(|results| results.engines().into_iter().any(Engine::is_on_gpu));
        let adapter = self.runner.devices().adapter.filter(|_| ran_on_gpu);
        let device = adapter.map_or_else(|| "browser".to_owned(), |adapter| format!("browser, {}", adapter.name));
        Asked::Record { device, timing: self.timing() }
    }

    /// The id of the run whose complete results there are.
    fn finished_run(&self) -> Option<String> {
        self.results().filter(|results| Results::is_complete(results)).map(|results| run_id(&results.spec))
    }

    /// How long the run took.
    pub fn timing(&self) -> Timing {
        let status = self.runner.status();
        Timing { seconds: status.seconds, workers: status.workers }
    }
}
