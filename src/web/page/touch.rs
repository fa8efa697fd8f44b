//! What pointers and keys do to a figure.

use wasm_bindgen::JsCast;
use web_sys::{Event, KeyboardEvent, PointerEvent};

use crate::figure::Step;

/// Something done to a figure, to be understood once it is known where everything is in it.
pub(super) enum Touch {
    /// The pointer, in CSS pixels of the plot; pressed or not.
    Pointer {
        x: f64,
        y: f64,
        pressed: bool,
        hovers: bool,
    },
    Leave,
    Key(Step),
    /// Enter: as a press at the cursor.
    Choose,
    Act(String),
}

impl Touch {
    /// What an event means to a figure; `None` if nothing.
    pub fn of(event: &Event) -> Option<Self> {
        if let Some(pointer) = event.dyn_ref::<PointerEvent>() {
            if event.type_() == "pointerleave" {
                return Some(Self::Leave);
            }
            return Some(Self::Pointer {
                x: f64::from(pointer.offset_x()),
                y: f64::from(pointer.offset_y()),
                pressed: pointer.buttons() & 1 == 1,
                hovers: pointer.pointer_type() == "mouse",
            });
        }
        let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return Some(Self::Leave) };
        if key.ctrl_key() || key.meta_key() || key.alt_key() {
            return None;
        }
        let touch = match key.key().as_str() {
            "ArrowLeft" => Self::Key(Step::Previous),
            "ArrowRight" => Self::Key(Step::Next),
            "ArrowUp" => Self::Key(Step::Up),
            "ArrowDown" => Self::Key(Step::Down),
            "Home" => Self::Key(Step::Home),
            "End" => Self::Key(Step::End),
            "Enter" => Self::Choose,
            _ => return None,
        };
        event.prevent_default();
        Some(touch)
    }
}
