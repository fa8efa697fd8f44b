//! What leaves the page as a file: figures, records, series; and the table of a figure.

use js_sys::{Array, Uint8Array};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, Element, HtmlAnchorElement, HtmlCanvasElement, Url};

use super::canvas::{Size, paint};
use super::dom::{by_id, create, set_attribute, set_text, window};
use super::frame::update;
use super::state::State;
use super::theme::is_dark;
use crate::figure::png::with_text;
use crate::figure::{Figure, Layout, Sheet, Theme, to_svg};

/// A file that a figure can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Png,
    Svg,
    Csv,
}

impl Format {
    /// The format of a `data-act`.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "png" => Self::Png,
            "svg" => Self::Svg,
            "csv" => Self::Csv,
            _ => return None,
        })
    }
}

/// Pixels of a saved PNG per CSS pixel: sharp in print.
const PNG_RATIO: f64 = 3.0;

/// Saves a figure, at the size in which it is seen, with the link that makes it again.
pub(super) fn save_figure(figure: &Figure, layout: &Layout, format: Format, state: &State) {
    let theme = if is_dark(state) { Theme::DARK } else { Theme::LIGHT };
    let address = window().location().href().unwrap_or_default();
    let link = format!("{}{}", address.split('#').next().unwrap_or_default(), state.link_to_share());
    let name = format!("lethe-{}", figure.id);
    let sheet = Sheet { heading: true, ..layout.sheet };
    match format {
        Format::Csv => save(&format!("{name}.csv"), "text/csv", figure.table.to_csv().as_bytes()),
        Format::Svg => match to_svg(figure, &sheet, &theme, &link) {
            Ok(svg) => save(&format!("{name}.svg"), "image/svg+xml", svg.as_bytes()),
            Err(error) => tell(format!("The SVG was not made: {error}.")),
        },
        Format::Png => save_png(figure, sheet, &theme, format!("{name}.png"), link),
    }
}

fn save_png(figure: &Figure, sheet: Sheet, theme: &Theme, name: String, link: String) {
    let Ok(canvas) = create("canvas").dyn_into::<HtmlCanvasElement>() else { return };
    let size = Size {
        width: sheet.width,
        height: sheet.height,
        text: sheet.text,
        line: sheet.line,
        ratio: PNG_RATIO,
        heading: true,
    };
    if paint(&canvas, figure, size, theme).is_none() {
        return tell("The PNG was not made: this browser gives no canvas.".to_owned());
    }
    let done = Closure::once_into_js(move |blob: JsValue| {
        let Ok(blob) = blob.dyn_into::<Blob>() else {
            return tell("The PNG was not made: the browser could not encode it.".to_owned());
        };
        spawn_local(async move {
            match JsFuture::from(blob.array_buffer()).await {
                Ok(buffer) => {
                    let png = Uint8Array::new(&buffer).to_vec();
                    save(&name, "image/png", &with_text(&png, "Source", &link));
                }
                Err(_) => tell("The PNG was not made: the browser gave no data.".to_owned()),
            }
        });
    });
    if canvas.to_blob(done.unchecked_ref()).is_err() {
        tell("The PNG was not made: the browser refused to encode it.".to_owned());
    }
}

/// A value as plain objects and arrays, which the browser itself can write as JSON.
pub(super) fn plain(value: &impl Serialize) -> Option<JsValue> {
    value.serialize(&Serializer::json_compatible()).ok()
}

/// Offers bytes as a file to be saved.
fn save(name: &str, kind: &str, bytes: &[u8]) {
    offer(name, kind, &Array::of1(&Uint8Array::from(bytes)));
}

/// Offers pieces, bytes or blobs, joined as a file to be saved.
pub(super) fn offer(name: &str, kind: &str, pieces: &Array) {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let offered = Blob::new_with_blob_sequence_and_options(pieces, &options)
        .and_then(|blob| Url::create_object_url_with_blob(&blob));
    let (Ok(url), Ok(anchor)) = (offered, create("a").dyn_into::<HtmlAnchorElement>()) else {
        return tell(format!("{name} was not saved: the browser refused to make the file."));
    };
    anchor.set_href(&url);
    anchor.set_download(name);
    anchor.click();
    let forget = Closure::once_into_js(move || {
        // An address that is forgotten already is what is wanted.
        let _ = Url::revoke_object_url(&url);
    });
    // The download has begun long before; without a timer the address lives as long as the page.
    let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(forget.unchecked_ref(), 60_000);
    let said = format!("{name} saved");
    update(move |state| state.announce(said));
}

fn tell(line: String) {
    update(move |state| state.notice(line));
}

/// Fills the table's dialog, which the button has opened.
pub(super) fn show_table(figure: &Figure) {
    set_text(&by_id::<Element>("table-title"), &figure.title);
    let place: Element = by_id("table-scroll");
    place.set_text_content(None);
    let table = child(&place, "table", None);
    child(&table, "caption", Some(&figure.summary));
    let head = child(&child(&table, "thead", None), "tr", None);
    for column in &figure.table.columns {
        set_attribute(&child(&head, "th", Some(&column.title)), "scope", Some("col"));
    }
    let body = child(&table, "tbody", None);
    for row in figure.table.shown() {
        let line = child(&body, "tr", None);
        for cell in &row {
            child(&line, "td", Some(cell));
        }
    }
}

fn child(parent: &Element, tag: &str, text: Option<&str>) -> Element {
    let child = create(tag);
    child.set_text_content(text);
    // A new element has no parent: appending it cannot fail.
    let _ = parent.append_child(&child);
    child
}
