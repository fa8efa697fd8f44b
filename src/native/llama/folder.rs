//! A model's folder, as Hugging Face's are downloaded.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use serde::Deserialize;

use crate::error::{Problem, Problems};
use crate::model::llama::{Config, Device, Llama, Precision, Weights};
use crate::native::cli::Failure;

const ONE_FILE: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";

/// `config.json` and the weights beside it, mapped into memory and not yet read.
pub struct Folder {
    pub path: PathBuf,
    pub config: Config,
    shards: Vec<(String, Mmap)>,
}

#[derive(Deserialize)]
struct Index {
    /// The file of each tensor.
    weight_map: BTreeMap<String, String>,
}

impl Folder {
    /// Opens a folder.
    ///
    /// # Errors
    /// What is missing or wrong in it.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let config = Config::read(&file(&path.join("config.json"))?)?;
        let shards = Self::shard_names(path)?.into_iter().map(|name| {
            let mapped = mapped(&path.join(&name))?;
            Ok((name, mapped))
        });
        Ok(Self { path: path.to_owned(), config, shards: shards.collect::<Result<_, Failure>>()? })
    }

    fn shard_names(path: &Path) -> Result<Vec<String>, Failure> {
        if path.join(ONE_FILE).is_file() {
            return Ok(vec![ONE_FILE.to_owned()]);
        }
        let accepted = format!("a folder with {ONE_FILE}, or with {INDEX} and the files it names");
        let wrong =
            |value: &str, accepted: &str| Failure::Input(Problems(vec![Problem::new("model", value, accepted)]));
        let index = path.join(INDEX);
        if !index.is_file() {
            let others = ["pytorch_model.bin", "pytorch_model.bin.index.json", "consolidated.00.pth"];
            let hint = match others.iter().find(|name| path.join(name).is_file()) {
                Some(name) => format!("{accepted} ({name} is not read: save the model with safetensors)"),
                None => accepted,
            };
            return Err(wrong(&path.display().to_string(), &hint));
        }
        let index: Index = serde_json::from_slice(&file(&index)?)
            .map_err(|error| wrong(INDEX, &format!("a JSON object with \"weight_map\" ({error})")))?;
        let mut names: Vec<String> = index.weight_map.into_values().collect();
        names.sort_unstable();
        names.dedup();
        // A name with a folder in it could be any file of the machine.
        match names.iter().find(|name| name.contains(['/', '\\']) || name.as_str() == "..") {
            Some(name) => Err(wrong(name, "names of files in the model's own folder")),
            None => Ok(names),
        }
    }

    /// The model, its matrices held in `precision`.
    ///
    /// # Errors
    /// The tensor that is missing, of another shape, or not finite, and its file.
    pub fn model(&self, precision: Precision, device: &Device) -> Result<Llama, Failure> {
        let files: Vec<(&str, &[u8])> = self.shards.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
        Weights::read(&files).and_then(|weights| Llama::load(self.config.clone(), &weights, precision, device)).map_err(
            |fault| {
                let accepted = format!("the weights that its config.json describes ({fault})");
                Failure::Input(Problems(vec![Problem::new("model", &self.path.display().to_string(), accepted)]))
            },
        )
    }
}

/// The bytes of a file that must be there.
///
/// # Errors
/// Its path, and why it cannot be read.
pub fn file(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| unreadable(path, &error))
}

#[expect(unsafe_code, reason = "mapping a file is unsafe: whoever shortens it meanwhile ends the program")]
fn mapped(path: &Path) -> Result<Mmap, Failure> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    // SAFETY: the map is read only; as with every program that maps weights, nobody may shorten the file meanwhile.
    unsafe { Mmap::map(&file) }.map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Input(Problems(vec![Problem::new(
        "file",
        &path.display().to_string(),
        format!("a readable file ({error})"),
    )]))
}
