//! Residual and normalised networks on the command line, where their kernel is taken.

use std::process::{Command, Output};

const SMALL: &str = "w=8&d=2&act=tanh&pre=60&ft=20&n=8&s=0..5";

fn lethe(arguments: &[&str]) -> Output {
    let done = Command::new(env!("CARGO_BIN_EXE_lethe")).args(arguments).output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    done
}

fn printed(arguments: &[&str]) -> serde_json::Value {
    serde_json::from_slice(&lethe(arguments).stdout).unwrap()
}

/// Bit for bit, because a network's sums are always those of the same machine.
#[test]
fn a_prediction_verifies_exactly() {
    for block in ["residual", "norm", "resnorm"] {
        let record = printed(&["run", &format!("#v=1&x=ntk&bl={block}&p=0,0.1&{SMALL}"), "--json"]);
        let cell = &record["summary"]["cells"][0];
        let error = cell["drift_relative_error"]["median"].as_f64().unwrap();
        assert!(error > 0.0 && error < 1.0, "{block}: {error}");
        let verified = lethe(&["verify", record["link"].as_str().unwrap()]);
        let verdict = String::from_utf8_lossy(&verified.stdout);
        assert!(verdict.starts_with("reproduced exactly"), "{block}: {verdict}");
    }
}

#[test]
fn schedules_are_prescribed() {
    let link = format!("#v=1&x=curriculum&bl=resnorm&sg=4&{}", SMALL.replace("pre=60&ft=20", "pre=100&ft=40"));
    let record = printed(&["run", &link, "--json"]);
    let cells = record["summary"]["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 7);
    assert!(cells.iter().all(|cell| cell["ood_loss"]["median"].is_f64()), "{cells:?}");
    let told = printed(&["curriculum", &link, "--json"]);
    assert!(told.is_object(), "{told}");
}

#[test]
fn theory_tells_of_a_network_and_its_trained_curve() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("theory of a deep network");
    let _ = std::fs::remove_dir_all(&folder);
    let link = format!("#v=1&x=ntk&bl=resnorm&p=0.1&{SMALL}");
    let told = printed(&["theory", &link, "--json", "--out", folder.to_str().unwrap()]);
    let statements: Vec<&str> =
        told["statements"].as_array().unwrap().iter().map(|statement| statement["id"].as_str().unwrap()).collect();
    assert_eq!(statements, ["stability", "spectrum", "modes", "first-order", "pull-back", "recovery", "limit"]);
    let bytes = std::fs::read(folder.join("kernel.npy")).unwrap();
    let kernel: ndarray::Array2<f64> = ndarray_npy::ReadNpyExt::read_npy(&bytes[..]).unwrap();
    let trace: f64 = (0..16).map(|i| kernel[[i, i]] * if i < 8 { 0.9 } else { 0.1 } / 8.0).sum();
    let eigenvalues = told["spectrum"]["eigenvalues"].as_array().unwrap();
    let sum: f64 = eigenvalues.iter().map(|value| value.as_f64().unwrap()).sum();
    assert!((sum / trace - 1.0).abs() < 1e-6, "eigenvalues add up to the trace: {sum}, {trace}");
    assert!(told["old_task_loss"]["trained_at_0.1"].is_array(), "{}", told["old_task_loss"]);
}
