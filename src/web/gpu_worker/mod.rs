//! The worker on a GPU: opens it, compares it with the CPU, then trains fleets of networks on it.
//!
//! Nothing here waits without letting go: messages are put down as they come, and one task works
//! through them in order.

mod agreement;
mod timing;
mod trainer;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::MessageEvent;

use super::fleets::{Fleets, PORTION};
use super::protocol::{Fault, ToPage, ToWorker, decode};
use super::worker::{IN_HAND, post, say_ready, scope, tell_panics};
use crate::experiments::Engine;
use crate::experiments::fleet::FleetRun;
use crate::platform::open_gpu;

thread_local! {
    /// What the page has said and nobody has read.
    static MAIL: RefCell<VecDeque<Result<ToWorker, Fault>>> = const { RefCell::new(VecDeque::new()) };
    /// The GPU's jobs, while nobody is at them.
    static FLEETS: RefCell<Option<Fleets<FleetRun>>> = const { RefCell::new(None) };
    /// Whether the task is at work that will read on.
    static AT_WORK: Cell<bool> = const { Cell::new(false) };
}

/// Says that the program has begun with the engine that it was built for, gets the GPU ready, then does what the page
/// asks.
pub fn start(engine: Engine) {
    tell_panics();
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        MAIL.with_borrow_mut(|mail| mail.push_back(decode(event.data())));
        wake();
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget(); // it lives as long as the worker
    say_ready(engine);
    AT_WORK.set(true);
    spawn_local(async move {
        match ready(engine).await {
            Ok((fleets, tested)) => {
                FLEETS.set(Some(fleets));
                post(&tested);
                work().await;
            }
            Err(fault) => post(&ToPage::Failed { token: 0, fault }),
        }
    });
}

/// Opens the GPU and compares it with the CPU.
async fn ready(engine: Engine) -> Result<(Fleets<FleetRun>, ToPage), Fault> {
    let gpu = open_gpu().await.map_err(trainer::not_opened)?;
    let test = agreement::test(&gpu, engine).await?;
    Ok((Fleets::new(gpu, PORTION), ToPage::Tested(test)))
}

fn wake() {
    if FLEETS.with_borrow(Option::is_some) && !AT_WORK.replace(true) {
        spawn_local(work());
    }
}

/// Reads and answers until there is no more mail.
async fn work() {
    if let Some(mut fleets) = FLEETS.take() {
        while let Some(message) = MAIL.with_borrow_mut(VecDeque::pop_front) {
            let answer = match message {
                Ok(message) => answer(&mut fleets, message).await,
                Err(fault) => Err(fault),
            };
            match answer {
                Ok(answer) => answer.iter().for_each(post),
                Err(fault) => post(&ToPage::Failed { token: IN_HAND.get(), fault }),
            }
        }
        FLEETS.set(Some(fleets));
    }
    AT_WORK.set(false);
}

async fn answer(fleets: &mut Fleets<FleetRun>, message: ToWorker) -> Result<Option<ToPage>, Fault> {
    if let ToWorker::Time { token, spec, jobs } = message {
        let speed = timing::speed(fleets.device(), *spec, &jobs).await?;
        return Ok(Some(ToPage::Timed { token, speed }));
    }
    Ok(fleets.answer(message).await)
}
