//! All rows of some files, any of which can be had at once.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::sync::Mutex;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::opening::Opening;
use super::rows::Layout;
use super::wrong;
use crate::data::text::{Format, Record};
use crate::error::{Problem, Problems};
use crate::native::cli::Failure;

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
pub struct Source {
    pub name: String,
    pub kept: Kept,
    /// Number of its first row in the corpus.
    pub first: usize,
}

/// Where rows are kept: in a file, which of its bytes; or in memory.
#[derive(Debug)]
pub enum Kept {
    File { file: Stored, layout: Layout, starts: Vec<u64>, lengths: Vec<u32> },
    Texts(Vec<String>),
}

/// A file of rows.
#[derive(Debug)]
pub enum Stored {
    /// Opened for each row: there may be more files than a process may hold open.
    Named(PathBuf),
    /// One whose name is gone.
    Nameless(Mutex<File>),
}

impl Corpus {
    /// Opens files and reads each once, to find where rows are and to check every one of them: `.parquet`; `.json` and
    /// `.jsonl`, an array or an object a line, whichever the file holds; anything else is text whose documents have
    /// blank lines between them. Of a folder, each `.txt` is one document. Without a format, the first row tells it.
    ///
    /// Rows of Parquet are decoded once into a temporary file, since they cannot be had one by one.
    ///
    /// # Errors
    /// A file that cannot be read; rows that are wrong, by file and line; no rows at all.
    pub fn open(files: &[PathBuf], format: Option<Format>) -> Result<Self, Failure> {
        let names = || files.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        Self::open_if_any(files, format)?.ok_or_else(|| wrong("files", &names(), "files with at least one row"))
    }

    /// The same; `None` where the files have no rows at all.
    ///
    /// # Errors
    /// Those of [`open`](Self::open) but that.
    pub fn open_if_any(files: &[PathBuf], format: Option<Format>) -> Result<Option<Self>, Failure> {
        let mut opening = Opening::new(format);
        for path in files {
            opening.add(path)?;
        }
        if !opening.problems.is_empty() {
            return Err(Problems(opening.problems).into());
        }
        let Some(format) = opening.format.filter(|_| opening.rows > 0) else { return Ok(None) };
        if u32::try_from(opening.rows).is_err() {
            return Err(wrong("files", &format!("{} rows", opening.rows), "up to 4294967295 rows"));
        }
        let digest = opening.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Some(Self { sources: opening.sources, format, rows: opening.rows, digest }))
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
                let bytes = file.stretch(starts[within], lengths[within]).map_err(|error| failed(error.to_string()))?;
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

impl Stored {
    fn stretch(&self, start: u64, length: u32) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length as usize];
        let mut read = |mut file: &File| {
            file.seek(SeekFrom::Start(start))?;
            file.read_exact(&mut bytes)
        };
        match self {
            Self::Named(path) => read(&File::open(path)?)?,
            Self::Nameless(file) => read(&file.lock().unwrap_or_else(std::sync::PoisonError::into_inner))?,
        }
        Ok(bytes)
    }
}

/// A row from its bytes.
fn record(bytes: &[u8], layout: Layout, format: Format) -> Result<Record, Problem> {
    match layout {
        Layout::Array | Layout::Lines => format.record(&parsed(bytes).map_err(|(_, problem)| problem)?),
        Layout::Documents | Layout::Whole => plain(bytes).map(Record::Text),
    }
}

/// A row's JSON; otherwise how many lines into it the mistake is, and what it is.
pub fn parsed(bytes: &[u8]) -> Result<Value, (u64, Problem)> {
    serde_json::from_slice(bytes).map_err(|error| {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]).into_owned();
        let why = error.to_string();
        let why = why.split(" at line ").next().unwrap_or_default();
        ((error.line() as u64).saturating_sub(1), Problem::new("row", &shown, format!("JSON ({why})")))
    })
}

/// A document's text, its line ends those of Unix.
pub fn plain(bytes: &[u8]) -> Result<String, Problem> {
    let text = str::from_utf8(bytes);
    let text = text.map_err(|_| Problem::new("text", &String::from_utf8_lossy(bytes), "text in UTF-8"))?;
    Ok(text.replace("\r\n", "\n"))
}
