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
use crate::error::{Problem, Problems};
use crate::experiments::associations::{CheckedSpec, Findings, NAME};
use crate::experiments::scaling::Limits;
use crate::record::associations::Record;

/// Runs the experiment and leaves what was asked for. In a folder it goes on where it was stopped.
///
/// # Errors
/// Wrong input, a folder of another run, a file that cannot be written, a request to stop.
pub fn run(arguments: &RunArguments) -> Result<(), Failure> {
    arguments.refuse_inputs_and_reference(NAME)?;
    if arguments.device != DeviceChoice::Cpu {
        let accepted = "cpu: models as small as these are tuned faster there";
        return Err(Failure::Input(Problems(vec![Problem::new("device", arguments.device.name(), accepted)])));
    }
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
        told::tell(&record, arguments.out.as_deref());
    }
    Ok(())
}

fn cannot_write(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::Other(format!("cannot write {}: {error}", path.display()))
}
