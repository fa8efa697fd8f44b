//! A defect in the page itself, told to the visitor instead of a page that no longer answers.

use std::panic::PanicHookInfo;

use super::dom::set_text;

/// From now on a panic fills the page's alert, and the console for whoever mends it.
pub(super) fn tell_panics() {
    std::panic::set_hook(Box::new(tell));
}

fn tell(info: &PanicHookInfo<'_>) {
    web_sys::console::error_1(&info.to_string().into());
    let said = info.payload_as_str().unwrap_or("no reason given");
    let place = info.location().map(|place| format!(" ({}:{})", place.file(), place.line())).unwrap_or_default();
    let text = format!(
        "Lethe met a defect in itself and stopped: {said}{place}. The address still holds your settings: \
         reload the page to go on from there."
    );
    if let Some(alert) = web_sys::window().and_then(|w| w.document()).and_then(|d| d.get_element_by_id("alert")) {
        set_text(&alert, &text);
    }
}
