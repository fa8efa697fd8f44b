//! Runs from the files that the user names.

use std::path::Path;

use super::super::cli::Failure;
use super::super::files;
use crate::error::{Problem, Problems};
use crate::laws::import::{self, Constant, Field, MOST_BYTES, Options, Unit};
use crate::laws::{MOST_FITTED, Observation, Observations, Robust, WARM_UP};

/// Arguments that say what is fitted to.
#[derive(clap::Args)]
pub struct Input {
    /// CSV, JSON, transformers' trainer_state.json, a chart of W&B as CSV or a record of language models;
    /// several files are taken together.
    #[arg(value_name = "RUNS.csv", required = true)]
    files: Vec<String>,
    /// Which column, key or metric holds a field, such as parameters=trainable,steps=iteration.
    #[arg(long, value_name = "FIELD=COLUMN,...", value_delimiter = ',')]
    columns: Vec<String>,
    /// What a field is counted in, such as parameters=million,steps=thousand,replay=percent.
    #[arg(long, value_name = "FIELD=UNIT,...", value_delimiter = ',')]
    units: Vec<String>,
    /// A field's value in all rows, or in one run's: parameters=19988480 or RUN/parameters=19988480.
    #[arg(long, value_name = "[RUN/]FIELD=VALUE,...", value_delimiter = ',')]
    set: Vec<String>,
    /// Leave out rows that cannot be used instead of refusing the file.
    #[arg(long)]
    skip_bad_rows: bool,
    /// Leave out what was measured before so many steps.
    #[arg(long, value_name = "STEPS", default_value_t = WARM_UP)]
    warm_up: f64,
    /// What a residual costs.
    #[arg(long, value_enum, default_value_t = Loss::Squares)]
    loss: Loss,
    /// From where on a robust loss bends, in standard deviations of what is fitted.
    #[arg(long, value_name = "SCALE", default_value_t = 0.1)]
    loss_scale: f64,
}

/// What a residual costs.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Loss {
    /// Least squares.
    Squares,
    /// Squares that bend to a line smoothly.
    SoftL1,
    /// Squares up to the scale, a line beyond.
    Huber,
}

/// What was read.
pub struct Runs {
    /// After the warm-up.
    pub observations: Observations,
    pub robust: Robust,
    pub warm_up: f64,
    /// How many observations were read, and how many of them are before the warm-up's end.
    pub read: usize,
    pub left_out: usize,
    /// What was passed over, as sentences.
    pub notes: Vec<String>,
}

impl Input {
    /// Reads all files.
    ///
    /// # Errors
    /// Everything that is wrong at once: options, files, and every bad row by its line.
    pub fn read(&self) -> Result<Runs, Failure> {
        let options = self.options()?;
        let mut problems = Vec::new();
        let (mut rows, mut notes) = (Vec::new(), Vec::new());
        for file in &self.files {
            match self.read_file(file, &options) {
                Ok((more, told)) => {
                    rows.extend(more);
                    notes.extend(told);
                }
                Err(wrong) => problems.extend(wrong.0),
            }
        }
        if !problems.is_empty() {
            return Err(Problems(problems).into());
        }
        let all = Observations::gather(rows);
        let mut observations = all.after(self.warm_up);
        let left_out = all.len() - observations.len();
        if observations.len() > MOST_FITTED {
            let before = observations.len();
            observations = observations.thinned(MOST_FITTED);
            notes.push(format!("Of {before} observations {} are fitted to, evenly spread.", observations.len()));
        }
        Ok(Runs { observations, robust: self.robust(), warm_up: self.warm_up, read: all.len(), left_out, notes })
    }

    fn robust(&self) -> Robust {
        match self.loss {
            Loss::Squares => Robust::Squares,
            Loss::SoftL1 => Robust::SoftL1 { scale: self.loss_scale },
            Loss::Huber => Robust::Huber { scale: self.loss_scale },
        }
    }

