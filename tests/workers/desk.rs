//! What a worker makes of results for the page: records, series, verdicts.

use lethe::experiments::job::jobs;
use lethe::experiments::limits::Limits;
use lethe::experiments::run::JobRun;
use lethe::experiments::{Engine, Event, Results};
use lethe::record::link::science;
use lethe::record::{Agreement, Link, Record, Timing, csv};
use lethe::web::protocol::{Answer, Asked, Packed, ToPage, Traced};
use lethe::web::worker::Desk;
use wasm_bindgen_test::wasm_bindgen_test;

const RUN: &str = "v=1&x=width&w=2,4&pre=8&ft=6&n=4&s=0..2&p=0,0.1";
const TIMING: Timing = Timing { seconds: 1.5, workers: 2 };

/// A desk with a run on it, in several messages, and the same results.
fn laid() -> (Desk, Results) {
    let spec = Link::read_strictly(RUN, &Limits::NATIVE).unwrap().0.spec;
    let (mut desk, mut results) = (Desk::default(), Results::new(spec.clone()));
    for job in jobs(&spec) {
        let mut run = JobRun::new(&spec, job);
        let mut events: Vec<Event> = Vec::new();
        while !run.is_done() {
            events.append(&mut run.advance(1e3));
        }
        events.iter().for_each(|event| results.add(job, Engine::FusedCpu, event.clone()));
        let jobs = vec![Traced { job, engine: Engine::FusedCpu, events }];
        assert_eq!(desk.answer(&Packed::new(&Asked::Gather { link: science(&spec), jobs }).unwrap()), None);
    }
    (desk, results)
}

fn ask(desk: &mut Desk, asked: &Asked) -> Answer {
    match desk.answer(&Packed::new(asked).unwrap()) {
        Some(ToPage::Answer(packed)) => packed.unpack().unwrap(),
        other => panic!("{other:?} is no answer"),
    }
}

fn text(answer: Answer) -> String {
    let Answer::Written(bytes) = answer else { panic!("{answer:?} is no file") };
    String::from_utf8(bytes.as_ref().to_vec()).unwrap()
}

#[wasm_bindgen_test]
fn the_record_is_that_of_the_results() {
    let (mut desk, results) = laid();
    let json = text(ask(&mut desk, &Asked::Record { device: "here".to_owned(), timing: TIMING }));
    let (record, _) = Record::read(&json, &Limits::PAGE).unwrap();
    assert_eq!(record, Record::of(&results, "here", TIMING));
}

#[wasm_bindgen_test]
fn the_series_are_those_of_the_results() {
    let (mut desk, results) = laid();
    assert_eq!(text(ask(&mut desk, &Asked::Series)), csv::tidy(&Record::of(&results, "", TIMING).series));
}

#[wasm_bindgen_test]
fn a_record_is_compared_with_the_results_and_told_what_it_is_of() {
    let (mut desk, results) = laid();
    let json = text(ask(&mut desk, &Asked::Record { device: "here".to_owned(), timing: TIMING }));
    let compared = ask(&mut desk, &Asked::Compare { json: json.clone(), timing: TIMING });
    assert_eq!(compared, Answer::Compared(Agreement::Exact));
    let Answer::Opened { link, build } = ask(&mut desk, &Asked::Read { json: json.clone() }) else {
        panic!("the record was not opened")
    };
    assert_eq!((link, build), (science(&results.spec), lethe::record::BUILD.to_owned()));
    let mut other = Record::read(&json, &Limits::PAGE).unwrap().0;
    other.series[1].pretraining.ood_loss[2] *= 3.0;
    let text = serde_json::to_string(&other).unwrap();
    let expected = other.agreement(&Record::of(&results, "", TIMING));
    assert!(matches!(expected, Agreement::Differs { .. }));
    assert_eq!(ask(&mut desk, &Asked::Compare { json: text, timing: TIMING }), Answer::Compared(expected));
}

#[wasm_bindgen_test]
fn what_cannot_be_answered_is_refused_with_a_reason() {
    let refused = |answer| match answer {
        Answer::Refused(why) => why,
        other => panic!("{other:?} was not refused"),
    };
    let mut empty = Desk::default();
    assert!(refused(ask(&mut empty, &Asked::Series)).contains("did not arrive"));
    assert!(refused(ask(&mut empty, &Asked::Read { json: "[1]".to_owned() })).contains("the JSON of a record"));
    let gather = Asked::Gather { link: "v=1&x=width&w=0".to_owned(), jobs: Vec::new() };
    assert!(refused(ask(&mut empty, &gather)).contains('w'));
    let garbage = empty.answer(&Packed::from(vec![255; 7]));
    assert!(matches!(garbage, Some(ToPage::Answer(packed)) if matches!(packed.unpack(), Ok(Answer::Refused(_)))));
}
