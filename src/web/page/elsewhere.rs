//! The view of the laws is plain JavaScript's (`www/laws_section.js`): while it is shown, the lab stands still.

use super::dom::{root, set_attribute};

const VIEW: &str = "data-view";

/// Whether the address asks for another view than the lab; `www/start.js` says so before anyone hears of the address.
pub(super) fn is_shown() -> bool {
    root().has_attribute(VIEW)
}

/// Shows the lab, whose link stands in the address again.
pub(super) fn leave() {
    set_attribute(&root(), VIEW, None);
}
