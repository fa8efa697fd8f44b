//! The theory's worker: what one network's kernel knows, for `www/theory.js` and for scripts.
//!
//! It speaks first, `{ ready: build }`. Each message is `{ id, ask }` and is answered by `{ id, answer }` or by
//! `{ id, refused: words }`. A panic is told, `{ ended: words }`, and ends the worker; the page starts another. Nothing
//! here can be broken off: the page ends a worker whose answer it no longer wants.

mod answer;
mod ask;
mod desk;
mod numbers;
mod subject;

use std::panic::PanicHookInfo;

use js_sys::{Object, Reflect};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use self::ask::Ask;
use self::desk::Desk;
use super::plain;
use crate::record;

/// Says that the worker is ready, then answers whatever the page asks.
pub fn start() {
    std::panic::set_hook(Box::new(tell_panic));
    let mut desk = Desk::default();
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let message = event.data();
        let answer = read(&message).and_then(|ask| desk.answer(ask));
        let (name, value) = match answer {
            Ok(answer) => ("answer", answer),
            Err(words) => ("refused", words.into()),
        };
        post(&[("id", field(&message, "id")), (name, value)]);
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget(); // it lives as long as the worker
    post(&[("ready", record::BUILD.into())]);
}

fn read(message: &JsValue) -> Result<Ask, String> {
    plain::read(field(message, "ask")).map_err(|why| format!("The question could not be read: {why}"))
}

/// Why the theory has no answer, in words.
fn said(why: impl core::fmt::Display) -> String {
    format!("The theory has no answer here: {why}")
}

/// A field of an object; undefined where there is none.
fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// A value as plain objects and lists.
fn written(value: &impl Serialize) -> Result<JsValue, String> {
    value.serialize(&Serializer::json_compatible()).map_err(|why| format!("The answer could not be written: {why}"))
}

/// An object with these fields.
fn object(fields: &[(&str, JsValue)]) -> JsValue {
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

fn tell_panic(info: &PanicHookInfo<'_>) {
    console_error_panic_hook::hook(info);
    let said = info.payload_as_str().unwrap_or("no reason given");
    let place = info.location().map(|place| format!(" ({}:{})", place.file(), place.line())).unwrap_or_default();
    post(&[("ended", format!("The theory met a defect in Lethe and ended: {said}{place}").into())]);
}
