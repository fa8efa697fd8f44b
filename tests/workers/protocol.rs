//! Every message survives its way; nothing else passes for one.

use js_sys::{Object, Uint8Array};
use lethe::experiments::curriculum::{Losses, OverTime, Plan};
use lethe::experiments::{Ending, Engine, Event, Experiment, Job, Measures, Point, Spec};
use lethe::seed::{Seed, Stream};
use lethe::train::ReplaySchedule;
use lethe::web::devices::{Adapter, Test};
use lethe::web::protocol::{Berth, Code, Fault, Packed, Report, ToPage, ToWorker, decode, encode};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

fn chance() -> Stream {
    Seed::new(2026).fork("messages").stream()
}

/// Any bits at all but those of a NaN, which is unequal to itself.
fn any_float(chance: &mut Stream) -> f32 {
    let value = f32::from_bits(chance.word());
    if value.is_nan() { -0.0 } else { value }
}

fn any_reports(chance: &mut Stream) -> Vec<Report> {
    let events = |chance: &mut Stream| {
        (0..chance.below(5))
            .map(|_| {
                let branch = (chance.below(2) == 0).then(|| chance.word());
                let ending = match chance.below(7) {
                    0 => Ending::Complete,
                    1 => Ending::Stopped(chance.word()),
                    2 => Ending::Diverged(chance.word()),
                    3 => Ending::Unplanned,
                    4 => {
                        let schedule = ReplaySchedule::constant(chance.uniform());
                        let [end, average, worst, id_end] = [(); 4].map(|()| chance.normal());
                        let predicted = (chance.below(2) == 0).then_some(Losses { end, average, worst, id_end });
                        return Event::Planned { branch: chance.word(), plan: Plan { schedule, predicted } };
                    }
                    5 => {
                        let over_time = OverTime { average: chance.normal(), worst: chance.normal() };
                        return Event::Looked { branch: chance.word(), over_time };
                    }
                    _ => {
                        let measures = Measures::from_values([(); 7].map(|()| any_float(chance)));
                        let function = (0..chance.below(90)).map(|_| any_float(chance)).collect();
                        return Event::Checkpoint { branch, point: Point { step: chance.word(), measures, function } };
                    }
                };
                Event::Ended { branch, ending }
            })
            .collect()
    };
    let report = |chance: &mut Stream| Report {
        token: chance.word(),
        events: events(chance),
        work_done: chance.normal() * 1e12,
        done: chance.below(2) == 0,
        state: (chance.below(2) == 0).then(|| any_bytes(chance)),
    };
    (0..chance.below(4)).map(|_| report(chance)).collect()
}

fn any_bytes(chance: &mut Stream) -> Packed {
    Packed::from((0..chance.below(50)).map(|_| chance.word() as u8).collect::<Vec<_>>())
}

fn any_berths(chance: &mut Stream) -> Vec<Berth> {
    let berth = |chance: &mut Stream| Berth {
        token: chance.word(),
        job: Job { seed: chance.word(), width: chance.word() },
        state: (chance.below(2) == 0).then(|| any_bytes(chance)),
    };
    (0..chance.below(5)).map(|_| berth(chance)).collect()
}

fn any_spec(chance: &mut Stream) -> Spec {
    let experiment = Experiment::all().nth(chance.below(6) as usize).unwrap();
    let mut spec = Spec::defaults(experiment);
    if experiment.prescribes() {
        (spec.segments, spec.id_slack) = (chance.word(), chance.uniform());
    }
    spec.learning_rate = chance.uniform();
    spec.new_label = if chance.below(2) == 0 { -0.0 } else { chance.normal() };
    spec.means = [-chance.uniform(), 3.0];
    spec.widths = (0..chance.below(4)).map(|_| chance.word()).collect();
    spec.schedule = (0..chance.below(3)).map(|_| (chance.word(), chance.uniform())).collect();
    spec.old_weights = (0..chance.below(3)).map(|_| (chance.uniform(), chance.word())).collect();
    spec
}

