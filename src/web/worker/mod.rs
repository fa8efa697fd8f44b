//! The worker: computes what the page asks for, slice by slice.

mod asked;
mod desk;
mod queue;

use std::cell::Cell;
use std::panic::PanicHookInfo;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use super::protocol::{Code, Fault, PROTOCOL, ToPage, ToWorker, decode, encode};
use crate::experiments::Engine;
use crate::record;
pub(super) use asked::{checked, kept, part_of, unfit};
pub use desk::Desk;
pub use queue::Queue;

thread_local! {
    /// The job in hand, for the panic hook.
    pub(super) static IN_HAND: Cell<u32> = const { Cell::new(0) };
}

/// Says that the worker is ready with the engine that it was built for, then answers whatever the page asks.
pub fn start(engine: Engine) {
    tell_panics();
    let (mut queue, mut desk) = (Queue::default(), Desk::default());
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let answer = match decode::<ToWorker>(event.data()) {
            Ok(ToWorker::Ask(asked)) => desk.answer(&asked),
            Ok(message) => queue.answer(message),
            Err(fault) => Some(ToPage::Failed { token: 0, fault }),
        };
        if let Some(answer) = answer {
            post(&answer);
        }
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget(); // it lives as long as the worker
    say_ready(engine);
}

/// The first message of a program.
pub(super) fn say_ready(engine: Engine) {
    post(&ToPage::Ready { protocol: PROTOCOL, build: record::BUILD.to_owned(), engine });
}

pub(super) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// A message that cannot be posted leaves the page without an answer, which it notices by itself.
pub(super) fn post(message: &ToPage) {
    let posted = encode(message).map(|(value, transferred)| scope().post_message_with_transfer(&value, &transferred));
    if !matches!(posted, Ok(Ok(()))) {
        web_sys::console::error_1(&"a message to the page could not be posted".into());
    }
}

/// Has the page told of a panic, which ends the worker.
pub(super) fn tell_panics() {
    std::panic::set_hook(Box::new(tell_panic));
}

fn tell_panic(info: &PanicHookInfo<'_>) {
    console_error_panic_hook::hook(info);
    let said = info.payload_as_str().unwrap_or("no reason given");
    let place = info.location().map(|place| format!(" ({}:{})", place.file(), place.line())).unwrap_or_default();
    let text = format!("A worker met a defect in Lethe and ended: {said}{place}. What was finished is kept.");
    post(&ToPage::Failed { token: IN_HAND.get(), fault: Fault::new(Code::Panicked, text) });
}
