//! `lethe run` and `lethe verify` for the experiment `laws`.

mod executor;
mod told;

use std::path::Path;

use self::executor::{Ran, execute};
use super::cli::{DeviceChoice, Failure, RunArguments};
use super::files::{self, is_link};
use super::laws::resamples;
use super::run::{json, svg, warn};
use super::verify::claimed;
pub use crate::experiments::scaling::NAME;
use crate::experiments::scaling::{CheckedSpec, Limits, Results};
use crate::laws::Bootstrap;
use crate::record::Agreement;
use crate::record::scaling::{Record, Taken, against_fingerprint, tidy};
use crate::report::scaling;

/// Resamples of the runs for intervals.
const RESAMPLES: usize = 1000;

/// Runs the experiment and leaves what was asked for.
///
/// # Errors
/// Wrong input, or a file that cannot be written.
pub fn run(arguments: &RunArguments) -> Result<(), Failure> {
    arguments.refuse_inputs_and_reference(NAME)?;
    let (link, warnings) = files::asked::<CheckedSpec>(&arguments.what, &Limits::NATIVE)?;
    warn(&warnings);
    let Ran { results, timing, device } = execute(&link.spec, arguments.device)?;
    let record = Record::of(&results, &device, timing);
    let fitted = scaling::Fitted::of_results(&results);
    if let Some(folder) = &arguments.out {
        leave(folder, &results, &fitted, &record)?;
    }
    if arguments.json {
        say!("{}", json(&record)?);
        return Ok(());
    }
    let intervals = fitted.found.as_ref().ok().and_then(|found| {
        let bootstrap = Bootstrap::new(&found.observations, found.joint.as_ref())?;
        Some(bootstrap.intervals(&resamples(&bootstrap, RESAMPLES)))
    });
    let report = scaling::report(&results, &fitted, intervals.as_ref());
    told::tell(&results, &report, &record, arguments.out.as_deref());
    Ok(())
}

/// Reruns a link or a record; the verdict, what was claimed and what was found.
///
/// # Errors
/// Wrong input.
pub fn verify(what: &str, device: DeviceChoice) -> Result<(Agreement, String, String), Failure> {
    if is_link(what) {
        let (link, warnings) = files::asked::<CheckedSpec>(what, &Limits::NATIVE)?;
        warn(&warnings);
        let claimed = claimed(&link)?;
        let Ran { results, .. } = execute(&link.spec, device)?;
        let found = Taken::of(&results);
        let agreement = against_fingerprint(&results, &found, &claimed);
        return Ok((agreement, claimed.to_string(), found.fingerprint.to_string()));
    }
    let (record, spec) = Record::read(&files::read(what)?, &Limits::NATIVE)?;
    let Ran { results, timing, device } = execute(&spec, device)?;
    let rerun = Record::of(&results, &device, timing);
    Ok((record.agreement(&rerun), record.fingerprint, rerun.fingerprint))
}

fn leave(folder: &Path, results: &Results, fitted: &scaling::Fitted, record: &Record) -> Result<(), Failure> {
    files::write(&folder.join("record.json"), json(record)?.as_bytes())?;
    files::write(&folder.join("series.csv"), tidy(results).as_bytes())?;
    for figure in scaling::figures(results, fitted) {
        files::write(&folder.join(format!("{}.svg", figure.id)), svg(&figure, &record.link)?.as_bytes())?;
    }
    Ok(())
}
