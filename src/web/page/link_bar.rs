//! The address, the link field, its copies, and the badge beside them.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, HtmlInputElement};

use super::dom::{by_id, find, listen, set_attribute, set_text, window};
use super::elsewhere;
use super::frame::update;
use super::state::{Address, State, Verdict};
use crate::record::BUILD;
use crate::web::pool::Phase;

/// Characters up to which links survive chat programs and mail.
const SAFE_LENGTH: usize = 2000;

/// Everything that shows the link.
pub(super) struct LinkBar {
    field: HtmlInputElement,
    verdict: Element,
    verdict_text: Element,
    twin: Element,
    /// The hash that the page itself wrote last.
    written: String,
    /// Whether the present entry of the history is a run, to which Back should lead.
    ran: bool,
}

impl LinkBar {
    /// Binds the copies and the address bar.
    pub fn new() -> Self {
        let field: HtmlInputElement = by_id("link-field");
        let copy_button: Element = by_id("copy-link");
        let copy_twin: Element = by_id("copy-twin");
        set_text(&by_id::<Element>("build-id"), BUILD);
        listen(&copy_button, "click", |_| update(copy_link));
        listen(&copy_twin, "click", |_| update(|state| copy(state, &twin(state), "Command copied")));
        let select = field.clone();
        listen(&field, "focus", move |_| select.select());
        Self {
            field,
            verdict: by_id("verdict"),
            verdict_text: by_id("verdict-text"),
            twin: by_id("twin"),
            written: String::new(),
            ran: false,
        }
    }

    /// The hash of the address, if it is not what the page wrote there.
    pub fn foreign_hash(&self) -> Option<String> {
        let hash = window().location().hash().unwrap_or_default();
        (hash != self.written).then_some(hash)
    }

    /// Writes the address as the state asks, and shows link and verdict.
    pub fn show(&mut self, state: &mut State) {
        let link = state.link();
        // What only rewrites the entry waits until it is the lab's.
        let is_elsewhere = elsewhere::is_shown();
        let due = state.address.take_if(|address| !is_elsewhere || *address == Address::Push);
        if let Some(address) = due
            && let Ok(history) = window().history()
        {
            if link != self.written || is_elsewhere {
                // Browsers refuse after a hundred changes in half a minute; the next change catches up.
                let is_new = address == Address::Push || address == Address::Edit && self.ran;
                let _ = if is_new {
                    history.push_state_with_url(&JsValue::NULL, "", Some(&link))
                } else {
                    history.replace_state_with_url(&JsValue::NULL, "", Some(&link))
                };
                self.written = window().location().hash().unwrap_or_default();
                elsewhere::leave();
            }
            self.ran = state.started && !state.stale();
        }
        if self.field.value() != link {
            self.field.set_value(&link);
        }
        set_text(&self.twin, &twin(state));
        let (kind, text) = badge(state);
        set_attribute(&self.verdict, "data-verdict", Some(kind));
        set_text(&self.verdict_text, &text);
    }
}

/// Copies the link that others should get.
pub(super) fn copy_link(state: &mut State) {
    let address = window().location().href().unwrap_or_default();
    let page = address.split('#').next().unwrap_or_default();
    let link = format!("{page}{}", state.link_to_share());
    if link.len() > SAFE_LENGTH {
        state.notice(format!(
            "The link has {} characters, and some programs cut links beyond {SAFE_LENGTH}: a record file holds the same.",
            link.len()
        ));
    }
    copy(state, &link, "Link copied");
}

/// Puts a text on the clipboard and says so, on the screen and aloud.
fn copy(state: &mut State, text: &str, done: &'static str) {
    let clipboard = window().navigator().clipboard();
    let button: Element = by_id(if done == "Link copied" { "copy-link" } else { "copy-twin" });
    if JsValue::from(clipboard.clone()).is_undefined() {
        state.notice(format!("This browser lets no page copy over plain http. Here it is: {text}"));
        return;
    }
    let promise = clipboard.write_text(text);
    let text = text.to_owned();
    wasm_bindgen_futures::spawn_local(async move {
        let copied = wasm_bindgen_futures::JsFuture::from(promise).await.is_ok();
        update(move |state| {
            if copied {
                state.announce(done);
                flash(&button, "Copied");
            } else {
                state.notice(format!("The browser refused to copy. Here it is: {text}"));
            }
        });
    });
}

/// Shows another label on a button for two seconds.
fn flash(button: &Element, label: &'static str) {
    let place: Element = find(button, "span").unwrap_or_else(|| button.clone());
    let usual = place.get_attribute("data-label").or_else(|| place.text_content()).unwrap_or_default();
    set_attribute(&place, "data-label", Some(&usual));
    set_text(&place, label);
    let back = Closure::once_into_js(move || set_text(&place, &usual));
    // Without a timer the label stays, which misleads nobody.
    let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&back.into(), 2000);
}

/// The command that runs the same.
fn twin(state: &State) -> String {
    format!("lethe run '{}'", state.link_to_share())
}

fn badge(state: &State) -> (&'static str, String) {
    let status = state.runner.status();
    let stale = state.stale();
    match &state.verdict {
        _ if stale => ("new", "New run".to_owned()),
        Verdict::New => ("new", "New run".to_owned()),
        Verdict::Checking if matches!(status.phase, Phase::Idle | Phase::Stopped(_)) => ("new", "New run".to_owned()),
        Verdict::Checking => ("checking", format!("Checking, {} of {}", status.seeds_done, status.seeds)),
        Verdict::Known(agreement) => agreement.badge(),
    }
}
