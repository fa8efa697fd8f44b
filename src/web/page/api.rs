//! `window.lethe`: the page for scripts and tests.

use js_sys::{Object, Promise, Reflect};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;

use super::dom::{root, window};
use super::export::plain;
use super::frame::{read, update};
use super::saying::Saying;
use super::state::{State, Verdict};
use crate::record::link::run_id;

/// What a script can know.
#[derive(Serialize)]
struct Told {
    /// `data-state` of the page.
    phase: String,
    link: String,
    run_id: String,
    fingerprint: Option<String>,
    seeds_done: usize,
    seeds: usize,
    sentence: String,
    more: String,
    /// `new`, `checking`, or the verdict in words.
    verdict: String,
    stale: bool,
    /// The engine that runs, or would run next.
    engine: &'static str,
    /// The code of why there is no GPU, or of what happened to it.
    gpu_fault: Option<&'static str>,
    /// Largest relative difference between the engines in their test.
    gpu_difference: Option<f64>,
    notices: Vec<String>,
}

/// Puts the functions where scripts find them.
pub(super) fn offer() {
    let lethe = Object::new();
    let tell = Closure::<dyn Fn() -> JsValue>::new(|| {
        let told = read(|state, saying| plain(&told(state, saying)));
        told.flatten().unwrap_or(JsValue::NULL)
    });
    let record = Closure::<dyn Fn() -> Promise>::new(|| {
        Promise::new(&mut |resolve, reject| update(move |state| state.give_record(resolve, reject)))
    });
    let open = Closure::<dyn Fn(String)>::new(|link: String| update(move |state| state.open_claim(&link)));
    let set = |name: &str, function: &JsValue| Reflect::set(&lethe, &name.into(), function);
    let all = [set("state", tell.as_ref()), set("record", record.as_ref()), set("run", open.as_ref())];
    if all.iter().all(Result::is_ok) && Reflect::set(&window(), &"lethe".into(), &lethe).is_ok() {
        tell.forget();
        record.forget();
        open.forget();
    }
}

fn told(state: &State, saying: &Saying) -> Told {
    let status = state.runner.status();
    let devices = state.runner.devices();
    let sentence = saying.sentence(state);
    Told {
        // A record that is read counts at once, not from the next frame on.
        phase: if state.opening { Some("verifying".to_owned()) } else { root().get_attribute("data-state") }
            .unwrap_or_default(),
        link: state.link_to_share(),
        run_id: run_id(&state.spec),
        fingerprint: state.shown.fingerprint.as_ref().map(ToString::to_string),
        seeds_done: status.seeds_done,
        seeds: status.seeds,
        sentence: sentence.text(),
        more: sentence.more_text(),
        verdict: match &state.verdict {
            Verdict::New => "new".to_owned(),
            Verdict::Checking => "checking".to_owned(),
            Verdict::Known(agreement) => agreement.sentence(),
        },
        stale: state.stale(),
        engine: devices.engine.name(),
        gpu_fault: devices.fault.map(|fault| fault.code.name()),
        gpu_difference: devices.test.map(|test| test.difference),
        notices: state.notices.clone(),
    }
}
