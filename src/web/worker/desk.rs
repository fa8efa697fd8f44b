//! Writes, reads and compares records for the page.

use js_sys::JSON;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;

use crate::error::Problems;
use crate::experiments::Results;
use crate::experiments::limits::Limits;
use crate::record::link::science;
use crate::record::recording::Recording;
use crate::record::{Fingerprint, Link, Record, Summary, Timing, csv};
use crate::web::protocol::{Answer, Asked, Packed, ToPage, Traced};

/// Of any run, as it trains nothing.
const ANY: Limits = Limits { deep: true, ..Limits::NATIVE };
/// Where the pieces of a record go in the JSON of one without them.
const PLACE: &str = "\"functions\":[],\"series\":[]";

/// What the page has given to work on.
#[derive(Default)]
pub struct Desk {
    results: Option<Results>,
}

impl Desk {
    /// Does what the page asks; the answer, if there is one.
    pub fn answer(&mut self, asked: &Packed) -> Option<ToPage> {
        let answer = match asked.unpack() {
            Ok(Asked::Gather { link, jobs }) => match self.gather(&link, jobs) {
                Ok(()) => return None,
                Err(problems) => Answer::Refused(problems.to_string()),
            },
            Ok(asked) => self.answered(asked).unwrap_or_else(Answer::Refused),
            Err(fault) => Answer::Refused(fault.text),
        };
        match Packed::new(&answer) {
            Ok(packed) => Some(ToPage::Answer(packed)),
            Err(fault) => Some(ToPage::Failed { token: 0, fault }),
        }
    }

    fn gather(&mut self, link: &str, jobs: Vec<Traced>) -> Result<(), Problems> {
        let results = match &mut self.results {
            Some(results) => results,
            None => {
                let (link, _) = Link::read_strictly(link, &ANY)?;
                self.results.insert(Results::new(link.spec))
            }
        };
        for Traced { job, engine, events } in jobs {
            events.into_iter().for_each(|event| results.add(job, engine, event));
        }
        Ok(())
    }

    fn answered(&self, asked: Asked) -> Result<Answer, String> {
        let complete = self.results.as_ref().filter(|results| results.is_complete());
        let results = || complete.ok_or_else(|| "Some results did not arrive".to_owned());
        Ok(match asked {
            Asked::Gather { .. } => return Err("Nothing was asked".to_owned()),
            Asked::Record { device, timing } => {
                let json = written(results()?, &device, timing).ok_or("This browser could not make its JSON")?;
                Answer::Written(json.into_bytes().into())
            }
            Asked::Series => Answer::Written(series(results()?).into_bytes().into()),
            Asked::Compare { json, timing } => {
                let (record, _) = Record::read(&json, &Limits::PAGE).map_err(|problems| problems.to_string())?;
                Answer::Compared(record.agreement(&Record::of(results()?, "", timing)))
            }
            Asked::Read { json } => {
                let (record, spec) = Record::read(&json, &Limits::PAGE).map_err(|problems| problems.to_string())?;
                Answer::Opened { link: science(&spec), build: record.build }
            }
        })
    }
}

fn recording(results: &Results, device: &str, timing: Timing) -> Recording {
    Recording::new(results, Summary::of(results), &Fingerprint::of(results), device, timing)
}

/// The JSON of a record, as the browser writes it, one cell and one network at a time: as JavaScript
/// objects, all of ten thousand networks would be half a gigabyte.
fn written(results: &Results, device: &str, timing: Timing) -> Option<String> {
    let mut recording = recording(results, device, timing);
    let frame = json(&recording.record)?;
    let (before, after) = frame.split_once(PLACE)?;
    let mut text = format!("{before}\"functions\":[");
    let (mut cells, mut networks) = (0, 0);
    while !recording.advance(results) {
        if let Some(cell) = recording.record.functions.pop() {
            text.push_str(if cells > 0 { "," } else { "" });
            text.push_str(&json(&cell)?);
            cells += 1;
        }
        if let Some(network) = recording.record.series.pop() {
            text.push_str(if networks > 0 { "," } else { "],\"series\":[" });
            text.push_str(&json(&network)?);
            networks += 1;
        }
    }
    text.push(']');
    text.push_str(after);
    Some(text)
}

fn series(results: &Results) -> String {
    let mut recording = recording(results, "", Timing { seconds: 0.0, workers: 0 });
    let mut text = String::new();
    while !recording.advance(results) {
        if let Some(network) = recording.record.series.pop() {
            if text.is_empty() {
                text = csv::header(Some(&network));
            }
            csv::rows(&mut text, &network);
        }
        recording.record.functions.clear();
    }
    text
}

fn json(value: &impl Serialize) -> Option<String> {
    JSON::stringify(&value.serialize(&Serializer::json_compatible()).ok()?).ok()?.as_string()
}
