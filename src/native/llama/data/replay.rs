//! How much is replayed and which rows: schedules and weights that other commands write.

use std::path::Path;

use ndarray::Array1;
use ndarray_npy::{ReadNpyError, read_npy};

use super::wrong;
use crate::native::cli::Failure;
use crate::native::{files, run};
use crate::train::ReplaySchedule;

/// A replay fraction over time, from a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Prescribed {
    schedule: ReplaySchedule,
    /// Steps of the run that it was prescribed for; `None` where the file is a schedule alone, in steps of any run.
    steps: Option<u32>,
}

impl Prescribed {
    /// The schedule of a run of `steps`: pieces keep their share of the run that they were prescribed for.
    pub fn over(&self, steps: u32) -> ReplaySchedule {
        let Some(own) = self.steps else { return self.schedule.clone() };
        let scaled = |step: u32| (u64::from(step) * u64::from(steps) / u64::from(own.max(1))) as u32;
        let mut segments: Vec<(u32, f64)> = Vec::new();
        for &(step, fraction) in self.schedule.segments() {
            let step = scaled(step);
            // Of pieces that a shorter run has no step for, the last stays.
            if segments.last().is_some_and(|&(before, _)| before == step) {
                segments.pop();
            }
            segments.push((step, fraction));
        }
        ReplaySchedule::new(segments).unwrap_or_else(|| self.schedule.clone())
    }
}

/// Reads a file of settings with a schedule, such as `lethe run --out` leaves. Settings that name an experiment
/// prescribe for a run of their `fine_tuning_steps`; a file of nothing but `schedule = "p@step,..."` counts in the
/// steps of the run at hand.
///
/// # Errors
/// A file that cannot be read, is no settings, or has no schedule.
pub fn schedule(path: &Path) -> Result<Prescribed, Failure> {
    let shown = path.display().to_string();
    let text = files::read(&shown)?;
    let table = files::table(&text)?;
    let (spec, warnings) = files::from_toml(&text)?;
    run::warn(&warnings);
    if spec.schedule.is_empty() {
        return Err(wrong("schedule", &shown, "settings with schedule = \"p@step,...\""));
    }
    let schedule = ReplaySchedule::new(spec.schedule.clone())
        .ok_or_else(|| wrong("schedule", &shown, "pieces p@step, steps rising from 0, p in [0, 1]"))?;
    let steps = ["x", "experiment"].iter().any(|key| table.contains_key(*key)).then_some(spec.fine_tuning_steps);
    Ok(Prescribed { schedule, steps })
}

/// Reads how often each of `rows` rows is drawn: a CSV with the columns `example` (a row's number from 0) and `weight`,
/// in which rows that are not named have weight 0; or a vector in `.npy` with a weight for each row.
///
/// # Errors
/// A file that cannot be read; a row that there is not, or twice; a weight that is not finite or negative; no weight
/// that is positive.
pub fn weights(path: &Path, rows: usize) -> Result<Vec<f64>, Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let weights = match path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("npy")) {
        true => vector(path, &name, rows)?,
        false => table(path, &name, rows)?,
    };
    match weights.iter().any(|&weight| weight > 0.0) {
        true => Ok(weights),
        false => Err(wrong(name, "no weight above 0", "at least one weight above 0")),
    }
}

fn checked(weight: f64, place: String) -> Result<f64, Failure> {
    match weight.is_finite() && weight >= 0.0 {
        true => Ok(weight),
        false => Err(wrong(place, &weight.to_string(), "a finite number, 0 or more")),
    }
}

fn vector(path: &Path, name: &str, rows: usize) -> Result<Vec<f64>, Failure> {
    let double = read_npy::<_, Array1<f64>>(path);
    let read = match double {
        Err(ReadNpyError::WrongDescriptor(_)) => read_npy::<_, Array1<f32>>(path).map(|vector| vector.mapv(f64::from)),
        other => other,
    };
    let vector = read.map_err(|error| {
        let found = match error {
            ReadNpyError::WrongNdim(_, found) => format!("an array of {found} dimensions"),
            ReadNpyError::WrongDescriptor(found) => format!("numbers of another kind, {found}"),
            other => other.to_string(),
        };
        wrong(name, &found, "a vector of f32 or f64 in .npy")
    })?;
    if vector.len() != rows {
        return Err(wrong(name, &format!("{} weights", vector.len()), format!("one for each of {rows} rows")));
    }
    vector.into_iter().enumerate().map(|(row, weight)| checked(weight, format!("{name}, [{row}]"))).collect()
}

fn table(path: &Path, name: &str, rows: usize) -> Result<Vec<f64>, Failure> {
    let text = files::read(&path.display().to_string())?;
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let unreadable = |error: csv::Error| wrong(name, &error.to_string(), "CSV with the columns example and weight");
    let headers = reader.headers().map_err(unreadable)?.clone();
    let column = |wanted: &str| headers.iter().position(|header| header == wanted);
    let (Some(example), Some(weight)) = (column("example"), column("weight")) else {
        let found: Vec<&str> = headers.iter().collect();
        return Err(wrong(name, &found.join(","), "CSV with the columns example and weight"));
    };
    let mut weights: Vec<Option<f64>> = vec![None; rows];
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |column: usize| record.get(column).unwrap_or_default();
        let place = |column: &str| format!("{name}, line {line}, {column}");
        let row = cell(example).parse::<usize>().ok().filter(|&row| row < rows);
        let accepted = format!("a row's number, 0 to {}", rows - 1);
        let row = row.ok_or_else(|| wrong(place("example"), cell(example), accepted))?;
        let number = cell(weight).parse::<f64>();
        let number = number.map_err(|_| wrong(place("weight"), cell(weight), "a finite number, 0 or more"))?;
        if weights[row].replace(checked(number, place("weight"))?).is_some() {
            return Err(wrong(place("example"), cell(example), "each row once"));
        }
    }
    Ok(weights.into_iter().map(Option::unwrap_or_default).collect())
}
