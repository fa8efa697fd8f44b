//! All rows of some files, any of which can be had at once.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use parquet::errors::ParquetError;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::reader::Reader;
use super::rows::{self, Layout, Place, Stop};
use super::{parquet as columns, wrong};
use crate::data::text::{Format, Record};
use crate::error::{Problem, Problems};
use crate::native::cli::Failure;

/// Rows that are named before a file is given up.
const NAMED: usize = 20;

/// Rows of files, checked when they were opened. Holds twelve bytes for each and none of their text.
#[derive(Debug)]
pub struct Corpus {
    sources: Vec<Source>,
    format: Format,
    rows: usize,
    digest: String,
}

/// The rows of one file.
#[derive(Debug)]
struct Source {
    name: String,
    kept: Kept,
    /// Number of its first row in the corpus.
    first: usize,
}

#[derive(Debug)]
enum Kept {
    File { file: Mutex<File>, layout: Layout, starts: Vec<u64>, lengths: Vec<u32> },
    Texts(Vec<String>),
}

/// Files under way.
struct Opening {
    format: Option<Format>,
    sources: Vec<Source>,
    rows: usize,
    problems: Vec<Problem>,
    hash: Sha256,
}

impl Corpus {
    /// Opens files and reads each once, to find where rows are and to check every one of them: `.parquet`; `.json` and
    /// `.jsonl`, an array or an object a line, whichever the file holds; anything else is text whose documents have blank
    /// lines between them. Of a folder, each `.txt` is one document. Without a format, the first row tells it.
    ///
    /// Rows of Parquet are decoded once into a temporary file, since they cannot be had one by one.
    ///
    /// # Errors
    /// A file that cannot be read; rows that are wrong, by file and line; no rows at all.
    pub fn open(files: &[PathBuf], format: Option<Format>) -> Result<Self, Failure> {
        let mut opening = Opening { format, sources: Vec::new(), rows: 0, problems: Vec::new(), hash: Sha256::new() };
        for path in files {
            if path.is_dir() {
                for path in documents(path)? {
                    opening.add(&path, Some(Layout::Whole))?;
                }
            } else if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet")) {
                opening.add_parquet(path)?;
            } else {
                opening.add(path, None)?;
            }
        }
        if !opening.problems.is_empty() {
            return Err(Problems(opening.problems).into());
        }
        let names: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
        let Some(format) = opening.format.filter(|_| opening.rows > 0) else {
            return Err(wrong("files", &names.join(", "), "files with at least one row"));
        };
        if u32::try_from(opening.rows).is_err() {
            return Err(wrong("files", &format!("{} rows", opening.rows), "up to 4294967295 rows"));
        }
        let digest = opening.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { sources: opening.sources, format, rows: opening.rows, digest })
    }

    /// Texts that are at hand, such as those that a model wrote.
    ///
    /// # Errors
    /// There is none.
    pub fn of_texts(name: &str, texts: Vec<String>) -> Result<Self, Failure> {
        let rows = texts.len();
        if rows == 0 {
            return Err(wrong(name, "no texts", "at least one text"));
        }
        let mut hash = Sha256::new();
        for text in &texts {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
        let digest = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let source = Source { name: name.to_owned(), kept: Kept::Texts(texts), first: 0 };
        Ok(Self { sources: vec![source], format: Format::Text, rows, digest })
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Never: a corpus has rows.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// What its rows are.
    pub fn format(&self) -> Format {
        self.format
    }

    /// SHA-256 over the files, by which a run that goes on knows that they are the same.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Where a row is: its file, and its number there from 1.
    pub fn place(&self, row: usize) -> String {
        let source = self.source(row);
        format!("{}, row {}", source.name, row - source.first + 1)
    }

    fn source(&self, row: usize) -> &Source {
        &self.sources[self.sources.partition_point(|source| source.first <= row) - 1]
    }

    /// A row.
    ///
    /// # Errors
    /// The file cannot be read any more, or has changed.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, row: usize) -> Result<Record, Failure> {
        assert!(row < self.rows, "there is such a row");
        let source = self.source(row);
        let within = row - source.first;
        let failed = |why: String| Failure::Other(format!("cannot read {}: {why}", self.place(row)));
        match &source.kept {
            Kept::Texts(texts) => Ok(Record::Text(texts[within].clone())),
            Kept::File { file, layout, starts, lengths } => {
                let bytes =
                    stretch(file, starts[within], lengths[within]).map_err(|error| failed(error.to_string()))?;
                let record = record(&bytes, *layout, self.format);
                record.map_err(|_| failed("the file has changed since it was opened".to_owned()))
            }
        }
    }

    /// All rows in order.
    pub fn iter(&self) -> impl Iterator<Item = Result<Record, Failure>> + '_ {
        (0..self.rows).map(|row| self.row(row))
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// What is wrong with a file or folder; the path stands where nothing is shortened.
fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    wrong("files", &name(path), format!("readable files ({}: {error})", path.display()))
}

