//! `lethe llama corpus`.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use serde_json::json;
use sha2::{Digest, Sha256};

use super::data::Corpus;
use super::html;
use crate::data::text::{Format, Record, normalised};
use crate::error::{Problem, Problems};
use crate::native::cli::Failure;
use crate::native::{files, run};

/// Arguments of `lethe llama corpus`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of articles, read with the folders in it: .txt, .md and .html, a document a file; .jsonl, a document a
    /// row with text.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Write train.jsonl, test.jsonl and manifest.json here.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Share of documents that are held out, in test.jsonl.
    #[arg(long, value_name = "P", default_value_t = 0.1)]
    hold_out: f64,
    /// Print the manifest as one JSON object and nothing else on standard output.
    #[arg(long)]
    json: bool,
}

/// Documents of one part.
struct Part {
    name: &'static str,
    path: PathBuf,
    /// Written under another name until it is whole.
    file: BufWriter<File>,
    hash: Sha256,
    documents: u64,
    words: u64,
}

/// What was left out.
#[derive(Default)]
struct LeftOut {
    duplicates: u64,
    empty: u64,
}

/// Writes a corpus of a folder's documents. A document is held out or not by the hash of its words alone, so that it
/// stays on its side when others come or go; of those that are the same but for case and punctuation, one stays.
///
/// # Errors
/// A share that is none, a file that cannot be read or written, a folder without documents.
pub fn corpus(arguments: &Arguments) -> Result<(), Failure> {
    if !(0.0..=1.0).contains(&arguments.hold_out) {
        let value = arguments.hold_out.to_string();
        return Err(Problems(vec![Problem::new("hold-out", &value, "a share from 0 to 1")]).into());
    }
    let mut found = Vec::new();
    walk(&arguments.folder, &mut found)?;
    fs::create_dir_all(&arguments.out).map_err(|error| unwritable(&arguments.out, &error))?;
    let whole = |path: &Path| path.canonicalize().map_err(|error| unreadable(path, &error.to_string()));
    if whole(&arguments.out)?.starts_with(whole(&arguments.folder)?) {
        let value = arguments.out.display().to_string();
        return Err(Problems(vec![Problem::new("out", &value, "a folder outside of the articles' folder")]).into());
    }
    let mut parts = [Part::new("train", &arguments.out)?, Part::new("test", &arguments.out)?];
    let (mut seen, mut left_out) = (HashSet::new(), LeftOut::default());
    for path in &found {
        let source = path.strip_prefix(&arguments.folder).unwrap_or(path).display().to_string();
        for (row, text) in documents(path)?.enumerate() {
            let text = text?;
            let words = normalised(&text);
            let hash: [u8; 32] = Sha256::digest(&words).into();
            if words.is_empty() {
                left_out.empty += 1;
            } else if !seen.insert(hash) {
                left_out.duplicates += 1;
            } else {
                let part = usize::from(is_held_out(&hash, arguments.hold_out));
                let line = json!({"text": text.trim(), "source": source, "row": row + 1});
                parts[part].write(&line.to_string(), words.split(' ').count() as u64)?;
            }
        }
    }
    if parts.iter().all(|part| part.documents == 0) {
        let value = arguments.folder.display().to_string();
        return Err(Problems(vec![Problem::new("folder", &value, "one with .txt, .md, .html or .jsonl")]).into());
    }
    let manifest_path = arguments.out.join("manifest.json");
    // What it says would not be true of the new parts.
    match fs::remove_file(&manifest_path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unwritable(&manifest_path, &error)),
        _ => {}
    }
    let parts = parts.map(Part::close).into_iter().collect::<Result<Vec<_>, _>>()?;
    let manifest = json!({
        "hold_out": arguments.hold_out, "files": found.len(), "parts": parts,
        "left_out": {"duplicates": left_out.duplicates, "empty": left_out.empty},
    });
    let text = run::json(&manifest)?;
    files::replace(&manifest_path, text.as_bytes()).map_err(|error| unwritable(&manifest_path, &error))?;
    if arguments.json {
        say!("{text}");
        return Ok(());
    }
    for part in &parts {
        say!(
            "{:<12}{} documents, {} words",
            part["file"].as_str().unwrap_or_default(),
            part["documents"],
            part["words"]
        );
    }
    say!("left out    {} duplicates, {} empty; of {} files", left_out.duplicates, left_out.empty, found.len());
    Ok(())
}

