//! A model's folder, as Hugging Face's are downloaded.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::{Problem, Problems};
use crate::model::llama::{Config, Device, Fault, Llama, Precision, Storage, Weights};
use crate::native::cli::Failure;
use crate::native::files;

const ONE_FILE: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";

/// What a base's folder may have beside configuration and weights, and a merged model needs as much.
const BESIDE: [&str; 9] = [
    "tokenizer.json",
    "tokenizer_config.json",
    "tokenizer.model",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "generation_config.json",
    "vocab.json",
    "merges.txt",
];

/// What a layer of Llama's may hold in a file; the last is computed from the configuration, and older files keep it.
const IN_LAYERS: [&str; 10] = [
    "self_attn.q_proj",
    "self_attn.k_proj",
    "self_attn.v_proj",
    "self_attn.o_proj",
    "mlp.gate_proj",
    "mlp.up_proj",
    "mlp.down_proj",
    "input_layernorm",
    "post_attention_layernorm",
    "self_attn.rotary_emb.inv_freq",
];

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
            let path = path.join(&name);
            let mapped = files::mapped(&path).map_err(|error| unreadable(&path, &error))?;
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

    /// The precision that its configuration says its weights are in.
    ///
    /// # Errors
    /// A configuration that cannot be read any more.
    pub fn own_precision(&self) -> Result<Precision, Failure> {
        Ok(own_precision(&self.configuration()?))
    }

    /// What stands beside the weights in the folder of a model made of this one, in another precision or the same: the
    /// configuration, and the tokenizer's files.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn beside(&self, precision: Precision) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
        let mut config = self.configuration()?;
        say_precision(&mut config, precision);
        let mut files = BTreeMap::new();
        files.insert("config.json".to_owned(), format!("{:#}\n", Value::Object(config)).into_bytes());
        for name in BESIDE {
            let from = self.path.join(name);
            if from.is_file() {
                files.insert(name.to_owned(), file(&from)?);
            }
        }
        Ok(files)
    }

    fn configuration(&self) -> Result<Map<String, Value>, Failure> {
        let read = serde_json::from_slice(&file(&self.path.join("config.json"))?);
        read.map_err(|error| {
            Failure::Input(Problems(vec![Problem::new("config.json", &error.to_string(), "a JSON object")]))
        })
    }

    /// What tells these weights from others without reading them: names and sizes of their files, and the shape.
    pub fn about(&self) -> String {
        let files: Vec<String> = self.shards.iter().map(|(name, bytes)| format!("{name} {}", bytes.len())).collect();
        format!("{}\n{}", files.join("\n"), self.config.to_json())
    }

    /// The model.
    ///
    /// # Errors
    /// The tensor that is missing, of another shape, or not finite, and its file.
    pub fn model(&self, storage: impl Into<Storage>, device: &Device) -> Result<Llama, Failure> {
        let files: Vec<(&str, &[u8])> = self.shards.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
        let wrong = |fault: Fault| {
            let accepted = format!("the weights that its config.json describes ({fault})");
            Failure::Input(Problems(vec![Problem::new("model", &self.path.display().to_string(), accepted)]))
        };
        let weights = Weights::read(&files).map_err(wrong)?;
        let model = Llama::load(self.config.clone(), &weights, storage, device).map_err(wrong)?;
        self.warn_of_surplus(&weights);
        Ok(model)
    }

    /// Tells tensors that the configuration does not describe: of a model of fewer layers, say, something is amiss.
    fn warn_of_surplus(&self, weights: &Weights<'_>) {
        let layers = self.config.num_hidden_layers;
        let is_known = |name: &str| match name.strip_prefix("model.layers.").and_then(|rest| rest.split_once('.')) {
            Some((layer, part)) => {
                let is_bias = part.ends_with(".bias");
                let has_bias = [("self_attn.", self.config.attention_bias), ("mlp.", self.config.mlp_bias)];
                let has_bias = has_bias.into_iter().any(|(of, has)| has && part.starts_with(of));
                let path = part.strip_suffix(".weight").or(part.strip_suffix(".bias")).unwrap_or(part);
                layer.parse::<usize>().is_ok_and(|layer| layer < layers)
                    && IN_LAYERS.contains(&path)
                    && (has_bias || !is_bias)
            }
            // Tied weights are in some files twice.
            None => ["model.embed_tokens.weight", "model.norm.weight", "lm_head.weight"].contains(&name),
        };
        let surplus: Vec<&str> = weights.names().filter(|name| !is_known(name)).collect();
        if let Some(first) = surplus.first() {
            eprintln!(
                "warning: {} holds {} tensors that its config.json, of {layers} layers, does not describe, such as {first}: \
                 they are left out",
                self.path.display(),
                surplus.len()
            );
        }
    }
}

/// The precision that a configuration tells, by its key of today or of yesterday.
fn own_precision(config: &Map<String, Value>) -> Precision {
    match ["dtype", "torch_dtype"].iter().find_map(|key| config.get(*key)).and_then(Value::as_str) {
        Some("float16") => Precision::F16,
        Some("bfloat16") => Precision::BF16,
        _ => Precision::F32,
    }
}

fn say_precision(config: &mut Map<String, Value>, precision: Precision) {
    let name = match precision {
        Precision::F32 => "float32",
        Precision::F16 => "float16",
        Precision::BF16 => "bfloat16",
    };
    let key = if config.contains_key("dtype") { "dtype" } else { "torch_dtype" };
    config.insert(key.to_owned(), name.into());
}

/// The bytes of a file that must be there.
///
/// # Errors
/// Its path, and why it cannot be read.
pub fn file(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Input(Problems(vec![Problem::new(
        "file",
        &path.display().to_string(),
        format!("a readable file ({error})"),
    )]))
}
