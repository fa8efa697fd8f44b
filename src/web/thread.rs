//! One browser worker, seen from the page.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::protocol::{Code, Fault, ToPage, ToWorker, decode, encode};
use crate::experiments::Engine;

/// A running worker; dropping it terminates it at once, whatever it is doing.
pub struct Thread {
    worker: Worker,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_message_error: Closure<dyn Fn(Event)>,
    _on_error: Closure<dyn Fn(Event)>,
}

impl Thread {
    /// Starts a worker; `hear` is given every message, and the fault that ends it.
    ///
    /// # Errors
    /// [`Code::InitFailed`] where the browser refuses workers.
    pub fn spawn(engine: Engine, hear: impl Fn(Result<ToPage, Fault>) + Clone + 'static) -> Result<Self, Fault> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        if has_gpu() {
            options.set_name("page-has-gpu"); // some browsers have WebGPU on pages only
        }
        let worker = Worker::new_with_options(&address(engine), &options).map_err(|error| not_started(&error))?;

        let has_spoken = Rc::new(Cell::new(false));
        let (heard, speaks) = (hear.clone(), Rc::clone(&has_spoken));
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            speaks.set(true);
            heard(decode(event.data()));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));

        let heard = hear.clone();
        let on_message_error = Closure::<dyn Fn(Event)>::new(move |_| {
            heard(Err(Fault::new(Code::Garbled, "A message of the worker could not be read by this browser.")));
        });
        worker.set_onmessageerror(Some(on_message_error.as_ref().unchecked_ref()));

        let on_error = Closure::<dyn Fn(Event)>::new(move |event: Event| {
            event.prevent_default(); // it is told here, once
            hear(Err(if has_spoken.get() { ended(&event) } else { not_started(&event) }));
        });
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));

        Ok(Self { worker, _on_message: on_message, _on_message_error: on_message_error, _on_error: on_error })
    }

    /// Says something to the worker.
    ///
    /// # Errors
    /// [`Code::Garbled`] if the browser cannot carry the message.
    pub fn send(&self, message: &ToWorker) -> Result<(), Fault> {
        let (value, transferred) = encode(message)?;
        self.worker.post_message_with_transfer(&value, &transferred).map_err(|error| {
            let why = text_of(&error).unwrap_or_default();
            Fault::new(Code::Garbled, format!("A message to the worker could not be sent: {why}."))
        })
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onmessageerror(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// Where the page says its worker is, relative to the page; its name changes with its content.
fn address(engine: Engine) -> String {
    let name = match engine {
        Engine::FusedCpu => "worker",
        Engine::FusedGpu => "gpu_worker",
        Engine::Autodiff => "deep_worker",
        Engine::AutodiffGpu => "deep_gpu_worker",
    };
    let named = || {
        let document = web_sys::window()?.document()?;
        document.query_selector(&format!("meta[name=lethe-{name}]")).ok()??.get_attribute("content")
    };
    named().unwrap_or_else(|| format!("./{name}_loader.js"))
}

/// Whether this page, if not its workers, has WebGPU.
fn has_gpu() -> bool {
    web_sys::window().is_some_and(|window| {
        Reflect::get(&window.navigator(), &JsValue::from_str("gpu")).is_ok_and(|gpu| !gpu.is_undefined())
    })
}

fn not_started(error: &JsValue) -> Fault {
    let why = text_of(error).unwrap_or_else(|| "its file could not be loaded".to_owned());
    Fault::new(Code::InitFailed, format!("The worker that computes could not be started: {why}."))
}

fn ended(error: &JsValue) -> Fault {
    let why = text_of(error).unwrap_or_else(|| "the browser gives no reason".to_owned());
    Fault::new(Code::Died, format!("A worker ended unexpectedly: {why}. What was finished is kept."))
}

/// The message of an error or of an event that tells of one.
fn text_of(error: &JsValue) -> Option<String> {
    let text = Reflect::get(error, &JsValue::from_str("message")).ok()?.as_string()?;
    Some(text.trim_end_matches('.').to_owned()).filter(|text| !text.is_empty())
}
