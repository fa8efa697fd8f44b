//! `lethe llama merge`.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::adapter::Adapter;
use super::folder::Folder;
use super::tensors::{self, Unwritten};
use crate::error::{Problem, Problems};
use crate::model::llama::{Device, Fault, Llama, Precision, Stored};
use crate::native::cli::Failure;
use crate::native::{files, folders};

/// Arguments of `lethe llama merge`.
#[derive(clap::Args)]
pub struct Arguments {
    /// The base: a Hugging Face folder.
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// The adapter: a folder of PEFT's.
    #[arg(long, value_name = "DIR")]
    adapter: PathBuf,
    /// Write config.json, the weights and the tokenizer here.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How weights are written: f32, f16 or bf16; without it as config.json says that the base's are.
    #[arg(long, value_parser = precision)]
    precision: Option<Precision>,
    /// Gigabytes (10^9 bytes) of the largest file of weights, but for a tensor that is larger.
    #[arg(long, value_name = "GB", default_value_t = 5.0, value_parser = gigabytes)]
    shard: f64,
}

pub fn precision(name: &str) -> Result<Precision, String> {
    Precision::named(name).ok_or_else(|| format!("accepted: {}", Precision::ALL.map(Precision::name).join(", ")))
}

fn gigabytes(text: &str) -> Result<f64, String> {
    let found = text.parse::<f64>().ok().filter(|size| *size > 0.0 && *size <= 1e6);
    found.ok_or_else(|| "accepted: a number above 0 and up to 1000000".to_owned())
}

/// Takes an adapter into the weights of its base, and writes what transformers opens.
///
/// # Errors
/// Folders that are no base or no adapter of it, or one that cannot be written or has something in it.
pub fn merge(arguments: &Arguments) -> Result<(), Failure> {
    let folder = Folder::open(&arguments.model)?;
    let adapter = Adapter::open(&arguments.adapter)?;
    let own = folder.own_precision()?;
    let chosen = arguments.precision.unwrap_or(own);
    // What is rounded once is what is nearest: in a precision of its own the sum is not rounded before it is written.
    let held = if chosen == own { own } else { Precision::F32 };
    let model = adapter.onto(folder.model(held, &Device::flex())?)?.merged();
    let shards = shards(&model, chosen, arguments.shard * 1e9);
    let tensors: usize = shards.iter().map(Vec::len).sum();
    let bytes: usize = shards.iter().flatten().map(Stored::bytes).sum();
    folders::create(&arguments.out, |out| {
        for (name, bytes) in folder.beside(chosen)? {
            files::write(&out.join(name), &bytes)?;
        }
        write(out, &shards, bytes)
    })?;
    let (count, name) = (shards.len(), chosen.name());
    say!("{tensors} tensors, {bytes} bytes in {name}, in {count} files: {}", arguments.out.display());
    Ok(())
}

/// The tensors of a model in the order of its layers, in files of up to so many bytes.
fn shards(model: &Llama, precision: Precision, most: f64) -> Vec<Vec<Stored>> {
    let mut shards: Vec<Vec<Stored>> = Vec::new();
    let mut size = 0;
    for stored in model.stored(precision) {
        let bytes = stored.bytes();
        match shards.last_mut() {
            Some(shard) if (size + bytes) as f64 <= most => shard.push(stored),
            _ => {
                size = 0;
                shards.push(vec![stored]);
            }
        }
        size += bytes;
    }
    shards
}

/// Writes files of weights and, where they are several, the index.
fn write(out: &Path, shards: &[Vec<Stored>], bytes: usize) -> Result<(), Failure> {
    let mut places = Map::new();
    for (index, shard) in shards.iter().enumerate() {
        let name = match shards.len() {
            1 => "model.safetensors".to_owned(),
            count => format!("model-{:05}-of-{count:05}.safetensors", index + 1),
        };
        write_shard(&out.join(&name), shard)?;
        places.extend(shard.iter().map(|stored| (stored.name.clone(), Value::from(name.clone()))));
    }
    if shards.len() > 1 {
        let index = json!({ "metadata": { "total_size": bytes }, "weight_map": places });
        files::write(&out.join("model.safetensors.index.json"), format!("{index:#}\n").as_bytes())?;
    }
    Ok(())
}

fn write_shard(path: &Path, shard: &[Stored]) -> Result<(), Failure> {
    tensors::write(path, shard).map_err(|unwritten| match unwritten {
        Unwritten::Fault(Fault(text)) => {
            let accepted = format!("one that holds every weight of the merged model ({text})");
            Failure::Input(Problems(vec![Problem::new("precision", shard[0].precision.name(), accepted)]))
        }
        Unwritten::System(error) => Failure::Other(format!("cannot write {}: {error}", path.display())),
    })
}
