//! `lethe run` of the experiment, as its user meets it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use lethe::associations::import::read;
use serde_json::Value;

use crate::tiny_world::{LETHE, folder, told};

const TINY: &str = "#v=1&x=associations&m=small&tk=safety,text&n=8&ft=4&wu=1&bs=2";

fn lethe(arguments: &[&str]) -> Output {
    Command::new(LETHE).args(arguments).output().unwrap()
}

fn shown(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The files of a finished run that say nothing of time.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file() && !path.ends_with("record.json"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect();
    found.sort();
    found
}

#[test]
fn a_run_leaves_matrices_that_complete_reads() {
    let out = folder("associations_measured", "left");
    let ran = lethe(&["run", TINY, "--out", shown(&out), "--json"]);
    assert_eq!(ran.status.code(), Some(0), "{}", told(&ran));
    let record: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(record, serde_json::from_slice::<Value>(&fs::read(out.join("record.json")).unwrap()).unwrap());
    assert_eq!(record["tasks"].as_array().unwrap().len(), 4);
    assert_eq!(record["spec"]["experiment"], "associations");
    assert!(record["findings"]["ceiling"]["reliability"].is_f64(), "{}", record["findings"]);
    assert!(record["findings"]["prediction"]["pearson"]["coefficient"].is_f64(), "{}", record["findings"]);
    let names: Vec<String> = files(&out).into_iter().map(|(name, _)| name).collect();
    for name in ["matrix.npy", "matrix.csv", "matrix-seed-0.npy", "matrix-seed-1.npy", "binary-seed-0.npy"] {
        assert!(names.iter().any(|found| found == name), "{name} of {names:?}");
    }
    let matrix = read(&fs::read(out.join("matrix.csv")).unwrap(), None).unwrap();
    let same = read(&fs::read(out.join("matrix.npy")).unwrap(), None).unwrap();
    assert_eq!(matrix.entries(), same.entries());
    assert_eq!(matrix.row_names(), ["harmful answered", "harmless refused", "text backwards", "text short"]);
    let properties = fs::read_to_string(out.join("properties.csv")).unwrap();
    assert_eq!(properties.lines().count(), 1 + matrix.rows() + matrix.columns());
    let of_matrix = |line: &&str| line.starts_with("example,0,");
    let first = properties.lines().find(of_matrix).unwrap();
    assert!(first.contains(&format!(",{},", matrix.column_names()[0])), "{first}");
    let completed = lethe(&["associations", "complete", shown(&out.join("matrix.csv")), "--json", "--seeds", "2"]);
    assert_eq!(completed.status.code(), Some(0), "{}", told(&completed));
    // The link in the record is the run.
    let again = lethe(&["run", record["link"].as_str().unwrap(), "--json"]);
    let again: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!((&again["run_id"], &again["findings"]), (&record["run_id"], &record["findings"]));
}

#[test]
fn a_killed_run_goes_on_to_the_same_bytes() {
    let (whole, killed) = (folder("associations_measured", "whole"), folder("associations_measured", "killed"));
    assert_eq!(lethe(&["run", TINY, "--out", shown(&whole)]).status.code(), Some(0));
    let cells = killed.join("cells");
    let finished = || {
        let names = fs::read_dir(&cells).into_iter().flatten().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().contains("seed") && !name.to_string_lossy().contains('.')).count()
    };
    // Killed more than once, wherever it is.
    for wanted in [1, 4] {
        let mut running = Command::new(LETHE)
            .args(["run", TINY, "--out", shown(&killed)])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while finished() < wanted && running.try_wait().unwrap().is_none() {
            assert!(begun.elapsed() < Duration::from_secs(120), "{} jobs after two minutes", finished());
            std::thread::sleep(Duration::from_millis(2));
        }
        let _ = running.kill();
        running.wait().unwrap();
    }
    let kept: Vec<(String, Vec<u8>)> = files(&cells);
    let before = finished();
    assert!(before >= 4, "{before}");
    let gone_on = lethe(&["run", TINY, "--out", shown(&killed)]);
    assert_eq!(gone_on.status.code(), Some(0), "{}", told(&gone_on));
    assert_eq!(files(&killed), files(&whole));
    // What was finished was not done again.
    let after = files(&cells);
    for (name, bytes) in kept.iter().filter(|(name, _)| name.contains("seed") && !name.contains('.')) {
        assert!(after.contains(&(name.clone(), bytes.clone())), "{name}");
    }
}

