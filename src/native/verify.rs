//! `lethe verify`.

use serde::Serialize;

use super::cli::{DeviceChoice, Failure};
use super::executor::Ran;
use super::run::{json, warn};
use super::{associations, executor, files, scaling};
use crate::error::{Problem, Problems};
use crate::experiments::limits::Limits;
use crate::record::fingerprint::{Fingerprint, Taken};
use crate::record::link::LinkTo;
use crate::record::verdict::against_fingerprint;
use crate::record::{Agreement, BUILD, Record};

#[derive(Serialize)]
struct Answer {
    verdict: &'static str,
    sentence: String,
    largest_difference: Option<f64>,
    claimed: String,
    found: String,
}

/// Reruns a link or a record and tells whether the result is the same.
///
/// # Errors
/// Wrong input, or [`Failure::No`] where the result differs.
pub fn verify(what: &str, device: DeviceChoice, as_json: bool) -> Result<(), Failure> {
    let (agreement, claimed, found) = again(what, device)?;
    let (verdict, largest_difference) = match &agreement {
        Agreement::Exact => ("exact", Some(0.0)),
        Agreement::Within(difference) => ("within", Some(*difference)),
        Agreement::Differs { largest, .. } => ("differs", *largest),
    };
    let sentence = agreement.sentence();
    if as_json {
        say!("{}", json(&Answer { verdict, sentence, largest_difference, claimed, found })?);
    } else {
        say!("{sentence}\nclaimed {claimed}\nfound   {found}");
    }
    if matches!(agreement, Agreement::Differs { .. }) { Err(Failure::No) } else { Ok(()) }
}

fn again(what: &str, device: DeviceChoice) -> Result<(Agreement, String, String), Failure> {
    match files::experiment_of(what).as_deref() {
        Some(scaling::NAME) => return scaling::verify(what, device),
        Some(associations::NAME) => return associations::verify(what, device),
        _ => {}
    }
    if files::is_link(what) { link(what, device) } else { record(what, device) }
}

fn build_note(build: Option<&str>) {
    if let Some(build) = build.filter(|&build| build != BUILD) {
        eprintln!("note: made by build {build}, rerun by {BUILD}");
    }
}

/// The fingerprint of a link.
///
/// # Errors
/// A link that has none.
pub fn claimed<C>(link: &LinkTo<C>) -> Result<Fingerprint, Failure> {
    link.fingerprint.clone().ok_or_else(|| {
        Failure::Input(Problems(vec![Problem::new("fp", "", "a fingerprint; \"Copy link\" adds it to the link")]))
    })
}

fn link(what: &str, device: DeviceChoice) -> Result<(Agreement, String, String), Failure> {
    let (link, warnings) = files::spec(what)?;
    warn(&warnings);
    build_note(link.build.as_deref());
    let claimed = claimed(&link)?;
    let Ran { results, .. } = executor::execute(&link.spec, device)?;
    let found = Taken::of(&results);
    let agreement = against_fingerprint(&results, &found, &claimed);
    Ok((agreement, claimed.to_string(), found.fingerprint.to_string()))
}

fn record(what: &str, device: DeviceChoice) -> Result<(Agreement, String, String), Failure> {
    let (record, spec) = Record::read(&files::read(what)?, &Limits::NATIVE)?;
    build_note(Some(&record.build));
    let Ran { results, timing, device } = executor::execute(&spec, device)?;
    let rerun = Record::of(&results, &device, timing);
    Ok((record.agreement(&rerun), record.fingerprint, rerun.fingerprint))
}
