//! The keys of the page; single letters can be switched off.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, KeyboardEvent};

use super::dom::{all, by_id, document, listen};
use super::elsewhere;
use super::frame::{open_table, update};
use super::link_bar::copy_link;
use super::state::State;
use super::storage::{keep, recall};
use crate::web::pool::Phase;

const LETTERS: &str = "lethe.letters";

/// Binds the keys and the switch of the letters.
pub(super) fn bind() {
    let letters: HtmlInputElement = by_id("letter-keys");
    letters.set_checked(recall(LETTERS).as_deref() != Some("off"));
    let switch = letters.clone();
    listen(&letters, "change", move |_| keep(LETTERS, (!switch.checked()).then_some("off")));
    listen(&document(), "keydown", move |event| {
        if let Some(key) = event.dyn_ref::<KeyboardEvent>() {
            press(key, letters.checked());
        }
    });
}

fn press(key: &KeyboardEvent, letters: bool) {
    if key.default_prevented() || key.ctrl_key() || key.meta_key() || key.alt_key() || key.repeat() {
        return;
    }
    let named = key.key();
    match named.as_str() {
        // The browser closes what is open; only then is Escape about the page.
        "?" if letters && !in_text(key) => by_id::<HtmlElement>("help-button").click(),
        _ if elsewhere::is_shown() => {}
        "Escape" if something_open() => {}
        "Escape" => update(State::escape),
        " " if !in_control(key) => {
            key.prevent_default();
            update(pause_or_resume);
        }
        _ if !letters || in_text(key) || something_open() => {}
        "r" | "R" => update(State::run),
        "s" | "S" => update(step),
        "b" | "B" => update(State::rewind),
        "t" | "T" => open_table(),
        "l" | "L" => update(copy_link),
        _ => {}
    }
}

fn pause_or_resume(state: &mut State) {
    match state.runner.status().phase {
        Phase::Paused => state.runner.resume(),
        _ => state.pause(),
    }
}

fn step(state: &mut State) {
    if state.runner.status().phase != Phase::Running {
        state.step();
    }
}

fn something_open() -> bool {
    !all::<Element>("[popover]:popover-open").is_empty()
}

fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// Whether letters typed there are text.
fn in_text(event: &Event) -> bool {
    target(event).is_some_and(|element| {
        element.matches("input:not([type=range], [type=radio], [type=checkbox]), select, textarea").unwrap_or(false)
    })
}

/// Whether Space means something there already.
fn in_control(event: &Event) -> bool {
    target(event).is_some_and(|element| {
        element.matches("a, button, input, select, textarea, summary, [tabindex]:not([tabindex='-1'])").unwrap_or(false)
    })
}
