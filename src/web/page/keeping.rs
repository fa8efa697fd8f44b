//! An unfinished run is kept in this browser, and offered again on the next visit.
//!
//! Where it lies is the matter of `www/keep.js`, which asks for records at its own pace; without it,
//! or with storage blocked, everything else works.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlElement;

use super::dom::by_id;
use super::frame::{read, update};
use super::state::State;
use crate::experiments::CheckedSpec;
use crate::experiments::limits::Limits;
use crate::figure::number::seeds;
use crate::platform::now_millis;
use crate::record::{BUILD, Link};
use crate::web::pool::{Phase, Resumed};

/// Seconds that a run lasts before it is worth keeping.
const WORTH_KEEPING: f64 = 2.0;
/// Milliseconds for which records are made at once; the page draws in between.
const PORTION_MILLIS: f64 = 4.0;
/// Seconds left from which on a visitor may rely on a run's being kept.
const RELIED_ON: f64 = 30.0;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = letheKeep, js_name = find, catch)]
    async fn find_kept() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = letheKeep, js_name = load, catch)]
    async fn load_kept(id: &str, take: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = letheKeep, js_name = remove, catch)]
    async fn remove_kept(id: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = letheKeep, js_name = begin, catch)]
    fn begin_keeping(
        id: &str,
        link: &str,
        build: &str,
        seeds: u32,
        fill: &JsValue,
        trouble: &JsValue,
        sizes: &JsValue,
    ) -> Result<(), JsValue>;
}

/// An unfinished run of another visit.
pub(super) struct Offer {
    id: String,
    spec: CheckedSpec,
    when: String,
    seeds_done: usize,
    /// Whether it was accepted and is being read.
    reading: bool,
}

impl Offer {
    /// Does not go on with it, should it have been accepted: another run begins.
    pub fn put_off(&mut self) {
        self.reading = false;
    }

    /// What is offered, in one line.
    pub fn words(&self) -> String {
        let name = self.spec.experiment.name();
        if self.reading {
            return format!("Reading the {name} run from {}.", self.when);
        }
        format!("An unfinished {name} run from {}: {} of {}.", self.when, self.seeds_done, seeds(self.spec.seeds.len()))
    }
}

/// Keeps the run that has just begun from here on, in place of the one before; under the id of a run
/// that was kept, it adds to that.
pub(super) fn begin(id: &str, spec: &CheckedSpec, sizes: Option<&JsValue>) {
    thread_local! {
        static FILL: JsValue = Closure::<dyn Fn(bool) -> JsValue>::new(fill).into_js_value();
        static TROUBLE: JsValue = Closure::<dyn Fn(String) -> bool>::new(tell_trouble).into_js_value();
    }
    let link = Link::write(spec, Some(BUILD), None, &[]);
    let (fill, trouble) = (FILL.with(JsValue::clone), TROUBLE.with(JsValue::clone));
    let sizes = sizes.cloned().unwrap_or_default();
    if begin_keeping(id, &link, BUILD, spec.seeds.len() as u32, &fill, &trouble, &sizes).is_err() {
        tell_trouble("blocked".to_owned());
    }
}

/// What has to be written: whether the run is over, its complete seeds (null while more is to be written),
/// then numbers and records by turns, if they are wanted; null as long as it is too short to be kept.
fn fill(wanted: bool) -> JsValue {
    let filled = read(|state, _| {
        let status = state.runner.status();
        let over = matches!(status.phase, Phase::Idle | Phase::Finished);
        if !over && status.seconds < WORTH_KEEPING {
            return JsValue::NULL;
        }
        let list = Array::of2(&over.into(), &JsValue::NULL);
        let end = now_millis() + PORTION_MILLIS;
        while wanted && !over && now_millis() < end {
            let Some((number, record)) = state.runner.take_unkept() else {
                list.set(1, (status.seeds_done as u32).into());
                break;
            };
            list.push(&number.into());
            list.push(&Uint8Array::from(&record[..]));
        }
        list.into()
    });
    filled.unwrap_or(JsValue::NULL)
}

