//! Reference curves, fetched from beside the page once it works.

use std::rc::Rc;

use js_sys::Uint8Array;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::Response;

use super::dom::window;
use super::frame::update;
use crate::experiments::Experiment;
use crate::report::Reference;

/// Fetches the reference of every experiment, one after the other.
pub(super) fn fetch_all() {
    spawn_local(async {
        // No figure draws ways of spending.
        for name in Experiment::all()
            .filter(|experiment| !experiment.prescribes() && !experiment.mitigates())
            .map(Experiment::name)
        {
            match fetch(name).await {
                Ok(reference) => update(move |state| {
                    state.references.push(Rc::new(reference));
                }),
                Err(why) => update(move |state| {
                    state.notice(format!(
                        "The curves computed in advance for {name} are missing: {why}. Runs work without them."
                    ));
                }),
            }
        }
    });
}

async fn fetch(name: &str) -> Result<Reference, String> {
    let refused = |_| "the file was not there".to_owned();
    let response =
        JsFuture::from(window().fetch_with_str(&format!("./reference/{name}.bin"))).await.map_err(refused)?;
    let response: Response = response.dyn_into().map_err(refused)?;
    if !response.ok() {
        return Err(format!("the server answered {}", response.status()));
    }
    let bytes = JsFuture::from(response.array_buffer().map_err(refused)?).await.map_err(refused)?;
    Reference::read(&Uint8Array::new(&bytes).to_vec()).map_err(|_| "the file is not of this build".to_owned())
}
