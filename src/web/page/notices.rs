//! What the visitor should know: notices that can be dismissed, and the alert of an error.

use web_sys::{Element, HtmlElement, HtmlTemplateElement};

use super::dom::{by_id, first, listen, set_attribute, set_text};
use super::frame::update;
use super::keeping::Offer;
use super::state::State;
use crate::web::pool::Phase;

/// The places of notices and errors.
pub(super) struct Notices {
    list: Element,
    template: HtmlTemplateElement,
    alert: Element,
    record_error: Element,
    offer: Element,
    announce: Element,
    shown: Vec<String>,
}

impl Notices {
    /// Finds them.
    pub fn new() -> Self {
        listen(&by_id::<HtmlElement>("continue"), "click", |_| update(State::accept_offer));
        listen(&by_id::<HtmlElement>("discard"), "click", |_| update(State::discard_offer));
        Self {
            list: by_id("notices"),
            template: by_id("notice-template"),
            alert: by_id("alert"),
            record_error: by_id("record-error"),
            offer: by_id("offer"),
            announce: by_id("announce"),
            shown: Vec::new(),
        }
    }

    /// Shows what there is.
    pub fn show(&mut self, state: &mut State) {
        if self.shown != state.notices {
            self.list.set_text_content(None);
            for line in &state.notices {
                self.add(line);
            }
            self.shown.clone_from(&state.notices);
        }
        let alert = match state.runner.status().phase {
            Phase::Stopped(fault) => fault.text,
            _ => String::new(),
        };
        set_text(&self.alert, &alert);
        let offer = state.offer.as_ref().map(Offer::words);
        if let Some(words) = &offer {
            set_text(&first(&self.offer, "p"), words);
        }
        set_attribute(&self.offer, "hidden", offer.is_none().then_some(""));
        set_text(&self.record_error, state.record_error.as_deref().unwrap_or_default());
        if let Some(sentence) = state.announcement.take() {
            // A repeated sentence is only read again if it is new to the region.
            self.announce.set_text_content(None);
            set_text(&self.announce, &sentence);
        }
    }

    fn add(&self, line: &str) {
        let Ok(copy) = self.template.content().clone_node_with_deep(true) else { return };
        let fragment: web_sys::DocumentFragment = wasm_bindgen::JsCast::unchecked_into(copy);
        let Some(notice) = fragment.first_element_child() else { return };
        set_text(&first::<Element>(&notice, "p"), line);
        let line = line.to_owned();
        listen(&first::<HtmlElement>(&notice, "button"), "click", move |_| {
            let line = line.clone();
            update(move |state| state.notices.retain(|notice| *notice != line));
        });
        // Appending an element that has no parent cannot fail.
        let _ = self.list.append_child(&notice);
    }
}
