//! A sweep file: a base, what varies, and the runs that follow.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::name::{digest, name};
use super::vary::{Axis, axes};
use crate::error::{Problem, Problems};
use crate::native::cli::Failure;
use crate::native::files;

/// Most runs of a sweep: the indices that an Indexed Job of Kubernetes may have.
pub const MOST: usize = 100_000;

/// Arguments that name a sweep.
#[derive(clap::Args)]
pub struct Named {
    #[arg(value_name = "SWEEP.toml")]
    file: PathBuf,
    /// Change what the file says, such as run.model=llama or vary.tuning.rank=[8,16]; as often as needed.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

impl Named {
    /// The sweep.
    ///
    /// # Errors
    /// Those of [`Sweep::read`].
    pub fn read(&self) -> Result<Sweep, Failure> {
        Sweep::read(&self.file, &self.set)
    }
}

/// A checked sweep file. No two of its runs have one name.
#[derive(Debug)]
pub struct Sweep {
    /// The file, as it was named.
    pub path: PathBuf,
    /// What was changed of it, as `key=value`.
    pub changes: Vec<String>,
    /// What the sweep is to answer, in its author's words.
    pub question: Option<String>,
    /// Where its runs lie, each in a folder of its own name.
    pub folder: PathBuf,
    /// Lists by rising name; in the runs' order the last varies fastest.
    pub axes: Vec<Axis>,
    /// Names of the runs by index.
    pub names: Vec<String>,
    base: Table,
}

impl Sweep {
    /// Reads a sweep file, and the file of its base if it names one, and then makes changes to it, each `key=value`.
    ///
    /// # Errors
    /// Everything that is wrong with it at once: unknown sections, empty lists, settings that two lists set, equal runs, too
    /// many runs.
    pub fn read(path: &Path, changes: &[String]) -> Result<Self, Failure> {
        let mut table = table(path)?;
        let mut problems = Vec::new();
        // A base in a file of its own can be changed like one that stands in the sweep file.
        let base = base(path, table.get("run"), &mut problems);
        table.insert("run".to_owned(), Value::Table(base));
        files::change(&mut table, changes)?;
        let base = match table.get("run") {
            Some(Value::Table(base)) => base.clone(),
            other => {
                let value = other.map(ToString::to_string).unwrap_or_default();
                problems.push(Problem::new(
                    "run",
                    &value,
                    "settings of it that are changed one by one, such as run.seed=1",
                ));
                Table::new()
            }
        };
        let accepted = "run, vary, out and question alone";
        let unknown = table.keys().filter(|key| !["run", "vary", "out", "question"].contains(&key.as_str()));
        problems.extend(unknown.map(|key| Problem::new(key, &table[key].to_string(), accepted)));
        let question = question(&table, &mut problems);
        let axes = match table.get("vary") {
            Some(Value::Table(vary)) => axes(vary, &mut problems),
            other => {
                let value = other.map_or_else(|| "missing".to_owned(), ToString::to_string);
                problems.push(Problem::new("vary", &value, "a section of lists, such as `tuning.rank = [8, 16]`"));
                Vec::new()
            }
        };
        let folder = folder(&table, path, changes, &mut problems);
        if folder == path {
            problems.push(Problem::new(
                "file",
                &path.display().to_string(),
                "a name that ends with .toml, or `out = `",
            ));
        }
        let runs = axes.iter().try_fold(1usize, |runs, axis| runs.checked_mul(axis.choices.len()));
        let runs = runs.filter(|&runs| runs <= MOST).unwrap_or_else(|| {
            let all: Vec<String> = axes.iter().map(|axis| axis.choices.len().to_string()).collect();
            problems.push(Problem::new("vary", &format!("{} runs", all.join(" x ")), format!("at most {MOST} runs")));
            0
        });
        let (path, changes) = (path.to_owned(), changes.to_vec());
        let mut sweep = Self { path, changes, question, folder, axes, names: Vec::new(), base };
        if problems.is_empty() {
            sweep.name_all(runs, &mut problems);
        }
        if problems.is_empty() { Ok(sweep) } else { Err(Problems(problems).into()) }
    }

    fn name_all(&mut self, runs: usize, problems: &mut Vec<Problem>) {
        let mut known: HashMap<String, usize> = HashMap::with_capacity(runs);
        for index in 0..runs {
            match self.merged(index) {
                Ok(settings) => {
                    let name = name(&settings);
                    if let Some(first) = known.insert(name.clone(), index) {
                        let value = format!("runs {first} and {index} ({})", self.label(index));
                        problems.push(Problem::new("vary", &value, "runs that differ"));
                        return;
                    }
                    self.names.push(name);
                }
                Err(problem) => {
                    problems.push(problem);
                    return;
                }
            }
        }
    }

