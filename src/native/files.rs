//! Reading what the user names, writing what a run leaves.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::SystemTime;

use memmap2::Mmap;

use super::cli::Failure;
use crate::error::{Problem, Problems};
use crate::experiments::fields::{FIELDS, Field};
use crate::experiments::limits::Limits;
use crate::experiments::{CheckedSpec, Experiment, Spec};
use crate::record::Link;
use crate::record::link::{self, Destination, LinkTo};
use crate::record::scaling::experiment_of_record;

/// Largest file read as settings or as a record, in bytes.
const LARGEST: u64 = 1 << 30;

/// Whether an argument is a link and not a path.
pub fn is_link(text: &str) -> bool {
    text.contains('#') || text.starts_with("v=") || text.starts_with("x=")
}

/// The experiment that a link, a settings file or a record names; `None` of what names none or cannot be read.
pub fn experiment_of(what: &str) -> Option<String> {
    if is_link(what) {
        return link::experiment_of(what);
    }
    // What can be read only once is left to whoever reads it.
    fs::metadata(what).ok().filter(fs::Metadata::is_file)?;
    let text = read(what).ok()?;
    if text.trim_start().starts_with('{') {
        return experiment_of_record(text.as_bytes());
    }
    let table: toml::Table = text.parse().ok()?;
    Some(["x", "experiment"].iter().find_map(|&key| table.get(key))?.as_str()?.to_owned())
}

/// The text of a file the user named.
///
/// # Errors
/// A sentence with the path and the reason; a file that cannot be read is wrong input.
pub fn read(path: &str) -> Result<String, Failure> {
    read_as(path, "a readable file or a link starting with '#', 'v=' or 'x='")
}

/// The settings of a file where no link may stand for it.
///
/// # Errors
/// Its path, and why it cannot be read or is no TOML.
pub fn settings(path: &Path) -> Result<toml::Table, Failure> {
    let shown = path.display().to_string();
    let text = read_as(&shown, "a readable file of settings")?;
    let named = |mut problems: Problems| {
        problems.0.iter_mut().for_each(|problem| problem.field.clone_from(&shown));
        problems
    };
    Ok(table(&text).map_err(named)?)
}

fn read_as(path: &str, accepted: &str) -> Result<String, Failure> {
    let wrong = |why: String| {
        let accepted = format!("{accepted} ({why})");
        Failure::Input(Problems(vec![Problem::new("file", path, accepted)]))
    };
    let size = fs::metadata(path).map_err(|error| wrong(error.to_string()))?.len();
    if size > LARGEST {
        return Err(wrong(format!("it has {size} bytes, at most {LARGEST} are read")));
    }
    text(Path::new(path)).map_err(|error| wrong(error.to_string()))
}

/// The text of a file, without the mark of UTF-8 that some editors put before it.
///
/// # Errors
/// What the system says, or that it is not UTF-8.
pub fn text(path: &Path) -> io::Result<String> {
    let mut text = fs::read_to_string(path)?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

/// A file's bytes, or standard input's for `-`; never many more than `most`.
///
/// # Errors
/// A file that cannot be read or has more bytes.
pub fn bytes(file: &str, most: usize) -> Result<Vec<u8>, Problems> {
    let wrong = |why: String| Problems(vec![Problem::new("file", file, format!("a readable file ({why})"))]);
    let mut bytes = Vec::new();
    let limit = most as u64 + 1;
    if file == "-" {
        io::stdin().take(limit).read_to_end(&mut bytes).map_err(|error| wrong(error.to_string()))?;
        return Ok(bytes);
    }
    let size = fs::metadata(file).map_err(|error| wrong(error.to_string()))?;
    if size.is_dir() {
        return Err(wrong("this is a folder".to_owned()));
    }
    if size.len() >= limit {
        return Err(wrong(format!("it has {} bytes, at most {most} are read", size.len())));
    }
    let opened = File::open(file).map_err(|error| wrong(error.to_string()))?;
    opened.take(limit).read_to_end(&mut bytes).map_err(|error| wrong(error.to_string()))?;
    Ok(bytes)
}

/// Writes a file, and the folders above it.
///
/// # Errors
/// A sentence with the path and the reason.
pub fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::Other(format!("cannot write {}: {error}", path.display()));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(path, content).map_err(failed)
}

/// That a file can be written, and the folders above it made; a file that is there stays as it is.
///
/// # Errors
/// What the system says.
pub fn check_writable(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let is_new = !path.exists();
    File::options().create(true).append(true).open(path)?;
    if is_new { fs::remove_file(path) } else { Ok(()) }
}

