//! `lethe run` and `lethe verify` of the experiment, as their user meets them.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

const TINY: &str = "#v=1&x=laws&m=small&r=1,2&ft=4&s=0";

fn lethe(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lethe")).args(arguments).output().expect("it runs")
}

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

#[test]
fn a_run_leaves_what_can_be_verified() {
    let folder = folder("laws");
    let out = folder.to_str().expect("a path");
    let ran = lethe(&["run", TINY, "--out", out, "--json"]);
    assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
    let told: Value = serde_json::from_slice(&ran.stdout).expect("one object");
    for key in ["schema", "run_id", "link", "fingerprint", "engine", "spec", "summary", "series", "timing"] {
        assert!(!told[key].is_null(), "{key}");
    }
    let cells = told["summary"]["cells"].as_array().expect("cells");
    assert_eq!(cells.len(), 2);
    assert_eq!((&cells[1]["rank"], &cells[1]["base"]), (&2.into(), &"small".into()));
    assert!(cells[1]["forgetting"]["median"].is_f64() && cells[1]["abilities"]["kept"].is_number());
    for file in ["series.csv", "exchange.svg", "over-steps.svg", "abilities.svg", "published.svg"] {
        assert!(folder.join(file).metadata().is_ok_and(|about| about.len() > 500), "{file}");
    }
    let record = folder.join("record.json");
    let path = record.to_str().expect("a path");
    let verified = lethe(&["verify", path, "--json"]);
    let verdict: Value = serde_json::from_slice(&verified.stdout).expect("one object");
    assert_eq!((verified.status.code(), &verdict["verdict"]), (Some(0), &"exact".into()));
    let link = told["link"].as_str().expect("a link");
    assert_eq!(lethe(&["verify", link]).status.code(), Some(0));
    let mut forged = told.clone();
    forged["series"][0]["points"][3]["forgetting"] = 9.0.into();
    std::fs::write(folder.join("forged.json"), forged.to_string()).expect("a file");
    assert_eq!(lethe(&["verify", folder.join("forged.json").to_str().expect("a path")]).status.code(), Some(1));
}

#[test]
fn settings_files_say_the_same_as_links() {
    let file = folder("laws.toml");
    let text = "experiment = \"laws\"\nbases = [\"small\"]\nranks = [1, 2]\nsteps = 4\nseeds = [0]\n";
    std::fs::write(&file, text).expect("a file");
    let id = |what: &str| {
        let told: Value = serde_json::from_slice(&lethe(&["run", what, "--json"]).stdout).expect("one object");
        (told["run_id"].clone(), told["fingerprint"].clone())
    };
    assert_eq!(id(file.to_str().expect("a path")), id(TINY));
}

#[test]
fn wrong_input_ends_with_2_and_names_the_field() {
    for (arguments, field) in [
        (vec!["run", "#v=1&x=laws&r=0"], "r = \"0\""),
        (vec!["run", "#v=1&x=laws&fam=top3"], "families = \"top3\""),
        (vec!["run", TINY, "--device", "gpu"], "device = \"gpu\""),
        (vec!["run", TINY, "--export-inputs", "somewhere"], "--export-inputs"),
        (vec!["verify", TINY], "fp"),
    ] {
        let done = lethe(&arguments);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.code() == Some(2) && said.contains(field), "{arguments:?}: {said}");
    }
}
