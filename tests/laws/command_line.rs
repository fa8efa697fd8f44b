//! `lethe laws` as its user meets it.

use std::path::PathBuf;
use std::process::{Command, Output};

use lethe::laws::published::{OPEN_ORCA, Published};
use serde_json::Value;

use crate::grid::{Noise, rows};

fn lethe(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lethe")).arg("laws").args(arguments).output().unwrap()
}

fn json(output: &Output) -> Value {
    assert!(!output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn file(name: &str, text: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn grid(name: &str, of: &Published, runs: usize) -> String {
    let mut text = "parameters,steps,fine_tuning_loss,forgetting,run\n".to_owned();
    for row in rows(of, Noise::Both, 3, runs) {
        let run = row.run.unwrap();
        text.push_str(&format!("{},{},{},{},{run}\n", row.parameters, row.steps, row.fine_tuning_loss, row.forgetting));
    }
    file(name, &text)
}

#[test]
fn fit_has_the_keys_that_scripts_rely_on() {
    let path = grid("laws-fit.csv", &OPEN_ORCA, 2);
    let done = lethe(&["fit", &path, "--bootstrap", "60", "--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let found = json(&done);
    for name in ["slope", "intercept", "r2"] {
        assert!(found["linear"][name].is_f64(), "{name}");
    }
    let names = [
        "a_f", "a_ft", "b_f", "b_ft", "c_ft", "c_f_ft", "s_ft", "s_f_ft", "alpha_f", "alpha_ft", "beta_f", "beta_ft",
        "rho",
    ];
    for name in names {
        assert!(found["joint"]["parameters"][name].is_number(), "{name}");
        assert!(found["intervals"]["joint"][name]["low"].is_number(), "{name}");
    }
    assert!(found["joint"]["r2_fine_tuning"].is_f64() && found["joint"]["r2_forgetting"].as_f64() > Some(0.93));
    assert!(found["held_out"]["ratio_forgetting"].as_f64() < Some(1.6), "{}", found["held_out"]);
    assert!(found["warnings"].is_array());
    assert!(found["intervals"]["linear"]["slope"]["low"].as_f64() <= found["linear"]["slope"].as_f64());
}

#[test]
fn every_law_can_be_asked_for_and_told_in_words() {
    let path = grid("laws-words.csv", &OPEN_ORCA, 1);
    for (law, word) in [("linear", "linear "), ("power", "power "), ("joint", "rho")] {
        let done = lethe(&["fit", &path, "--law", law, "--bootstrap", "20", "--loss", "soft-l1"]);
        assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
        assert!(String::from_utf8_lossy(&done.stdout).contains(word), "{law}");
    }
    let none = lethe(&["fit", &path, "--law", "replay"]);
    assert_eq!(none.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&none.stderr).contains("replay"));
    let held = json(&lethe(&["fit", &path, "--hold-out", "steps>150", "--bootstrap", "0", "--json"]));
    assert_eq!((held["held_out"]["predicted"].as_u64(), &held["intervals"]), (Some(66), &Value::Null));
}

#[test]
fn wrong_input_ends_with_2_and_names_lines() {
    let path = file("laws-bad.csv", "parameters,steps,fine_tuning_loss,forgetting\n8,50,1,1\n8,60,nan,1\n8,70,1\n");
    let done = lethe(&["fit", &path, "--json"]);
    let errors = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(2), "{errors}");
    assert!(
        errors.contains("line 3, fine_tuning_loss = \"nan\"") && errors.contains("line 4 = \"3 cells\""),
        "{errors}"
    );
    assert!(done.stdout.is_empty());
    let good = grid("laws-good.csv", &OPEN_ORCA, 1);
    for wrong in [
        &["fit", "no-such-file.csv"][..],
        &["fit", &good, "--columns", "parameters"],
        &["fit", &good, "--units", "steps=dozen"],
        &["fit", &good, "--set", "colour=red"],
        &["fit", &good, "--hold-out", "rank>64"],
        &["fit", &good, "--hold-out", "steps>1e9"],
        &["fit", &good, "--warm-up", "1000"],
        &["fit", &good, "--warm-up", "nan"],
        &["advise", &good, "--forgetting-budget", "nan"],
        &["advise", &good],
    ] {
        assert_eq!(lethe(wrong).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn advise_answers_or_refuses_with_1() {
    let path = grid("laws-pilot.csv", &OPEN_ORCA, 3);
    let done = lethe(&["advise", &path, "--forgetting-budget", "0.87", "--bootstrap", "100", "--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let found = json(&done);
    assert!(found["advice"]["best"]["steps"].is_f64() && found["refusal"].is_null());
    let done = lethe(&["advise", &path, "--forgetting-budget", "0.1", "--bootstrap", "100", "--json"]);
    assert_eq!(done.status.code(), Some(1));
    let found = json(&done);
    assert_eq!(found["refusal"]["id"], "budget_below_what_was_seen");
    assert!(found["advice"].is_null());
}