    /// What each list gives to a run: indices of choices, in the order of the axes.
    pub fn choices(&self, index: usize) -> Vec<usize> {
        let mut left = index;
        let mut chosen: Vec<usize> = self
            .axes
            .iter()
            .rev()
            .map(|axis| {
                let choice = left % axis.choices.len();
                left /= axis.choices.len();
                choice
            })
            .collect();
        chosen.reverse();
        chosen
    }

    /// Name and value of what varies, of one run.
    pub fn chosen(&self, index: usize) -> Vec<(&str, &str)> {
        let chosen = self.choices(index);
        let named = self.axes.iter().zip(chosen);
        named.map(|(axis, choice)| (axis.name.as_str(), axis.choices[choice].shown.as_str())).collect()
    }

    /// The same in one line.
    pub fn label(&self, index: usize) -> String {
        let parts: Vec<String> = self.chosen(index).iter().map(|(axis, shown)| format!("{axis} = {shown}")).collect();
        parts.join(", ")
    }

    fn merged(&self, index: usize) -> Result<Table, Problem> {
        let mut settings = self.base.clone();
        for (axis, choice) in self.axes.iter().zip(self.choices(index)) {
            axis.choices[choice].apply(&mut settings)?;
        }
        Ok(settings)
    }

    /// The folder of a run.
    pub fn folder_of(&self, index: usize) -> PathBuf {
        self.folder.join(&self.names[index])
    }

    /// The settings of a run, its folder among them.
    pub fn settings(&self, index: usize) -> Table {
        let mut settings = self.merged(index).expect("every run was merged when the file was read");
        settings.insert("out".to_owned(), Value::String(self.folder_of(index).display().to_string()));
        settings
    }

    /// The words that name this sweep after `lethe sweep run`, with the file at a path.
    pub fn words(&self, path: &Path) -> Vec<String> {
        let changes = self.changes.iter().flat_map(|change| ["--set".to_owned(), change.clone()]);
        [path.display().to_string(), "--plan".to_owned(), self.plan()].into_iter().chain(changes).collect()
    }

    /// The name of the whole plan: the first 16 hex digits of SHA-256 over the names of its runs, each in a line.
    pub fn plan(&self) -> String {
        digest(&self.names.iter().map(|name| format!("{name}\n")).collect::<String>())
    }
}

/// A path as a file names it: relative to the file's own folder.
fn beside(path: &Path, named: &str) -> PathBuf {
    path.parent().unwrap_or(Path::new("")).join(named)
}

/// Where the runs lie: a change is made by someone in another folder than the file's.
fn folder(table: &Table, path: &Path, changes: &[String], problems: &mut Vec<Problem>) -> PathBuf {
    let is_changed = changes.iter().any(|change| change.split('=').next().is_some_and(|key| key.trim() == "out"));
    match table.get("out") {
        None => path.with_extension(""),
        Some(Value::String(out)) if !out.is_empty() && is_changed => PathBuf::from(out),
        Some(Value::String(out)) if !out.is_empty() => beside(path, out),
        Some(other) => {
            problems.push(Problem::new("out", &other.to_string(), "the path of a folder"));
            PathBuf::new()
        }
    }
}

fn question(table: &Table, problems: &mut Vec<Problem>) -> Option<String> {
    match table.get("question")? {
        Value::String(text) => Some(text.split_whitespace().collect::<Vec<_>>().join(" ")),
        other => {
            problems.push(Problem::new("question", &other.to_string(), "a text"));
            None
        }
    }
}

fn table(path: &Path) -> Result<Table, Failure> {
    files::settings(path)
}

fn base(path: &Path, run: Option<&Value>, problems: &mut Vec<Problem>) -> Table {
    match run {
        Some(Value::Table(base)) => return base.clone(),
        Some(Value::String(file)) => match table(&beside(path, file)) {
            Ok(base) => return base,
            Err(Failure::Input(wrong)) => problems.extend(wrong.0.into_iter().map(|problem| {
                Problem::new("run", file, format!("a file of settings ({} {})", problem.field, problem.accepted))
            })),
            Err(_) => problems.push(Problem::new("run", file, "a readable file of settings")),
        },
        other => {
            let value = other.map_or_else(|| "missing".to_owned(), ToString::to_string);
            problems.push(Problem::new(
                "run",
                &value,
                "a section of settings of a fine-tuning, or the path of such a file",
            ));
        }
    }
    Table::new()
}