/// The first eight bytes of a document's hash, as a number in [0, 1), below the share.
fn is_held_out(hash: &[u8; 32], share: f64) -> bool {
    let first = u64::from_be_bytes([hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]]);
    ((first >> 11) as f64) / ((1_u64 << 53) as f64) < share
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Other(format!("cannot write {}: {error}", path.display()))
}

fn unreadable(path: &Path, why: &str) -> Failure {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let accepted = format!("what can be read ({}: {why})", path.display());
    Problems(vec![Problem::new("folder", &name, accepted)]).into()
}

fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase()
}

/// Files of documents below a folder, by path.
fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let failed = |error: std::io::Error| unreadable(folder, &error.to_string());
    let entries = fs::read_dir(folder).map_err(failed)?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    paths.sort();
    for path in paths {
        // A link to a folder may lead back to one above it.
        if path.is_dir() && !path.is_symlink() {
            walk(&path, found)?;
        } else if path.is_file() && ["txt", "md", "html", "htm", "jsonl"].contains(&extension(&path).as_str()) {
            found.push(path);
        }
    }
    Ok(())
}

/// The documents of a file, one after the other; of a file without any, one that is empty.
fn documents(path: &Path) -> Result<Box<dyn Iterator<Item = Result<String, Failure>>>, Failure> {
    if extension(path) == "jsonl" {
        let Some(corpus) = Corpus::open_if_any(&[path.to_owned()], Some(Format::Text))? else {
            return Ok(Box::new(std::iter::once(Ok(String::new()))));
        };
        let rows = corpus.len();
        let text = move |row| match corpus.row(row)? {
            Record::Text(text) => Ok(text),
            other => Err(Failure::Other(format!("{}: {other:?} is no text", corpus.place(row)))),
        };
        return Ok(Box::new((0..rows).map(text)));
    }
    let text = files::text(path).map_err(|error| unreadable(path, &error.to_string()))?.replace("\r\n", "\n");
    let text = if ["html", "htm"].contains(&extension(path).as_str()) { html::text(&text) } else { text };
    Ok(Box::new(std::iter::once(Ok(text))))
}

impl Part {
    fn new(name: &'static str, folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(format!("{name}.jsonl"));
        let unfinished = path.with_extension("jsonl.unfinished");
        let file = File::create(&unfinished).map_err(|error| unwritable(&unfinished, &error))?;
        Ok(Self { name, path, file: BufWriter::new(file), hash: Sha256::new(), documents: 0, words: 0 })
    }

    fn write(&mut self, line: &str, words: u64) -> Result<(), Failure> {
        let line = format!("{line}\n");
        self.hash.update(&line);
        self.documents += 1;
        self.words += words;
        self.file.write_all(line.as_bytes()).map_err(|error| unwritable(&self.path, &error))
    }

    /// Gives the file its name; what the manifest says of it.
    fn close(mut self) -> Result<serde_json::Value, Failure> {
        let failed = |error: std::io::Error| unwritable(&self.path, &error);
        self.file.flush().map_err(failed)?;
        self.file.get_ref().sync_all().map_err(failed)?;
        fs::rename(self.path.with_extension("jsonl.unfinished"), &self.path).map_err(failed)?;
        let digest: String = self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let file = format!("{}.jsonl", self.name);
        Ok(json!({"file": file, "documents": self.documents, "words": self.words, "sha256": digest}))
    }
}