/// The `.txt` files of a folder, by name.
fn documents(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |error: io::Error| unreadable(folder, &error);
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("txt")) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn stretch(file: &Mutex<File>, start: u64, length: u32) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length as usize];
    let mut file = file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    file.seek(SeekFrom::Start(start))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// A row from its bytes.
fn record(bytes: &[u8], layout: Layout, format: Format) -> Result<Record, Problem> {
    match layout {
        Layout::Array | Layout::Lines => format.record(&parsed(bytes).map_err(|(_, problem)| problem)?),
        Layout::Documents | Layout::Whole => plain(bytes).map(Record::Text),
    }
}

/// A row's JSON; otherwise how many lines into it the mistake is, and what it is.
fn parsed(bytes: &[u8]) -> Result<Value, (u64, Problem)> {
    serde_json::from_slice(bytes).map_err(|error| {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]).into_owned();
        let why = error.to_string();
        let why = why.split(" at line ").next().unwrap_or_default();
        ((error.line() as u64).saturating_sub(1), Problem::new("row", &shown, format!("JSON ({why})")))
    })
}

fn plain(bytes: &[u8]) -> Result<String, Problem> {
    let text = str::from_utf8(bytes);
    let text = text.map_err(|_| Problem::new("text", &String::from_utf8_lossy(bytes), "text in UTF-8"))?;
    Ok(text.replace("\r\n", "\n"))
}

impl Opening {
    /// Reads a file of JSON or of text.
    fn add(&mut self, path: &Path, layout: Option<Layout>) -> Result<(), Failure> {
        let unreadable = |error: io::Error| unreadable(path, &error);
        let name = name(path);
        let mut reader = Reader::open(path).map_err(unreadable)?;
        let json = ["json", "jsonl", "ndjson"];
        let of_json = path.extension().is_some_and(|own| json.iter().any(|json| own.eq_ignore_ascii_case(json)));
        let layout = match layout {
            Some(layout) => layout,
            None if of_json && reader.after_blanks().map_err(unreadable)? == Some(b'[') => Layout::Array,
            None if of_json => Layout::Lines,
            None => Layout::Documents,
        };
        if matches!(layout, Layout::Documents | Layout::Whole)
            && *self.format.get_or_insert(Format::Text) != Format::Text
        {
            return Err(wrong("files", &name, ".json, .jsonl or .parquet, unless the format is text"));
        }
        let (mut starts, mut lengths) = (Vec::new(), Vec::new());
        let read = rows::each(&mut reader, layout, |place, bytes| {
            self.check(&name, place, bytes, layout);
            starts.push(place.start);
            lengths.push(bytes.len() as u32);
        });
        match read {
            Ok(()) => {}
            Err(Stop::Io(error)) => return Err(unreadable(error)),
            Err(Stop::Broken(line, value, accepted)) => {
                self.problems.push(Problem::new(&format!("{name}, line {line}"), &value, accepted));
            }
        }
        self.hash.update(reader.digest());
        let file = Mutex::new(File::open(path).map_err(unreadable)?);
        self.keep(name, Kept::File { file, layout, starts, lengths });
        Ok(())
    }

