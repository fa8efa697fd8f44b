//! `lethe run` for the experiment `associations`.

mod cells;
mod executor;
mod left;
mod told;

use std::path::Path;

use self::cells::Cells;
use self::executor::{Ran, execute};
use super::super::cli::{DeviceChoice, Failure, RunArguments};
use super::super::files::{self, is_link};
use super::super::run::{json, warn};
use crate::error::{Problem, Problems};
use crate::experiments::associations::{CheckedSpec, FIELDS, Findings, NAME, Spec};
use crate::experiments::scaling::Limits;
use crate::record::associations::{Link, Record};
use crate::record::link;

/// Runs the experiment and leaves what was asked for. In a folder it goes on where it was stopped.
///
/// # Errors
/// Wrong input, a folder of another run, a file that cannot be written, a request to stop.
pub fn run(arguments: &RunArguments) -> Result<(), Failure> {
    let refused = |option: &str| {
        let accepted = format!("no {option} with the experiment {NAME}");
        Failure::Input(Problems(vec![Problem::new(option, "given", accepted)]))
    };
    if arguments.export_inputs.is_some() {
        return Err(refused("--export-inputs"));
    }
    if arguments.reference.is_some() {
        return Err(refused("--reference"));
    }
    if arguments.device != DeviceChoice::Cpu {
        let accepted = "cpu: models as small as these are tuned faster there";
        return Err(Failure::Input(Problems(vec![Problem::new("device", arguments.device.name(), accepted)])));
    }
    let (spec, warnings) = asked(&arguments.what)?;
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
        told::tell(&record, arguments.out.as_deref());
    }
    Ok(())
}

/// The spec of a link or a settings file, checked strictly; unknown keys come back as warnings.
fn asked(what: &str) -> Result<(CheckedSpec, Vec<Problem>), Failure> {
    if is_link(what) {
        let (link, warnings) = Link::read_strictly(what, &Limits::NATIVE)?;
        return Ok((link.spec, warnings));
    }
    let table = files::table(&files::read(what)?)?;
    let (mut spec, mut problems) = (Spec::default(), Vec::new());
    files::fill(&table, FIELDS, &mut spec, &mut problems);
    let (spec, more) = spec.repair(&Limits::NATIVE);
    problems.extend(more);
    let warnings = link::split_warnings(problems)?;
    Ok((spec, warnings))
}

fn cannot_write(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::Other(format!("cannot write {}: {error}", path.display()))
}
