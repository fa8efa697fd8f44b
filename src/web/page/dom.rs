//! The few things that the page asks of its document.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Document, Element, Event, EventTarget, HtmlElement, NodeList, Window};

/// The window; the page runs nowhere else.
pub(super) fn window() -> Window {
    web_sys::window().expect("the page runs in a window")
}

/// The document of that window.
pub(super) fn document() -> Document {
    window().document().expect("a window of the page has a document")
}

/// The root element, which carries the states that the style sheets read.
pub(super) fn root() -> HtmlElement {
    cast(document().document_element())
}

/// The element of an id. That it is there, and of this kind, is what `www/README.md` promises.
pub(super) fn by_id<T: JsCast>(id: &str) -> T {
    match document().get_element_by_id(id).map(JsCast::dyn_into::<T>) {
        Some(Ok(element)) => element,
        _ => panic!("the page has no element \"{id}\" of the kind expected"),
    }
}

/// The first match of a selector inside an element, if it has one of this kind.
pub(super) fn find<T: JsCast>(within: &Element, selector: &str) -> Option<T> {
    within.query_selector(selector).ok().flatten()?.dyn_into().ok()
}

/// As [`find`], for what is promised to be there.
pub(super) fn first<T: JsCast>(within: &Element, selector: &str) -> T {
    find(within, selector).unwrap_or_else(|| panic!("the page has no \"{selector}\" of the kind expected"))
}

/// All matches of a selector in the document.
pub(super) fn all<T: JsCast>(selector: &str) -> Vec<T> {
    document().query_selector_all(selector).map(|list| items(&list)).unwrap_or_default()
}

fn items<T: JsCast>(list: &NodeList) -> Vec<T> {
    (0..list.length()).filter_map(|k| list.item(k)?.dyn_into().ok()).collect()
}

fn cast<T: JsCast>(element: Option<Element>) -> T {
    match element.map(JsCast::dyn_into::<T>) {
        Some(Ok(element)) => element,
        _ => panic!("the document is not one of HTML"),
    }
}

/// A new element.
pub(super) fn create(tag: &str) -> Element {
    document().create_element(tag).unwrap_or_else(|_| panic!("\"{tag}\" is the name of an element"))
}

/// Calls `handler` on every event of a kind, as long as the page lives.
pub(super) fn listen(target: &EventTarget, kind: &str, handler: impl FnMut(Event) + 'static) {
    let handler: Box<dyn FnMut(Event)> = Box::new(handler);
    let closure = Closure::wrap(handler);
    if target.add_event_listener_with_callback(kind, closure.as_ref().unchecked_ref()).is_ok() {
        closure.forget();
    }
}

/// Puts a text into an element, unless it is there already (a live region would repeat it).
pub(super) fn set_text(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

/// Sets or removes an attribute, and leaves one alone that has the value already.
pub(super) fn set_attribute(element: &Element, name: &str, value: Option<&str>) {
    if element.get_attribute(name).as_deref() == value {
        return;
    }
    // Both fail only on names that are no attribute names; ours are literals.
    let _ = match value {
        Some(value) => element.set_attribute(name, value),
        None => element.remove_attribute(name),
    };
}

/// A custom property of an element's style, by the object model (the policy forbids style attributes).
pub(super) fn set_property(element: &HtmlElement, name: &str, value: &str) {
    // Fails only where a browser makes styles read-only, and then the look is all that is lost.
    let _ = element.style().set_property(name, value);
}
