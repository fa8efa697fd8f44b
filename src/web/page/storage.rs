//! What the page remembers between visits: two wishes about its look. Works with storage blocked.

use super::dom::window;

/// The text kept under a name; `None` where there is none or storage is blocked.
pub(super) fn recall(name: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(name).ok()?
}

/// Keeps a text, or forgets it; does nothing where storage is blocked.
pub(super) fn keep(name: &str, text: Option<&str>) {
    if let Ok(Some(storage)) = window().local_storage() {
        // A full or blocked store costs a wish its memory, nothing else.
        let _ = match text {
            Some(text) => storage.set_item(name, text),
            None => storage.remove_item(name),
        };
    }
}
