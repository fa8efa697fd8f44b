//! `lethe run` for the experiment `associations`.

mod cells;
mod executor;
mod left;
mod replay;
mod told;

use std::path::Path;

use self::cells::Cells;
use self::executor::{Ran, execute};
use super::super::cli::{DeviceChoice, Failure, RunArguments};
use super::super::files;
use super::super::run::{json, warn};
use super::super::verify::claimed;
use crate::error::{Problem, Problems};
use crate::experiments::associations::{CheckedSpec, Findings, NAME};
use crate::experiments::scaling::Limits;
use crate::record::Agreement;
use crate::record::associations::{Record, Taken, against_fingerprint};
use crate::report::associations::report;

/// Runs the experiment and leaves what was asked for. In a folder it goes on where it was stopped.
///
/// # Errors
/// Wrong input, a folder of another run, a file that cannot be written, a request to stop.
pub fn run(arguments: &RunArguments) -> Result<(), Failure> {
    arguments.refuse_inputs_and_reference(NAME)?;
    on_cpu(arguments.device)?;
    let (link, warnings) = files::asked::<CheckedSpec>(&arguments.what, &Limits::NATIVE)?;
    let spec = link.spec;
    warn(&warnings);
    let cells = arguments.out.as_deref().map(|folder| Cells::open(folder, &spec)).transpose()?;
    let Ran { results, timing, device } = execute(&spec, cells.as_ref())?;
    let findings = Findings::of(&results);
    let record = Record::of(&results, &findings, &device, timing);
    if let Some(folder) = &arguments.out {
        left::leave(folder, &results, &record)?;
    }
    if arguments.json {
        say!("{}", json(&record)?);
    } else {
        let report = report(&results, &findings, &record.completion);
        told::tell(&record, &report, arguments.out.as_deref());
    }
    Ok(())
}

/// Reruns a link or a record; the verdict, what was claimed and what was found.
///
/// # Errors
/// Wrong input.
pub fn verify(what: &str, device: DeviceChoice) -> Result<(Agreement, String, String), Failure> {
    on_cpu(device)?;
    if files::is_link(what) {
        let (link, warnings) = files::asked::<CheckedSpec>(what, &Limits::NATIVE)?;
        warn(&warnings);
        let claimed = claimed(&link)?;
        let Ran { results, .. } = execute(&link.spec, None)?;
        let found = Taken::of(&results);
        let agreement = against_fingerprint(&results, &found, &claimed);
        return Ok((agreement, claimed.to_string(), found.fingerprint.to_string()));
    }
    let (record, spec) = Record::read(&files::read(what)?, &Limits::NATIVE)?;
    record.results(spec.clone())?;
    let Ran { results, timing, device } = execute(&spec, None)?;
    let rerun = Record::of(&results, &Findings::of(&results), &device, timing);
    Ok((record.agreement(&rerun), record.fingerprint, rerun.fingerprint))
}

fn on_cpu(device: DeviceChoice) -> Result<(), Failure> {
    if device == DeviceChoice::Cpu {
        return Ok(());
    }
    let accepted = "cpu: models as small as these are tuned faster there";
    Err(Failure::Input(Problems(vec![Problem::new("device", device.name(), accepted)])))
}

fn cannot_write(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::Other(format!("cannot write {}: {error}", path.display()))
}