    fn keep(&mut self, name: String, kept: Kept) {
        let rows = match &kept {
            Kept::File { starts, .. } => starts.len(),
            Kept::Texts(texts) => texts.len(),
        };
        if rows > 0 {
            self.sources.push(Source { name, kept, first: self.rows });
            self.rows += rows;
        }
    }

    /// Checks a row and keeps what is wrong with it.
    fn check(&mut self, name: &str, place: Place, bytes: &[u8], layout: Layout) {
        if self.problems.len() >= NAMED {
            return;
        }
        let line = |line: u64, problem: Problem| Problem {
            field: format!("{name}, line {line}, {}", problem.field),
            ..problem
        };
        let problem = match layout {
            Layout::Array | Layout::Lines => match parsed(bytes) {
                Ok(row) => self.told(&row).and_then(|format| format.record(&row)).err().map(|p| line(place.line, p)),
                Err((further, problem)) => Some(line(place.line + further, problem)),
            },
            Layout::Documents | Layout::Whole => plain(bytes).err().map(|problem| line(place.line, problem)),
        };
        self.problems.extend(problem);
    }

    /// The format, told from this row if nothing has told it before.
    fn told(&mut self, row: &Value) -> Result<Format, Problem> {
        if self.format.is_none() {
            self.format = Format::of(row);
        }
        let accepted = "keys of alpaca (instruction, output), openorca (question, response), chat (messages or \
                        conversations) or text (text)";
        self.format.ok_or_else(|| Problem::new("row", &row.to_string(), accepted))
    }

    /// Reads a file of Parquet and keeps its rows as lines of JSON in a file that has no name any more.
    fn add_parquet(&mut self, path: &Path) -> Result<(), Failure> {
        let name = name(path);
        let (mut starts, mut lengths) = (Vec::new(), Vec::new());
        let (mut hash, mut at, mut row) = (Sha256::new(), 0_u64, 0_u64);
        let mut file = io::BufWriter::new(nameless().map_err(spilling)?);
        columns::each(path, |value| {
            row += 1;
            if let Err(problem) = self.told(&value).and_then(|format| format.record(&value))
                && self.problems.len() < NAMED
            {
                self.problems.push(Problem { field: format!("{name}, row {row}, {}", problem.field), ..problem });
            }
            let mut line = value.to_string();
            line.push('\n');
            let length = u32::try_from(line.len() - 1).ok().filter(|&length| length as usize <= rows::LONGEST);
            let length = length
                .ok_or_else(|| Halt(wrong(format!("{name}, row {row}"), "a longer row", "rows of at most 64 MiB")))?;
            file.write_all(line.as_bytes()).map_err(|error| Halt(spilling(error)))?;
            hash.update(&line);
            starts.push(at);
            lengths.push(length);
            at += line.len() as u64;
            Ok(())
        })
        .map_err(|halt: Halt| match halt {
            Halt(Failure::Other(why)) => wrong("files", &name, format!("files of Parquet ({}: {why})", path.display())),
            Halt(failure) => failure,
        })?;
        self.hash.update(hash.finalize());
        let file = file.into_inner().map_err(|error| spilling(error.into_error()))?;
        self.keep(name, Kept::File { file: Mutex::new(file), layout: Layout::Lines, starts, lengths });
        Ok(())
    }
}

/// Why the reading of Parquet halts.
struct Halt(Failure);

impl From<ParquetError> for Halt {
    fn from(error: ParquetError) -> Self {
        Self(Failure::Other(error.to_string()))
    }
}

fn spilling(error: io::Error) -> Failure {
    let folder = std::env::temp_dir();
    Failure::Input(Problems(vec![Problem::new(
        "TMPDIR",
        &folder.display().to_string(),
        format!("a folder with room for the decoded rows of Parquet ({error})"),
    )]))
}

/// A file to write and read whose name is gone already, so that nothing is left behind however the process ends.
fn nameless() -> io::Result<File> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = format!("lethe-{}-{}.jsonl", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(name);
    let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
    fs::remove_file(&path)?;
    Ok(file)
}