/// Says that a run is not kept, where its length makes that matter; whether it did.
fn tell_trouble(kind: String) -> bool {
    let matters = read(|state, _| {
        let status = state.runner.status();
        status.speed.is_some_and(|speed| (status.work - status.work_done) / speed >= RELIED_ON)
    });
    if matters != Some(true) {
        return false;
    }
    update(move |state| {
        state.notice(if kind == "full" {
            "This browser has no room left to keep this run: a reload would go on from what was kept so far.".to_owned()
        } else {
            "This browser keeps nothing for this page: a reload would begin this run again.".to_owned()
        });
    });
    true
}

/// Looks for an unfinished run of another visit.
pub(super) fn look() {
    spawn_local(async {
        let Ok(found) = find_kept().await else { return };
        let text = |name: &str| Reflect::get(&found, &name.into()).ok().and_then(|value| value.as_string());
        let (Some(id), Some(link), Some(build), Some(when)) = (text("id"), text("link"), text("build"), text("when"))
        else {
            return;
        };
        let done = Reflect::get(&found, &"done".into()).ok().and_then(|done| done.as_f64()).unwrap_or_default();
        let spec = Link::read_strictly(&link, &Limits::PAGE).ok().map(|(link, _)| link.spec);
        match spec.filter(|_| build == BUILD) {
            Some(spec) => update(move |state| {
                let seeds_done = (done as usize).min(spec.seeds.len());
                state.offer = Some(Offer { id, spec, when, seeds_done, reading: false });
            }),
            None => {
                let _ = remove_kept(&id).await; // what cannot be removed is stale some day
                update(move |state| {
                    state.notice(format!(
                        "An unfinished run from {when} was made by build {build} and this is {BUILD}, so it was removed: \
                         it could not go on bit by bit."
                    ));
                });
            }
        }
    });
}

impl State {
    /// Goes on with the run that is offered.
    pub fn accept_offer(&mut self) {
        let Some(offer) = self.offer.as_mut().filter(|offer| !offer.reading) else { return };
        offer.reading = true;
        let (id, spec) = (offer.id.clone(), offer.spec.clone());
        by_id::<HtmlElement>("run").focus().unwrap_or_default();
        spawn_local(async move {
            let run = Rc::new(RefCell::new(Resumed::new(spec)));
            let filled = Rc::clone(&run);
            let take = Closure::<dyn Fn(Vec<u8>) -> bool>::new(move |bytes: Vec<u8>| filled.borrow_mut().take(&bytes));
            let loaded = load_kept(&id, take.as_ref().unchecked_ref()).await;
            drop(take);
            let run = Rc::into_inner(run).map(RefCell::into_inner);
            update(move |state| {
                if state.offer.take_if(|offer| offer.reading).is_none() {
                    return; // another run was begun meanwhile
                }
                let (Ok(loaded), Some(run)) = (loaded, run) else {
                    return state.notice("The unfinished run could not be read.".to_owned());
                };
                let get = |name: &str| Reflect::get(&loaded, &name.into()).unwrap_or_default();
                if let Some(bad) = get("bad").as_f64().map(|bad| bad as u32).filter(|bad| *bad > 0) {
                    state.notice(format!("{bad} of the kept networks could not be read and are computed again."));
                }
                state.go_on(run, &id, &get("sizes"));
                state.announce("The run goes on");
            });
        });
    }

    /// Withdraws the offer of a run that has just been computed anyway.
    pub fn withdraw_offer(&mut self) {
        let is_done = |offer: &Offer| self.results().is_some_and(|r| r.is_complete() && r.spec == offer.spec);
        if self.offer.as_ref().is_some_and(is_done) {
            self.decline_offer();
        }
    }

    /// Forgets the run that is offered, as the visitor wants.
    pub fn discard_offer(&mut self) {
        by_id::<HtmlElement>("run").focus().unwrap_or_default();
        self.decline_offer();
    }

    fn decline_offer(&mut self) {
        let Some(offer) = self.offer.take_if(|offer| !offer.reading) else { return };
        spawn_local(async move {
            let removed = remove_kept(&offer.id).await.is_ok();
            update(move |state| state.announce(if removed { "Discarded" } else { "It could not be removed" }));
        });
    }
}
