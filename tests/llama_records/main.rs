//! Records of real Llamas: what they hold, what they refuse, what is told of them. `cargo test --test llama_records`.

mod made;
mod reading;
mod schema;
#[path = "../schema/mod.rs"]
mod schemas;
mod telling;

use lethe::record::llama::Record;

/// A committed record as it lies there.
pub fn json(name: &str) -> String {
    let file = made::folder().join(format!("{name}.json"));
    std::fs::read_to_string(&file).expect("a committed record; `--ignored` writes it")
}

/// The same, read.
pub fn record(name: &str) -> Record {
    Record::read(json(name).as_bytes()).expect("a record of this build")
}
