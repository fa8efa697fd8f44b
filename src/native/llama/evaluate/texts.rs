//! Texts and prompts out of files, and text cut into windows.

use std::path::{Path, PathBuf};

use super::pairs::is_space;
use super::rows::{lines, rows, shown, text, until, wrong};
use crate::data::text::{Format, Record};
use crate::metrics::divergence::streaming::Window;
use crate::native::cli::Failure;
use crate::native::llama::Tokenizer;

/// Bytes of text that are read for each token that is wanted, at first; doubled until there are enough.
const BYTES_A_TOKEN: usize = 8;

/// Where rows of general text have it.
const TEXT: [&str; 3] = ["text", "content", "document"];
/// Where rows of requests have them: AdvBench's name first.
const REQUEST: [&str; 5] = ["goal", "prompt", "instruction", "question", "text"];

fn is_plain(path: &Path) -> bool {
    let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
    !["jsonl", "ndjson", "json", "csv", "tsv", "parquet"].contains(&kind.to_ascii_lowercase().as_str())
}

/// What files of texts or of instructions hold.
pub struct Documents {
    pub format: Format,
    /// Where each is, and what it says.
    pub records: Vec<(String, Record)>,
}

/// The first texts of some files, or all of them: a file of plain text is one, and so is each row of any other, where
/// it is not empty. Rows of instructions are what fine-tuning reads of them; without a format the first row tells it.
///
/// # Errors
/// A file that cannot be read, the row without a text or what its format wants, or that there is none.
pub fn documents(paths: &[PathBuf], limit: Option<usize>, format: Option<Format>) -> Result<Documents, Failure> {
    let limit = limit.unwrap_or(usize::MAX);
    let (mut format, mut records) = (format, Vec::new());
    for path in paths {
        if records.len() >= limit {
            break;
        }
        let mut add = |place: String, record: Record| {
            let is_blank = matches!(&record, Record::Text(text) if text.trim().is_empty());
            records.extend(Some((place, record)).filter(|_| !is_blank));
            until(records.len() >= limit)
        };
        if is_plain(path) {
            if *format.get_or_insert(Format::Text) != Format::Text {
                return Err(wrong(
                    "files",
                    &shown(path),
                    "rows of .jsonl, .json, .csv, .tsv or .parquet, or format = \"text\"",
                ));
            }
            let _ = add(shown(path), Record::Text(text(path)?));
        } else {
            rows(path, |row| {
                let record = match *format.get_or_insert_with(|| row.format().unwrap_or(Format::Text)) {
                    Format::Text => Record::Text(row.text(&TEXT)?.to_owned()),
                    format => row.record(format)?,
                };
                Ok(add(row.place, record))
            })?;
        }
    }
    match format.filter(|_| !records.is_empty()) {
        Some(format) => Ok(Documents { format, records }),
        None => Err(wrong("files", &listed(paths), "files with at least one text")),
    }
}

/// The first requests of some files, or all of them: each line of plain text that is not empty, or each row.
///
/// # Errors
/// Those of [`documents`].
pub fn requests(paths: &[PathBuf], limit: Option<usize>) -> Result<Vec<String>, Failure> {
    let limit = limit.unwrap_or(usize::MAX);
    let mut found = Vec::new();
    for path in paths {
        if found.len() >= limit {
            break;
        }
        if is_plain(path) {
            lines(path, |line| {
                let line = line.strip_suffix('\n').map_or(line, |line| line.strip_suffix('\r').unwrap_or(line));
                found.extend(Some(line.to_owned()).filter(|line| !line.trim().is_empty()));
                Ok(until(found.len() >= limit))
            })?;
        } else {
            rows(path, |row| {
                found.push(row.text(&REQUEST)?.to_owned());
                Ok(until(found.len() >= limit))
            })?;
        }
    }
    if found.is_empty() {
        return Err(wrong("files", &listed(paths), "files with at least one request"));
    }
    Ok(found)
}

fn listed(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| shown(path)).collect::<Vec<_>>().join(", ")
}

/// General text in one piece: files and rows one after the other as they are, each ended by a line feed where it does
/// not end so by itself. Of WikiText's rows that makes its file. Nothing is read after the line or row that makes it
/// longer than `bytes`.
fn whole(paths: &[PathBuf], bytes: usize) -> Result<String, Failure> {
    let mut all = String::new();
    for path in paths {
        if all.len() > bytes {
            break;
        }
        if is_plain(path) {
            lines(path, |line| {
                all.push_str(line);
                Ok(until(all.len() > bytes))
            })?;
            end_line(&mut all);
        } else {
            rows(path, |row| {
                all.push_str(row.text(&TEXT)?);
                end_line(&mut all);
                Ok(until(all.len() > bytes))
            })?;
        }
    }
    Ok(all)
}

fn end_line(text: &mut String) {
    if !text.ends_with('\n') {
        text.push('\n');
    }
}

/// Pieces between white space, as lm-evaluation-harness counts words: white space at an end has an empty one beside it.
pub fn words(text: &str) -> usize {
    let blank: Vec<bool> = text.chars().map(is_space).collect();
    let runs = (0..blank.len()).filter(|&k| blank[k] && (k == 0 || !blank[k - 1])).count();
    runs + 1
}

/// How text is cut.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    pub windows: usize,
    pub length: usize,
    pub stride: usize,
    /// Whether each window begins with the token for a text's beginning.
    pub bos: Option<u32>,
}

/// The first windows of some files' text. Window k holds the tokens from k x stride on, `length` of them, after BOS
/// where there is one; a token counts in the first window that predicts it. Without BOS a window's first token is given
/// and not predicted.
///
/// # Errors
/// Files that cannot be read, or with too little text.
pub fn windows(paths: &[PathBuf], cut: Cut, tokenizer: &Tokenizer) -> Result<Vec<Window>, Failure> {
    let wanted = cut.length + (cut.windows - 1) * cut.stride;
    let mut bytes = wanted.saturating_mul(BYTES_A_TOKEN);
    let tokens = loop {
        let all = whole(paths, bytes)?;
        let tokens = tokenizer.encode(&all[..line_end(&all, bytes)], false)?;
        if tokens.len() >= wanted || all.len() <= bytes {
            break tokens;
        }
        bytes = bytes.saturating_mul(2);
    };
    if tokens.len() < wanted {
        let accepted =
            format!("text of {wanted} tokens: {} windows of {}, {} apart", cut.windows, cut.length, cut.stride);
        return Err(wrong("forgetting.files", &format!("{} tokens", tokens.len()), accepted));
    }
    Ok((0..cut.windows).map(|k| window(&tokens[k * cut.stride..][..cut.length], k, cut)).collect())
}

/// The end of the line that byte number `at` is in.
fn line_end(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    rest.iter().position(|&byte| byte == b'\n').map_or(text.len(), |more| at + more + 1)
}

fn window(tokens: &[u32], k: usize, cut: Cut) -> Window {
    let (inputs, targets): (Vec<u32>, Vec<u32>) = match cut.bos {
        Some(bos) => ([bos].into_iter().chain(tokens[..tokens.len() - 1].iter().copied()).collect(), tokens.to_vec()),
        None => (tokens[..tokens.len() - 1].to_vec(), tokens[1..].to_vec()),
    };
    let seen = if k == 0 { 0 } else { cut.length - cut.stride };
    // Without BOS the first position predicts the window's second token.
    let from = if cut.bos.is_some() { seen } else { seen.saturating_sub(1) };
    Window { inputs, targets, from }
}