    fn options(&self) -> Result<Options, Problems> {
        let mut problems = Vec::new();
        let mut options = Options::default();
        for text in &self.columns {
            match pair(text, "--columns").and_then(|(field, column)| Ok((Field::named(field)?, column.to_owned()))) {
                Ok(column) => options.columns.push(column),
                Err(problem) => problems.push(problem),
            }
        }
        for text in &self.units {
            match pair(text, "--units").and_then(|(field, unit)| Ok((Field::named(field)?, Unit::named(unit)?))) {
                Ok(unit) => options.units.push(unit),
                Err(problem) => problems.push(problem),
            }
        }
        for text in &self.set {
            match constant(text) {
                Ok(constant) => options.constants.push(constant),
                Err(problem) => problems.push(problem),
            }
        }
        let numbers = [
            ("--warm-up", self.warm_up, self.warm_up >= 0.0),
            ("--loss-scale", self.loss_scale, self.loss_scale > 0.0),
        ];
        for (name, value, fits) in numbers {
            if !(fits && value.is_finite()) {
                problems.push(Problem::new(
                    name,
                    &value.to_string(),
                    "a finite number that is not negative, a scale above 0",
                ));
            }
        }
        if problems.is_empty() { Ok(options) } else { Err(Problems(problems)) }
    }

    fn read_file(&self, file: &str, options: &Options) -> Result<(Vec<Observation>, Vec<String>), Problems> {
        let bytes = files::bytes(file, MOST_BYTES)?;
        if let Some(rows) = crate::record::observations(&bytes) {
            return rows.map(|rows| (rows, Vec::new())).map_err(|problems| self.in_file(file, problems.0, 0));
        }
        let mut options = options.clone();
        // A file without names of runs is one run if it is the state of a trainer; rows of a table say by themselves.
        if import::Format::of(&bytes) == import::Format::TrainerState {
            options.run = Some(run_name(file));
        }
        let mut found = import::read(&bytes, &options).map_err(|problems| self.in_file(file, problems.0, 0))?;
        if found.bad.is_empty() {
            return Ok((found.observations, found.notes));
        }
        if !self.skip_bad_rows {
            return Err(self.in_file(file, found.bad, found.more_bad));
        }
        let count = found.bad.len() + found.more_bad;
        found.notes.extend(found.bad.iter().map(ToString::to_string));
        found.notes.push(format!("{file}: rows with {count} problems are left out."));
        Ok((found.observations, found.notes))
    }

    /// Problems with the file before their place, where there are several files.
    fn in_file(&self, file: &str, mut problems: Vec<Problem>, more: usize) -> Problems {
        if self.files.len() > 1 {
            problems.iter_mut().for_each(|problem| problem.field = format!("{file}, {}", problem.field));
        }
        if more > 0 {
            let accepted = "none, or --skip-bad-rows";
            problems.push(Problem::new(file, &format!("{more} more bad cells or rows"), accepted));
        }
        Problems(problems)
    }
}

/// The folder of a trainer's state, which names its run, or the file's own name.
fn run_name(file: &str) -> String {
    let path = Path::new(file);
    let own = path.file_stem().map_or_else(|| file.to_owned(), |stem| stem.to_string_lossy().into_owned());
    match path.parent().and_then(Path::file_name) {
        Some(folder) if own == "trainer_state" => folder.to_string_lossy().into_owned(),
        _ => own,
    }
}

fn pair<'a>(text: &'a str, option: &str) -> Result<(&'a str, &'a str), Problem> {
    let parted = text.split_once('=').map(|(field, value)| (field.trim(), value.trim()));
    parted.filter(|(_, value)| !value.is_empty()).ok_or_else(|| Problem::new(option, text, "FIELD=VALUE"))
}

fn constant(text: &str) -> Result<Constant, Problem> {
    let (place, value) = pair(text, "--set")?;
    let (run, field) = place.rsplit_once('/').map_or((None, place), |(run, field)| (Some(run.to_owned()), field));
    Ok(Constant { run, field: Field::named(field)?, value: value.to_owned() })
}