#[test]
fn a_record_and_its_link_are_verified() {
    let file = folder("associations_measured", "verified").join("record.json");
    let ran = lethe(&["run", "v=1&x=associations&wo=rotated&nt=3&ft=5&n=8", "--json"]);
    let mut record: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let verified = |record: &Value, what: &str| {
        fs::write(&file, record.to_string()).unwrap();
        let output = lethe(&["verify", what, "--json"]);
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), answer["verdict"].as_str().unwrap().to_owned())
    };
    let exact = (Some(0), "exact".to_owned());
    assert_eq!(verified(&record, shown(&file)), exact);
    assert_eq!(verified(&record, record["link"].as_str().unwrap()), exact);
    // A link of other settings, with what this one came to.
    let other = record["link"].as_str().unwrap().replace("ft=5", "ft=9");
    assert_eq!(verified(&record, &other), (Some(1), "differs".to_owned()));
    record["tasks"][0]["forgotten"][0] = 7.into();
    assert_eq!(verified(&record, shown(&file)), (Some(1), "differs".to_owned()));
    record["series"][0]["rise"] = "AA".into();
    fs::write(&file, record.to_string()).unwrap();
    let refused = lethe(&["verify", shown(&file)]);
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("series of task 0, seed 0, rise"), "{}", told(&refused));
}

#[test]
fn a_file_of_settings_says_the_same_as_a_link() {
    let folder = folder("associations_measured", "settings");
    let file = folder.join("spec.toml");
    let text = "experiment = \"associations\"\nworld = \"rotated\"\ntasks = 3\nsteps = 5\n";
    fs::write(&file, text).unwrap();
    let run = |what: &str| -> Value { serde_json::from_slice(&lethe(&["run", what, "--json"]).stdout).unwrap() };
    let (one, other) = (run(shown(&file)), run("v=1&x=associations&wo=rotated&nt=3&ft=5"));
    assert_eq!((&one["run_id"], &one["findings"]), (&other["run_id"], &other["findings"]));
}

#[test]
fn what_is_wrong_is_named() {
    let folder = folder("associations_measured", "wrong");
    let out = folder.join("run");
    let refused = |arguments: &[&str], words: &[&str]| {
        let output = lethe(arguments);
        assert_eq!(output.status.code(), Some(2), "{}", told(&output));
        for word in words {
            assert!(String::from_utf8_lossy(&output.stderr).contains(word), "{word}: {}", told(&output));
        }
    };
    let small = "v=1&x=associations&wo=rotated&nt=2&ft=2";
    refused(&["run", "v=1&x=associations&wo=moon&ft=0&tk=cats"], &["wo", "ft", "tk", "language, rotated", "cats"]);
    refused(&["run", small, "--device", "gpu"], &["device", "gpu", "cpu"]);
    refused(&["run", small, "--export-inputs", "x"], &["--export-inputs"]);
    refused(&["verify", small], &["fp", "fingerprint"]);
    refused(&["verify", small, "--device", "gpu"], &["device", "gpu", "cpu"]);
    assert_eq!(lethe(&["run", small, "--out", shown(&out)]).status.code(), Some(0));
    refused(&["run", "v=1&x=associations&wo=rotated&nt=3&ft=2", "--out", shown(&out)], &["out", "nt=2"]);
    let cell = out.join("cells/row-1-seed-0");
    fs::write(&cell, b"no cell").unwrap();
    refused(&["run", small, "--out", shown(&out)], &["row-1-seed-0", "remove the file"]);
    fs::remove_file(&cell).unwrap();
    assert_eq!(lethe(&["run", small, "--out", shown(&out)]).status.code(), Some(0));
}

#[test]
fn matrices_of_networks_are_read_by_their_names() {
    let out = folder("associations_measured", "networks");
    let ran = lethe(&["run", "v=1&x=associations&wo=permuted&nt=3&ft=20", "--out", shown(&out)]);
    assert_eq!(ran.status.code(), Some(0), "{}", told(&ran));
    for name in ["matrix.csv", "binary-seed-1.csv"] {
        let matrix = read(&fs::read(out.join(name)).unwrap(), None).unwrap();
        assert_eq!(matrix.row_names(), ["permuted 1", "permuted 2", "permuted 3"], "{name}");
        assert!(matrix.column_names()[0].starts_with("point "), "{name}");
    }
}
