//! Light and dark, the projector, and pages within pages.

use web_sys::{Element, HtmlInputElement};

use super::dom::{by_id, listen, root, set_attribute, window};
use super::frame::{remeasure, update};
use super::state::{Address, State};
use super::storage::{keep, recall};

const THEME: &str = "lethe.theme";

/// Whether the figures are drawn in the dark theme.
pub(super) fn is_dark(state: &State) -> bool {
    match state.view.theme.as_deref().or(state.theme_wish.as_deref()) {
        Some(theme) => theme == "dark",
        None => {
            window().match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|query| query.matches())
        }
    }
}

/// The look of the whole page.
pub(super) struct Look {
    projector: HtmlInputElement,
}

impl Look {
    /// Binds the theme button, the projector switch and the system's wish.
    pub fn new() -> Self {
        listen(&by_id::<Element>("theme-button"), "click", |_| update(switch_theme));
        if let Ok(Some(query)) = window().match_media("(prefers-color-scheme: dark)") {
            listen(&query, "change", |_| update(|_| ()));
        }
        let projector: HtmlInputElement = by_id("projector");
        let switch = projector.clone();
        listen(&projector, "change", move |_| {
            let on = switch.checked();
            update(move |state| {
                state.view.projector = on;
                state.address = Some(Address::Replace);
            });
        });
        Self { projector }
    }

    /// The theme that the visitor chose last time; a link beats it.
    pub fn recalled() -> Option<String> {
        recall(THEME).filter(|theme| theme == "light" || theme == "dark")
    }

    /// Tells the style sheets.
    pub fn show(&self, state: &State) {
        let theme = state.view.theme.as_deref().or(state.theme_wish.as_deref());
        set_attribute(&root(), "data-theme", theme);
        if root().has_attribute("data-projector") != state.view.projector {
            if let Some(settings) = super::dom::find::<Element>(&root(), "#settings") {
                set_attribute(&settings, "open", (!state.view.projector).then_some(""));
            }
            set_attribute(&root(), "data-projector", state.view.projector.then_some(""));
            remeasure();
        }
        set_attribute(&root(), "data-embed", state.view.embedded.then_some(""));
        self.projector.set_checked(state.view.projector);
    }
}

fn switch_theme(state: &mut State) {
    let theme = if is_dark(state) { "light" } else { "dark" };
    keep(THEME, Some(theme));
    state.theme_wish = Some(theme.to_owned());
    // A link that asks for a theme is answered by one that asks for the other.
    if state.view.theme.is_some() {
        state.view.theme = state.theme_wish.clone();
        state.address = Some(Address::Replace);
    }
}
