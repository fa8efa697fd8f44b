//! The files of a finished run.

use std::path::Path;

use super::super::super::cli::Failure;
use super::super::super::files;
use super::super::super::run::{self, svg};
use super::super::written::{Format, npy};
use super::cannot_write;
use crate::associations::Matrix;
use crate::experiments::associations::Results;
use crate::record::associations::{Record, properties, replay};
use crate::report::associations::figures;

/// Writes matrices, figures, properties and the record; each file is whole or not there.
///
/// # Errors
/// A file that cannot be written, or no entry to write.
pub fn leave(folder: &Path, results: &Results, record: &Record) -> Result<(), Failure> {
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        files::replace(&path, bytes).map_err(|error| cannot_write(&path, error))
    };
    let matrix = |name: &str, format: Format, matrix: &Matrix| put(name, &format.bytes(matrix, matrix.entries())?);
    let mean = results.mean().ok_or_else(|| Failure::Other("all fine-tunings have diverged".to_owned()))?;
    matrix("matrix.npy", Format::Npy, &mean)?;
    matrix("matrix.csv", Format::Csv, &mean)?;
    for &seed in &results.spec.seeds {
        if let Some(own) = results.matrix(seed) {
            matrix(&format!("matrix-seed-{seed}.npy"), Format::Npy, &own)?;
        }
        if let Some(own) = results.binary(seed) {
            matrix(&format!("binary-seed-{seed}.npy"), Format::Npy, &own)?;
            matrix(&format!("binary-seed-{seed}.csv"), Format::Csv, &own)?;
        }
    }
    if let Some(predicted) = results.predicted() {
        matrix("predicted.npy", Format::Npy, &predicted)?;
    }
    if let Some(preconditioned) = results.preconditioned() {
        matrix("preconditioned.npy", Format::Npy, &preconditioned)?;
    }
    let likeness = Matrix::new(results.tasks.len(), results.examples.len(), results.similarity.clone())?;
    matrix("similarity.npy", Format::Npy, &likeness)?;
    if let Some(features) = &results.features {
        for (name, (numbers, each)) in [("rows", features.rows()), ("columns", features.columns())] {
            put(&format!("features-{name}.npy"), &npy([numbers.len() / each, each], numbers)?)?;
        }
    }
    if let Some(runs) = replay(results) {
        put("replay.csv", runs.as_bytes())?;
    }
    for figure in figures(results, &record.findings, &record.completion) {
        put(&format!("{}.svg", figure.id), svg(&figure, &record.link)?.as_bytes())?;
    }
    put("properties.csv", properties(results).as_bytes())?;
    put("record.json", run::json(record)?.as_bytes())
}
