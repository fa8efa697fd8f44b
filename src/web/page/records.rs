//! Records: saved, and opened from a file that is chosen or dropped.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DragEvent, Element, File, HtmlButtonElement, HtmlInputElement};

use super::dom::{by_id, document, listen};
use super::frame::update;
use super::state::State;

/// Bytes of a file beyond which it is not read: a record of the largest run is smaller.
const LARGEST: f64 = 256e6;

/// The buttons that need a finished run.
pub(super) struct Records {
    save: [HtmlButtonElement; 2],
}

impl Records {
    /// Binds saving, choosing and dropping.
    pub fn new() -> Self {
        let save: [HtmlButtonElement; 2] = [by_id("save-record"), by_id("save-csv")];
        listen(&save[0], "click", |_| update(State::save_record));
        listen(&save[1], "click", |_| update(State::save_series));
        let input: HtmlInputElement = by_id("open-record");
        let chosen = input.clone();
        listen(&input, "change", move |_| {
            if let Some(file) = chosen.files().and_then(|files| files.get(0)) {
                read(file);
            }
            // The same file may be chosen again.
            chosen.set_value("");
        });
        let zone: Element = by_id("drop-zone");
        for kind in ["dragover", "dragleave", "drop"] {
            let zone = zone.clone();
            // Anywhere on the page: a browser would leave the page for a file dropped beside the zone.
            listen(&document(), kind, move |event| {
                let Some(event) = event.dyn_ref::<DragEvent>() else { return };
                let Some(transfer) = event.data_transfer() else { return };
                event.prevent_default();
                // Fails only on class names with spaces.
                let _ = zone.class_list().toggle_with_force("over", event.type_() == "dragover");
                if let Some(file) = transfer.files().and_then(|files| files.get(0)) {
                    read(file);
                }
            });
        }
        Self { save }
    }

    /// Offers what can be saved.
    pub fn show(&self, state: &State) {
        let complete = state.shown.fingerprint.is_some() && !state.saving;
        self.save.iter().for_each(|button| button.set_disabled(!complete));
    }
}

fn read(file: File) {
    if file.size() > LARGEST {
        let name = file.name();
        return update(move |state| {
            state.record_error = Some(format!("{name} was not opened: accepted is up to {:.0} MB.", LARGEST / 1e6));
        });
    }
    update(|state| state.opening = true);
    spawn_local(async move {
        let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
        update(move |state| match text {
            Some(json) => state.open_record(json),
            None => {
                state.opening = false;
                state.record_error = Some(format!("{} could not be read by this browser.", file.name()));
            }
        });
    });
}
