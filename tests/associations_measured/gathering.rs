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
    with_seed(world, out, data, examples, 0)
}

fn with_seed(world: &Path, out: &Path, data: &str, examples: u32, seed: u32) -> String {
    let path = |name: &str| world.join(name).display().to_string();
    let settings = format!(
        "model = {:?}\nout = {:?}\nseed = {seed}\n[tuning]\nrank = 2\n[data]\nfiles = [{:?}]\nhold_out = 4\nsequence = 32\n\
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

/// The entries of a gathered matrix.
fn entries(folder: &Path, name: &str) -> Vec<f32> {
    read(&fs::read(folder.join(name)).unwrap(), None).unwrap().into_entries()
}

#[test]
fn runs_that_differ_by_their_seed_are_one_row_of_several_matrices() {
    let world = world("associations_measured", 60);
    let here = folder("associations_measured", "gathered_seeds");
    let runs: Vec<String> = [("orca", 0), ("news", 0), ("orca", 3), ("news", 3)]
        .into_iter()
        .map(|(data, seed)| with_seed(&world, &here.join(format!("{data}-{seed}")), &format!("{data}.jsonl"), 12, seed))
        .collect();
    let out = here.join("matrix");
    let gather = |runs: &[String], out: &Path| {
        let runs: Vec<&str> = runs.iter().map(String::as_str).collect();
        let gathered = lethe(&[&["associations", "gather"], &runs[..], &["--out", out.to_str().unwrap()]].concat());
        assert_eq!(gathered.status.code(), Some(0), "{}", told(&gathered));
        String::from_utf8_lossy(&gathered.stdout).into_owned()
    };
    let said = gather(&runs, &out);
    assert!(said.contains("4 models, 2 tasks x 12 examples") && said.contains("noise ceiling"), "{said}");
    let [first, other, mean] =
        ["matrix-seed-0", "matrix-seed-3", "matrix"].map(|name| entries(&out, &format!("{name}.npy")));
    assert!(first != other && first.len() == 24);
    for (at, mean) in mean.iter().enumerate() {
        assert_eq!(*mean, (0.5 * (f64::from(first[at]) + f64::from(other[at]))) as f32);
    }
    // One seed alone is the matrix of that seed, without a ceiling.
    let alone = here.join("alone");
    assert!(!gather(&runs[..2], &alone).contains("ceiling"));
    assert_eq!(entries(&alone, "matrix.npy"), first);
    assert!(!alone.join("matrix-seed-0.npy").exists());
    // A task that lacks a seed has a missing row there, and the same run twice is two rows.
    let lacking = here.join("lacking");
    gather(&[&runs[..3], &runs[..1]].concat(), &lacking);
    let lacks = entries(&lacking, "matrix-seed-3.npy");
    assert!(lacks[..12] == other[..12] && lacks[12..].iter().all(|entry| entry.is_nan()) && lacks.len() == 36);
    assert_eq!(entries(&lacking, "matrix-seed-0.npy"), [&first[..], &first[..12]].concat());
}

#[test]
fn checkpoints_of_an_evaluation_are_rows() {
    let world = world("associations_measured", 60);
    let here = folder("associations_measured", "gathered_evaluation");
    let runs = ["orca", "news"].map(|data| tuned(&world, &here.join(data), &format!("{data}.jsonl"), 12));
    let found = |folder: &Path| -> Vec<String> {
        let saved = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        saved.filter(|path| path.join("adapter_config.json").exists()).map(|path| path.display().to_string()).collect()
    };
    let adapters: Vec<String> = runs.iter().flat_map(|run| found(Path::new(run))).collect();
    assert!(adapters.len() >= 2, "{adapters:?}");
    let path = |name: &str| world.join(name).display().to_string();
    let evaluated = here.join("evaluated");
    let settings = format!(
        "model = {:?}\nadapters = {adapters:?}\nout = {:?}\n[evaluation]\n\
         losses = {{ files = {:?}, limit = 12 }}\n",
        path("small"),
        evaluated.display().to_string(),
        path("pretraining.jsonl")
    );
    let file = here.join("evaluation.toml");
    fs::write(&file, settings).unwrap();
    let ran = lethe(&["llama", "evaluate", file.to_str().unwrap()]);
    assert!(ran.status.success(), "{}", told(&ran));
    let out = here.join("matrix");
    let gathered = lethe(&["associations", "gather", evaluated.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert_eq!(gathered.status.code(), Some(0), "{}", told(&gathered));
    let matrix = read(&fs::read(out.join("matrix.csv")).unwrap(), None).unwrap();
    assert_eq!((matrix.rows(), matrix.columns()), (adapters.len(), 12));
    let text = fs::read_to_string(evaluated.join("evaluation.json")).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    for (row, checkpoint) in document["checkpoints"].as_array().unwrap().iter().enumerate() {
        let losses = &checkpoint["measures"]["losses"];
        for (column, &entry) in matrix.row(row).iter().enumerate() {
            let of = |which: &str| losses[which][column].as_f64().unwrap();
            assert_eq!(entry, (of("tuned") - of("base")) as f32);
        }
    }
    // Evaluations that kept no losses of single examples have no rows.
    let bare = text.replace("\"losses\"", "\"others\"");
    fs::write(&file, bare).unwrap();
    let refused = lethe(&["associations", "gather", file.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("evaluation.losses"), "{}", told(&refused));
}