#[wasm_bindgen_test]
fn messages_to_workers_come_back_equal() {
    let chance = &mut chance();
    for _ in 0..200 {
        let berths = any_berths(chance);
        let jobs = Packed::new(&berths).unwrap();
        assert_eq!(jobs.unpack::<Vec<Berth>>().unwrap(), berths);
        let message = match chance.below(5) {
            0 => ToWorker::Start { spec: Box::new(any_spec(chance)), jobs },
            1 => ToWorker::Advance {
                millis: chance.uniform() * 50.0,
                to_checkpoint: chance.below(2) == 0,
                keep: chance.below(2) == 0,
            },
            2 => ToWorker::Time { token: chance.word(), spec: Box::new(any_spec(chance)), jobs },
            3 => ToWorker::Load,
            _ => ToWorker::Forget,
        };
        let (value, transferred) = encode(&message).unwrap();
        assert_eq!(transferred.length(), 0);
        let back: ToWorker = decode(value).unwrap();
        assert_eq!(back, message);
        if let (ToWorker::Start { spec, .. }, ToWorker::Start { spec: sent, .. }) = (back, message) {
            assert_eq!(spec.new_label.to_bits(), sent.new_label.to_bits(), "the sign of a zero is part of a spec");
        }
    }
}

#[wasm_bindgen_test]
fn messages_to_the_page_come_back_equal_and_give_their_buffers_away() {
    let chance = &mut chance();
    for _ in 0..200 {
        let reports = any_reports(chance);
        let message = ToPage::Progress(Packed::new(&reports).unwrap());
        let (value, transferred) = encode(&message).unwrap();
        assert_eq!(transferred.length(), 1);
        let ToPage::Progress(packed) = decode(value).unwrap() else { panic!("another message came back") };
        assert_eq!(packed.unpack::<Vec<Report>>().unwrap(), reports);
    }
    let ready = ToPage::Ready { protocol: 1, build: "0.1.0-é".into(), engine: Engine::FusedCpu };
    let failed = ToPage::Failed { token: 7, fault: Fault::new(Code::BadSpec, "why \u{1F30A}\0") };
    let adapter = Adapter { name: "é".into(), largest_buffer: 2f64.powi(40), ..Adapter::default() };
    let test = Test { difference: 1e-5, tolerance: 1e-3 };
    let loading = ToPage::Loading { bytes: 1e6, of: 0.0 };
    let timed = ToPage::Timed { token: 3, speed: 1e12 };
    for message in [ready, failed, ToPage::Found(adapter), ToPage::Tested(test), loading, timed] {
        assert_eq!(decode::<ToPage>(encode(&message).unwrap().0).unwrap(), message);
    }
}

#[wasm_bindgen_test]
fn a_cut_or_lengthened_report_is_refused() {
    let chance = &mut chance();
    let reports = loop {
        let reports = any_reports(chance);
        if !reports.is_empty() {
            break reports;
        }
    };
    let ToPage::Progress(packed) =
        decode(encode(&ToPage::Progress(Packed::new(&reports).unwrap())).unwrap().0).unwrap()
    else {
        panic!("another message came back")
    };
    let bytes = packed.as_ref().to_vec();
    for length in 0..bytes.len() {
        let fault = Packed::from(bytes[..length].to_vec()).unpack::<Vec<Report>>().unwrap_err();
        assert_eq!(fault.code, Code::Garbled, "{length} of {} bytes", bytes.len());
    }
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(Packed::from(longer).unpack::<Vec<Report>>().unwrap_err().code, Code::Garbled);
}

#[wasm_bindgen_test]
fn garbage_is_refused_or_read_but_never_panics() {
    let chance = &mut chance();
    let mut refused = 0;
    for _ in 0..5000 {
        let length = chance.below(64) as usize;
        let bytes: Vec<u8> = (0..length).map(|_| chance.word() as u8).collect();
        refused += u32::from(Packed::from(bytes).unpack::<Vec<Report>>().is_err());
    }
    assert!(refused > 4000, "only {refused} of 5000 random byte strings were refused");
}

#[wasm_bindgen_test]
fn values_that_are_no_messages_are_refused() {
    let parse = |text: &str| js_sys::JSON::parse(text).unwrap();
    let texts = [
        "null",
        "3",
        "\"Ready\"",
        "{}",
        "[]",
        "{\"Ready\":{}}",
        "{\"Ready\":{\"protocol\":-1,\"build\":\"b\",\"engine\":\"e\"}}",
        "{\"Progress\":\"text\"}",
        "{\"Found\":{\"name\":1}}",
        "{\"Tested\":{\"difference\":null,\"tolerance\":1}}",
        "{\"Failed\":{\"token\":1}}",
        "{\"Other\":1}",
    ];
    for text in texts {
        assert!(decode::<ToPage>(parse(text)).is_err(), "{text}");
        assert!(decode::<ToWorker>(parse(text)).is_err(), "{text}");
    }
    for value in [JsValue::UNDEFINED, Object::new().into(), Uint8Array::new_with_length(3).into(), f64::NAN.into()] {
        assert_eq!(decode::<ToPage>(value).unwrap_err().code, Code::Garbled);
    }
}