/// The time of day.
pub fn seconds_since_1970() -> f64 {
    // A clock set before 1970 reads as then.
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

/// Sets settings of a table, each as `section.key=value`, the value in TOML or a word.
///
/// # Errors
/// Every change that has no such form, or that sets a key within something else than a section.
pub fn change(table: &mut toml::Table, changes: &[String]) -> Result<(), Problems> {
    let mut problems = Vec::new();
    for change in changes {
        let done = change.split_once('=').filter(|(key, _)| !key.trim().is_empty()).is_some_and(|(key, text)| {
            let value = format!("value = {text}").parse::<toml::Table>().ok().and_then(|mut read| read.remove("value"));
            let value = value.unwrap_or_else(|| toml::Value::String(text.trim().to_owned()));
            set(table, key.trim(), value)
        });
        if !done {
            problems.push(Problem::new("set", change, "a setting as key=value, such as training.steps=20"));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Problems(problems)) }
}

fn set(table: &mut toml::Table, key: &str, value: toml::Value) -> bool {
    match key.split_once('.') {
        None => {
            table.insert(key.to_owned(), value);
            true
        }
        Some((section, rest)) => {
            let within = table.entry(section).or_insert_with(|| toml::Value::Table(toml::Table::new()));
            within.as_table_mut().is_some_and(|within| set(within, rest, value))
        }
    }
}

/// A file, mapped into memory: read when it is looked at.
///
/// # Errors
/// What the system says.
#[expect(unsafe_code, reason = "mapping a file is unsafe: whoever shortens it meanwhile ends the program")]
pub fn mapped(path: &Path) -> io::Result<Mmap> {
    let file = File::open(path)?;
    // SAFETY: the map is read only; as with every program that maps weights, nobody may shorten the file meanwhile.
    unsafe { Mmap::map(&file) }
}

/// What is added to the name of a file that is being written.
pub const UNFINISHED: &str = ".unfinished";

/// Puts a file in the place of another at once: whenever the program ends, one of both is there and whole.
///
/// # Errors
/// What the system says.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(UNFINISHED);
    let unfinished = path.with_file_name(name);
    let mut file = File::create(&unfinished)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// Makes what was renamed in a folder last through a loss of power, where the system can.
///
/// # Errors
/// What the system says.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

/// The spec of a link or a settings file, checked strictly; unknown keys come back as warnings.
///
/// # Errors
/// Everything that is wrong at once.
pub fn spec(what: &str) -> Result<(Link, Vec<Problem>), Failure> {
    if is_link(what) {
        return Ok(Link::read_strictly(what, &Limits::NATIVE)?);
    }
    let (spec, warnings) = from_toml(&read(what)?)?;
    Ok((Link { spec, build: None, fingerprint: None, view: Vec::new() }, warnings))
}

/// The spec of a link or a settings file to an experiment of its own kind, checked strictly; unknown keys come back as
/// warnings.
///
/// # Errors
/// Everything that is wrong at once.
pub fn asked<C>(what: &str, limits: &C::Limits) -> Result<(LinkTo<C>, Vec<Problem>), Failure>
where
    C: Destination,
    C::Spec: Default,
{
    if is_link(what) {
        return Ok(LinkTo::read_strictly(what, limits)?);
    }
    let (mut spec, mut problems) = (C::Spec::default(), Vec::new());
    fill(&table(&read(what)?)?, C::fields(), &mut spec, &mut problems);
    let (spec, more) = C::repaired(spec, limits);
    problems.extend(more);
    let warnings = link::split_warnings(problems)?;
    Ok((LinkTo { spec, build: None, fingerprint: None, view: Vec::new() }, warnings))
}

/// A spec from TOML: the names of fields or the keys of links, lists as arrays or as in links.
///
/// # Errors
/// Everything that is wrong at once.
pub fn from_toml(text: &str) -> Result<(CheckedSpec, Vec<Problem>), Problems> {
    let table = table(text)?;
    let mut problems = Vec::new();
    let named = ["x", "experiment"].iter().find_map(|&key| table.get(key));
    let experiment = match named.map(plain) {
        None => Experiment::default(),
        Some(name) => Experiment::named(&name.unwrap_or_default()).unwrap_or_else(|| {
            let accepted = format!("one of {}", Experiment::names());
            problems.push(Problem::new("experiment", &named.map(ToString::to_string).unwrap_or_default(), accepted));
            Experiment::default()
        }),
    };
    let mut spec = Spec::defaults(experiment);
    fill(&table, FIELDS, &mut spec, &mut problems);
    let (spec, more) = spec.repair(&Limits::NATIVE);
    problems.extend(more);
    link::split_warnings(problems).map(|warnings| (spec, warnings))
}

/// The settings of a file.
///
/// # Errors
/// If it is not TOML.
pub fn table(text: &str) -> Result<toml::Table, Problems> {
    text.parse().map_err(|error: toml::de::Error| {
        Problems(vec![Problem::new("file", error.message(), "TOML: one `name = value` a line")])
    })
}

/// Sets the fields of a spec from the settings of a file, the experiment's name apart.
pub fn fill<S>(table: &toml::Table, fields: &[Field<S>], spec: &mut S, problems: &mut Vec<Problem>) {
    let mut written: Vec<&str> = Vec::new();
    if table.contains_key("x") && table.contains_key("experiment") {
        problems.push(Problem::new("x", "and experiment", "each setting once"));
    }
    for (key, value) in table.iter().filter(|(key, _)| !matches!(key.as_str(), "x" | "experiment")) {
        if key == "v" || link::VIEW_KEYS.contains(&key.as_str()) {
            continue;
        }
        if let Some(field) = fields.iter().find(|field| field.key == key || field.name == key) {
            if written.contains(&field.key) {
                problems.push(Problem::new(
                    key,
                    &value.to_string(),
                    format!("{} or {}, not both", field.key, field.name),
                ));
            }
            written.push(field.key);
        }
        match plain(value) {
            Some(text) => link::set(fields, spec, key, &text, problems),
            None => problems.push(Problem::new(key, &value.to_string(), "a number, a text or a list of them")),
        }
    }
}

/// A TOML value as links would write it.
fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        toml::Value::Array(items) => {
            let item = |item: &toml::Value| plain(item).filter(|_| !item.is_array());
            let items: Option<Vec<String>> = items.iter().map(item).collect();
            items.map(|items| items.join(","))
        }
        _ => None,
    }
}
