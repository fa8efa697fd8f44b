//! Checkboxes that put entries into a list of the spec or take them out: every `input[data-part]` inside a
//! `[data-list]`, which names the field. The text field of the same list shows what they do.

use web_sys::{Element, HtmlInputElement};

use super::dom::{all, listen};
use super::editing::Edit;
use super::frame::update;
use crate::experiments::Spec;
use crate::experiments::fields::{Field, field};

/// One checkbox.
#[derive(Clone)]
struct Part {
    input: HtmlInputElement,
    field: &'static Field,
    /// What it puts into the list; all entries have its name before their `@`.
    entries: String,
}

/// All such checkboxes of the page.
pub(super) struct Parts(Vec<Part>);

impl Parts {
    /// Binds them.
    pub fn new() -> Self {
        let mut parts = Vec::new();
        for list in all::<Element>("[data-list]") {
            let Some(field) = list.get_attribute("data-list").and_then(|key| field(&key)) else { continue };
            for input in
                all::<HtmlInputElement>("input[data-part]").into_iter().filter(|input| list.contains(Some(input)))
            {
                let entries = input.get_attribute("data-part").unwrap_or_default();
                let part = Part { input, field, entries };
                part.listen();
                parts.push(part);
            }
        }
        Self(parts)
    }

    /// Checks those of which the list has an entry.
    pub fn show(&self, spec: &Spec) {
        for part in &self.0 {
            part.input.set_checked((part.field.show)(spec).split(',').any(|entry| part.is_named_in(entry)));
        }
    }
}

impl Part {
    fn is_named_in(&self, entry: &str) -> bool {
        name(entry) == name(&self.entries)
    }

    fn listen(&self) {
        let part = self.clone();
        listen(&self.input, "change", move |_| {
            let part = part.clone();
            update(move |state| {
                let before = (part.field.show)(&state.spec);
                let others = before.split(',').filter(|entry| !entry.is_empty() && !part.is_named_in(entry));
                let added = part.input.checked().then_some(part.entries.as_str());
                let entries: Vec<&str> = others.chain(added).collect();
                state.edit(part.field.key, &entries.join(","), Edit::Final);
            });
        });
    }
}

/// What is before the strength of an entry, or of the first of several.
fn name(entry: &str) -> &str {
    entry.split_once('@').map_or(entry, |(name, _)| name)
}
