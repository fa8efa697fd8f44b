//! A folder of PEFT's: an adapter beside no base.

use std::path::{Path, PathBuf};

use super::folder::file;
use crate::error::{Problem, Problems};
use crate::model::llama::{Llama, PEFT_FILES, PeftConfig, Weights};
use crate::native::cli::Failure;

/// `adapter_config.json` and the bytes of `adapter_model.safetensors`.
pub struct Adapter {
    path: PathBuf,
    pub config: PeftConfig,
    weights: Vec<u8>,
}

impl Adapter {
    /// Opens a folder.
    ///
    /// # Errors
    /// The file that is missing, and what is wrong in the configuration or not computed here.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        for name in PEFT_FILES {
            if !path.join(name).is_file() {
                let accepted = format!("a folder with {} and {} ({name} is missing)", PEFT_FILES[0], PEFT_FILES[1]);
                let problem = Problem::new("adapter", &path.display().to_string(), accepted);
                return Err(Failure::Input(Problems(vec![problem])));
            }
        }
        let [config, weights] = PEFT_FILES.map(|name| file(&path.join(name)));
        Ok(Self { path: path.to_owned(), config: PeftConfig::read(&config?)?, weights: weights? })
    }

    /// A base with this adapter.
    ///
    /// # Errors
    /// The tensor that is missing, of another shape, not finite, or of no layer that is adapted.
    pub fn onto(&self, base: Llama) -> Result<Llama, Failure> {
        let adapted = Weights::read(&[(PEFT_FILES[1], &self.weights)])
            .and_then(|weights| base.with_adapter(&self.config, &weights));
        adapted.map_err(|fault| {
            let accepted = format!("an adapter of this base ({fault})");
            Failure::Input(Problems(vec![Problem::new("adapter", &self.path.display().to_string(), accepted)]))
        })
    }
}
