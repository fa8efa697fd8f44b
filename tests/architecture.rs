//! Holds `src/` to its layers: reads every path that the code names and fails on a breach.
//!
//! The table is that of `docs/architecture.md`. The scan is textual, so it also sees code that the
//! features or the target of this very build leave out.

#[path = "architecture/scan.rs"]
mod scan;

use scan::{modules_named, names, without_comments_and_strings};
use std::fs;
use std::path::{Path, PathBuf};

/// Modules by layer; a layer names only itself and those above it.
const LAYERS: [(&str, &[&str]); 7] = [
    ("foundation", &["decimal", "error", "seed", "sorted_map", "stats"]),
    ("mathematics", &["kernel", "laws", "associations"]),
    ("learning", &["data", "model", "train", "engine", "metrics"]),
    ("experiments", &["experiments"]),
    ("records", &["record", "figure", "report"]),
    ("platform", &["platform"]),
    ("shells", &["web", "native", "bin"]),
];

/// Pairs that the order of the table would allow and the design does not: (module, what it must not name).
const STRANGERS: [(&str, &[&str]); 3] =
    [("platform", &["experiments", "record", "figure", "report"]), ("web", &["native"]), ("native", &["web"])];
/// Learning and mathematics know nothing of each other: experiments join them.
const SEPARATE: (&str, &str) = ("mathematics", "learning");

/// What may be named in some places only: (spelling, those places, why).
const CONFINED: [(&str, &[&str], &str); 10] = [
    ("web_sys", BROWSER, "the browser is a matter of the page"),
    ("js_sys", BROWSER, "the browser is a matter of the page"),
    ("wasm_bindgen", BROWSER, "the browser is a matter of the page"),
    ("wasm_bindgen_futures", BROWSER, "the browser is a matter of the page"),
    ("serde_wasm_bindgen", BROWSER, "the browser is a matter of the page"),
    ("plotters_canvas", BROWSER, "the browser is a matter of the page"),
    ("clap", &["native/"], "arguments are a matter of the command line"),
    ("tokenizers", &["native/"], "text models are a matter of the command line"),
    ("std::fs", &["native/"], "files are a matter of the command line; everything else takes bytes"),
    ("target_family", &["lib.rs", "platform/mod.rs", "bin/"], "platforms differ behind one seam"),
];
const BROWSER: &[&str] = &["web/", "web.rs", "platform/web.rs"];

/// Layers that know no tensors.
const WITHOUT_TENSORS: [&str; 2] = ["foundation", "mathematics"];

#[test]
fn every_module_names_only_layers_above_it() {
    let sources = sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")));
    assert!(sources.len() > 5, "the scan found only {} files", sources.len());
    let found: Vec<String> = sources.iter().flat_map(|(file, text)| breaches(file, text)).collect();
    assert!(found.is_empty(), "breaches of the layers:\n{}", found.join("\n"));
}

#[test]
fn a_planted_breach_is_found() {
    let planted = [
        ("seed.rs", "use crate::train::Optimiser;"),
        ("seed.rs", "fn f() -> crate::record::Record { todo() }"),
        ("stats/mod.rs", "use super::record::Record;"),
        ("stats/quantile.rs", "use super::super::experiments as e;"),
        ("kernel/ntk.rs", "use crate::{error::Error, data::Clouds};"),
        ("kernel/ntk.rs", "use burn::Tensor;"),
        ("kernel/ntk.rs", "use ::burn::Tensor;"),
        ("engine/fused.rs", "use crate::{\n    error::Error,\n    laws::{self, Joint},\n};"),
        ("model/mlp.rs", "use web_sys::console;"),
        ("data/mod.rs", "use std::{fs, io};"),
        ("experiments/width.rs", "let text = std::fs::read(path);"),
        ("experiments/width.rs", "#[cfg(target_family = \"wasm\")]\nfn f() {}"),
        ("experiments/width.rs", "use crate::platform::now;"),
        ("platform/native.rs", "use crate::experiments::Spec;"),
        ("platform/native.rs", "use wasm_bindgen::JsValue;"),
        ("web/page.rs", "use crate::native::cli;"),
        ("native/cli.rs", "use crate::web::page;"),
        ("web/page.rs", "use clap::Parser;"),
        ("bin/page.rs", "use lethe::web::page; use web_sys::window;"),
        ("gadgets/mod.rs", "pub struct Gadget;"),
    ];
    for (file, text) in planted {
        assert!(!breaches(file, text).is_empty(), "{text:?} in {file} was not found");
    }
}

