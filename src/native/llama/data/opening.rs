//! Files looked through once: where their rows are, and what is wrong with them.

use core::ops::ControlFlow;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use parquet::errors::ParquetError;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::corpus::{Kept, Source, Stored, parsed, plain};
use super::reader::Reader;
use super::rows::{self, Layout, Place, Stop};
use super::{parquet as columns, wrong};
use crate::data::text::Format;
use crate::error::{Problem, Problems};
use crate::native::cli::Failure;

/// Characters of a folder's and a file's name, together: a problem has room for 60 with line and key.
const NAMED_BY: usize = 32;
/// Rows that are named before a file is given up.
const NAMED: usize = 20;

/// Files under way.
pub struct Opening {
    pub format: Option<Format>,
    pub sources: Vec<Source>,
    pub rows: usize,
    pub problems: Vec<Problem>,
    pub hash: Sha256,
}

impl Opening {
    /// Nothing read yet; a format that is not given is told by the first row.
    pub fn new(format: Option<Format>) -> Self {
        Self { format, sources: Vec::new(), rows: 0, problems: Vec::new(), hash: Sha256::new() }
    }

    /// Reads a file, or the documents of a folder.
    pub fn add(&mut self, path: &Path) -> Result<(), Failure> {
        if path.is_dir() {
            return documents(path)?.iter().try_for_each(|path| self.add_file(path, Some(Layout::Whole)));
        }
        match path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet")) {
            true => self.add_parquet(path),
            false => self.add_file(path, None),
        }
    }

    /// Reads a file of JSON or of text.
    fn add_file(&mut self, path: &Path, layout: Option<Layout>) -> Result<(), Failure> {
        let unreadable = |error: io::Error| unreadable(path, &error);
        let name = name(path);
        let mut reader = Reader::open(path).map_err(unreadable)?;
        let layout = match layout {
            Some(layout) => layout,
            None if Layout::is_json(path) => Layout::of_json(&mut reader).map_err(unreadable)?,
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
            ControlFlow::Continue(())
        });
        match read {
            Ok(()) => {}
            Err(Stop::Io(error)) => return Err(unreadable(error)),
            Err(Stop::Broken(line, value, accepted)) => {
                self.problems.push(Problem::new(&format!("{name}, line {line}"), &value, accepted));
            }
        }
        self.hash.update(reader.digest());
        self.keep(name, Kept::File { file: Stored::Named(path.to_owned()), layout, starts, lengths });
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
        let file = Stored::Nameless(Mutex::new(file));
        self.keep(name, Kept::File { file, layout: Layout::Lines, starts, lengths });
        Ok(())
    }
}

/// The format that the first row of some files tells; `None` where it tells none, or cannot be read.
pub fn told_format(files: &[PathBuf]) -> Option<Format> {
    files.iter().find_map(|path| first(path).ok().flatten())
}

/// The format of a file's first row.
fn first(path: &Path) -> Result<Option<Format>, Failure> {
    let mut told = None;
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet")) {
        // What halts is that there is a row.
        let read = columns::each(path, |value| {
            told = Format::of(&value);
            Err(Halt(Failure::No))
        });
        return read.map_or(Ok(told), |()| Ok(None));
    }
    if path.is_dir() || !Layout::is_json(path) {
        return Ok(Some(Format::Text));
    }
    let unreadable = |error: io::Error| unreadable(path, &error);
    let mut reader = Reader::open(path).map_err(unreadable)?;
    let layout = Layout::of_json(&mut reader).map_err(unreadable)?;
    // What is wrong with the file is told where all of it is read.
    let _ = rows::each(&mut reader, layout, |_, bytes| {
        told = parsed(bytes).ok().as_ref().and_then(Format::of);
        ControlFlow::Break(())
    });
    Ok(told)
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

/// A file by the end of its path: its folder tells it from others of its name.
pub fn name(path: &Path) -> String {
    let own = |path: Option<&Path>| Some(path?.file_name()?.to_string_lossy().into_owned());
    let file = own(Some(path)).unwrap_or_default();
    match own(path.parent()).filter(|folder| folder.chars().count() + file.chars().count() < NAMED_BY) {
        Some(folder) => format!("{folder}/{file}"),
        None => file,
    }
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
