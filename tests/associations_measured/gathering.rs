//! `lethe associations gather`: the matrix of runs of real models.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use lethe::associations::import::read;
use serde_json::Value;

use crate::tiny_world::{LETHE, folder, told, world};

fn lethe(arguments: &[&str]) -> Output {
    Command::new(LETHE).args(arguments).output().unwrap()
}

/// A run of a few steps that keeps the losses of so many examples.
fn tuned(world: &Path, out: &Path, data: &str, examples: u32) -> String {
    let path = |name: &str| world.join(name).display().to_string();
    let settings = format!(
        "model = {:?}\nout = {:?}\n[tuning]\nrank = 2\n[data]\nfiles = [{:?}]\nhold_out = 4\nsequence = 32\n\
         [training]\nsteps = 3\nbatch = 2\nlearning_rate = 0.01\n\
         [evaluation]\nat = \"ends\"\nlosses = {{ files = {:?}, limit = {examples} }}\n",
        path("small"),
        out.display().to_string(),
        path(data),
        path("pretraining.jsonl"),
    );
    let file = out.with_extension("toml");
    fs::write(&file, settings).unwrap();
    let ran = lethe(&["llama", "finetune", file.to_str().unwrap()]);
    assert!(ran.status.success(), "{}", told(&ran));
    out.display().to_string()
}

#[test]
fn a_gathered_matrix_holds_the_losses_of_the_records() {
    let world = world("associations_measured", 60);
    let here = folder("associations_measured", "gathered");
    let orca = tuned(&world, &here.join("orca"), "orca.jsonl", 12);
    let news = tuned(&world, &here.join("news"), "news.jsonl", 12);
    let out = here.join("matrix");
    let out = out.to_str().unwrap();
    let gathered = lethe(&["associations", "gather", &orca, &format!("{news}/record.json"), "--out", out]);
    assert_eq!(gathered.status.code(), Some(0), "{}", told(&gathered));
    let matrix = read(&fs::read(Path::new(out).join("matrix.npy")).unwrap(), None).unwrap();
    let named = read(&fs::read(Path::new(out).join("matrix.csv")).unwrap(), None).unwrap();
    assert_eq!((matrix.rows(), matrix.columns()), (2, 12));
    assert_eq!(matrix.entries(), named.entries());
    for (row, run) in [&orca, &news].into_iter().enumerate() {
        let record: Value = serde_json::from_slice(&fs::read(Path::new(run).join("record.json")).unwrap()).unwrap();
        assert_eq!(named.row_names()[row], record["run_id"].as_str().unwrap());
        let points = record["points"].as_array().unwrap();
        let losses = &points[points.len() - 1]["measures"]["losses"];
        for (column, &entry) in matrix.row(row).iter().enumerate() {
            let of = |which: &str| losses[which][column].as_f64().unwrap();
            assert_eq!(entry, (of("tuned") - of("base")) as f32);
        }
    }
    assert!(matrix.entries().iter().any(|entry| entry.abs() > 1e-4), "something has moved");
    let base = fs::read_to_string(Path::new(out).join("base.csv")).unwrap();
    assert_eq!(base.lines().count(), 13);

    // Other examples make no row of the same matrix, and a run without losses makes none at all.
    let fewer = tuned(&world, &here.join("fewer"), "news.jsonl", 5);
    let refused = lethe(&["associations", "gather", &orca, &fewer, "--out", out]);
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("losses.tokens"), "{}", told(&refused));
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/llama_records/rank-8.json");
    let refused = lethe(&["associations", "gather", golden, "--out", out]);
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("evaluation.losses"), "{}", told(&refused));
    let refused = lethe(&["associations", "gather", "nowhere", "--out", out]);
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
    // The base of another size is another base.
    let text = fs::read_to_string(Path::new(&orca).join("record.json")).unwrap();
    let mut record: Value = serde_json::from_str(&text).unwrap();
    for point in record["points"].as_array_mut().unwrap() {
        point["measures"]["losses"]["base"][3] = 9.0.into();
    }
    let forged = here.join("forged.json");
    fs::write(&forged, record.to_string()).unwrap();
    let refused = lethe(&["associations", "gather", &orca, forged.to_str().unwrap(), "--out", out]);
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("losses.base"), "{}", told(&refused));
}