#[test]
fn honest_code_is_no_breach() {
    let honest = [
        ("lib.rs", "pub mod seed;\n#[cfg(target_family = \"wasm\")]\npub mod web;"),
        ("seed.rs", "/// Not `crate::train::Optimiser`.\n// use crate::record::Record;"),
        ("seed.rs", "const WORDS: &str = \"use crate::record::Record\";"),
        ("model/mlp.rs", "use crate::{error::Error, seed::Seed};\nuse super::Activation;"),
        ("engine/fused.rs", "use crate::data::Clouds;\nuse crate::engine::lanes;"),
        ("record/mod.rs", "mod tests { use super::*; }"),
        ("experiments/mod.rs", "use crate::{kernel::ntk, train::Phase};"),
        ("web/page.rs", "use crate::platform::web as browser; use web_sys::console;"),
        ("native/files.rs", "use std::{fs, io};\nuse clap::Parser;"),
        ("bin/lethe.rs", "fn main() { lethe::native::main(); }"),
        ("platform/mod.rs", "#[cfg(target_family = \"wasm\")]\npub use web::now;"),
    ];
    for (file, text) in honest {
        assert_eq!(breaches(file, text), Vec::<String>::new(), "{text:?} in {file}");
    }
}

#[test]
fn both_lint_configurations_ban_the_same_elementary_functions() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let banned = |file: &str| -> Vec<String> {
        let text = fs::read_to_string(root.join(file)).expect("the lint configuration is readable");
        text.lines().filter(|line| line.contains("\"f32::") || line.contains("\"f64::")).map(str::to_owned).collect()
    };
    let native = banned("clippy.toml");
    assert!(native.len() > 40, "only {} functions are banned", native.len());
    assert_eq!(native, banned("clippy/wasm/clippy.toml"));
}

/// Every Rust file under `root`, named relative to it with forward slashes, and its text.
fn sources(root: &Path) -> Vec<(String, String)> {
    let mut folders: Vec<PathBuf> = vec![root.to_path_buf()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("src is readable") {
            let path = entry.expect("src is readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).expect("it lies under src");
                let name = name.to_string_lossy().replace('\\', "/");
                found.push((name, fs::read_to_string(&path).expect("source is text")));
            }
        }
    }
    found.sort();
    found
}

/// What `text`, the content of `src/<file>`, names although it must not: one sentence each.
fn breaches(file: &str, text: &str) -> Vec<String> {
    let code = without_comments_and_strings(text);
    let mut found = Vec::new();
    for (spelling, places, why) in CONFINED {
        let allowed = places.iter().any(|place| match place.strip_suffix('/') {
            Some(folder) => file.starts_with(folder) && file[folder.len()..].starts_with('/'),
            None => file == *place,
        });
        if !allowed && names(&code, spelling) {
            found.push(format!("src/{file} names {spelling}: {why}"));
        }
    }
    if file == "lib.rs" {
        return found;
    }

    let own = file.split(['/', '.']).next().unwrap_or(file);
    let Some(own_layer) = layer(own) else {
        found.push(format!("src/{file}: the module {own} is in no layer of the table"));
        return found;
    };
    if WITHOUT_TENSORS.contains(&LAYERS[own_layer].0) && names(&code, "burn") {
        found.push(format!("src/{file} names burn: {} knows no tensors", LAYERS[own_layer].0));
    }
    for other in modules_named(file, &code) {
        let Some(other_layer) = layer(&other) else {
            continue;
        };
        let strangers = STRANGERS.iter().any(|(module, unknown)| *module == own && unknown.contains(&other.as_str()));
        let separate = [(own_layer, other_layer), (other_layer, own_layer)]
            .iter()
            .any(|(a, b)| (LAYERS[*a].0, LAYERS[*b].0) == SEPARATE);
        if other != own && (other_layer > own_layer || strangers || separate) {
            found.push(format!("src/{file} ({}) names {other} ({})", LAYERS[own_layer].0, LAYERS[other_layer].0));
        }
    }
    found
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|(_, modules)| modules.contains(&module))
}
