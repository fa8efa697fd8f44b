//! Workers that answer questions, for plain JavaScript (`www/desk.js`).
//!
//! Such a worker speaks first, `{ ready: build }`. Each message is `{ id, ask }` and is answered by `{ id, answer }` or by
//! `{ id, refused: words }`. A panic is told, `{ ended: words }`, and ends the worker; the page starts another. Nothing
//! here can be broken off: the page ends a worker whose answer it no longer wants.

mod picture;

pub use picture::{Listed, Picture, Said, Sheet, drawn};

use std::panic::PanicHookInfo;

use js_sys::{Object, Reflect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use super::plain;
use crate::record;

/// Says that the worker of `who` is ready, then answers whatever the page asks.
pub fn start<Ask: DeserializeOwned>(
    who: &'static str,
    mut answer: impl FnMut(Ask) -> Result<JsValue, String> + 'static,
) {
    std::panic::set_hook(Box::new(move |info| tell_panic(who, info)));
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let message = event.data();
        let (name, value) = match read(&message).and_then(&mut answer) {
            Ok(answer) => ("answer", answer),
            Err(words) => ("refused", words.into()),
        };
        post(&[("id", field(&message, "id")), (name, value)]);
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget(); // it lives as long as the worker
    post(&[("ready", record::BUILD.into())]);
}

fn read<Ask: DeserializeOwned>(message: &JsValue) -> Result<Ask, String> {
    plain::read(field(message, "ask")).map_err(|why| format!("The question could not be read: {why}"))
}

/// A field of an object; undefined where there is none.
fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// A value as plain objects and lists.
///
/// # Errors
/// In words, what no such value can hold.
pub fn written(value: &impl Serialize) -> Result<JsValue, String> {
    value.serialize(&Serializer::json_compatible()).map_err(|why| format!("The answer could not be written: {why}"))
}

/// An object with these fields.
pub fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        // A new object takes every field.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn post(fields: &[(&str, JsValue)]) {
    if scope().post_message(&object(fields)).is_err() {
        web_sys::console::error_1(&"a message to the page could not be posted".into());
    }
}

fn tell_panic(who: &str, info: &PanicHookInfo<'_>) {
    console_error_panic_hook::hook(info);
    let said = info.payload_as_str().unwrap_or("no reason given");
    let place = info.location().map(|place| format!(" ({}:{})", place.file(), place.line())).unwrap_or_default();
    post(&[("ended", format!("The program of {who} met a defect in Lethe and ended: {said}{place}").into())]);
}
