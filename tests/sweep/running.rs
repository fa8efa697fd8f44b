//! Runs of a sweep on this machine: stopped, killed, shared with another process, gathered.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{folder, text};

const SWEEP: &str = r#"
[run]
model = "world/small"
data = { files = ["world/orca.jsonl"], format = "chat", template = "chat", sequence = 32, hold_out = 8 }
training = { steps = 24, batch = 4, micro_batch = 4, save_every = 2, learning_rate = 1e-3, threads = 1 }
evaluation = { at = [4, 12], forgetting = { files = ["world/general.jsonl"], windows = 2, length = 16 } }
[vary]
seed = [0, 1]
tuning.rank = [2, 4]
"#;

/// A folder with the language world and a sweep file of each of these names.
fn world(name: &str, sweeps: &[&str]) -> PathBuf {
    let folder = folder(name);
    succeeds(&folder, &["llama", "world", "--out", "world", "--documents", "200"]);
    sweeps.iter().for_each(|sweep| fs::write(folder.join(format!("{sweep}.toml")), SWEEP).unwrap());
    folder
}

fn lethe(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lethe"));
    command.args(arguments).current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env_remove("SLURM_ARRAY_TASK_ID").env_remove("JOB_COMPLETION_INDEX");
    command
}

fn succeeds(folder: &Path, arguments: &[&str]) -> String {
    let done = lethe(folder, arguments).output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{arguments:?}: {}", text(&done.stderr));
    text(&done.stdout)
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

fn runs(folder: &Path, sweep: &str) -> Vec<Value> {
    let status: Value = serde_json::from_str(&succeeds(folder, &["sweep", "status", sweep, "--json"])).unwrap();
    status["runs"].as_array().unwrap().clone()
}

/// Waits until something holds of the runs.
fn until(folder: &Path, sweep: &str, holds: impl Fn(&[Value]) -> bool) {
    let start = Instant::now();
    while !holds(&runs(folder, sweep)) {
        assert!(start.elapsed() < Duration::from_secs(240), "{:?}", runs(folder, sweep));
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// What a run leaves that does not say where and how long it was computed.
fn left(folder: &Path, sweep: &str, run: &Value) -> (Value, String, Vec<u8>) {
    let at = folder.join(sweep).join(run["name"].as_str().unwrap());
    let mut record: Value = serde_json::from_slice(&fs::read(at.join("record.json")).unwrap()).unwrap();
    record.as_object_mut().unwrap().remove("timing");
    record["settings"].as_object_mut().unwrap().remove("out");
    let log = fs::read_to_string(at.join("log.csv")).unwrap();
    (record, log, fs::read(at.join("adapter/adapter_model.safetensors")).unwrap())
}

#[test]
#[cfg(unix)]
fn runs_that_were_stopped_and_killed_end_as_undisturbed_ones_and_are_gathered() {
    let folder = world("stopped", &["disturbed", "quiet"]);
    let saved = |run: &Value| run["state"] == "running" && run["step"].as_u64() > Some(0);

    // All processes of a pool end with it, each with what it has saved.
    let mut pool = lethe(&folder, &["sweep", "run", "disturbed.toml", "-j", "2"]).spawn().unwrap();
    until(&folder, "disturbed.toml", |runs| runs.iter().any(saved));
    assert!(Command::new("kill").args(["-TERM", &pool.id().to_string()]).status().unwrap().success());
    let status = pool.wait().unwrap();
    let after = runs(&folder, "disturbed.toml");
    assert!(after.iter().all(|run| run["state"] != "running" && run["state"] != "failed"), "{after:?}");
    let is_whole = after.iter().all(|run| run["state"] == "done");
    assert_eq!(status.code(), Some(if is_whole { 0 } else { 3 }));

    // Killed, a pool leaves its processes without input, by which they know.
    let mut pool = lethe(&folder, &["sweep", "run", "disturbed.toml", "-j", "1"]).spawn().unwrap();
    until(&folder, "disturbed.toml", |runs| runs.iter().any(saved) || runs.iter().all(|run| run["state"] == "done"));
    pool.kill().unwrap();
    pool.wait().unwrap();
    until(&folder, "disturbed.toml", |runs| runs.iter().all(|run| run["state"] != "running"));

    // And a run itself, by the index of a cluster's task.
    let mut task = lethe(&folder, &["sweep", "run", "disturbed.toml"]).env("SLURM_ARRAY_TASK_ID", "3").spawn().unwrap();
    until(&folder, "disturbed.toml", |runs| saved(&runs[3]) || runs[3]["state"] == "done");
    task.kill().unwrap();
    task.wait().unwrap();

    succeeds(&folder, &["sweep", "run", "disturbed.toml", "-j", "2"]);
    succeeds(&folder, &["sweep", "run", "quiet.toml", "-j", "2"]);
    for run in runs(&folder, "quiet.toml") {
        assert_eq!(left(&folder, "disturbed", &run), left(&folder, "quiet", &run));
    }

    let told: Value = serde_json::from_str(&succeeds(&folder, &["sweep", "gather", "quiet.toml", "--json"])).unwrap();
    // Four runs, each looked at after 4, 12 and 24 steps.
    assert_eq!((&told["observations"], &told["runs"]), (&12.into(), &4.into()));
    let table = folder.join("quiet/observations.csv");
    let found = lethe::laws::import::read(&fs::read(&table).unwrap(), &Default::default()).unwrap();
    assert_eq!((found.observations.len(), found.bad.len()), (12, 0));
    let ranks: Vec<f64> = found.observations.iter().map(|row| row.parameters).collect();
    assert_eq!(2.0 * ranks[0], ranks[3], "rank 4 trains twice what rank 2 does");
    assert_eq!(fs::read_dir(folder.join("quiet/records")).unwrap().count(), 4);
    assert!(
        succeeds(&folder, &["laws", "fit", "quiet/observations.csv", "--warm-up", "1"])
            .contains("12 observations of 4 runs")
    );
}

#[test]
fn two_pools_on_one_folder_run_every_run_once() {
    let folder = world("shared", &["sweep"]);
    let pool = || lethe(&folder, &["sweep", "run", "sweep.toml", "-j", "2"]).spawn().unwrap();
    for pool in [pool(), pool()] {
        let ended = pool.wait_with_output().unwrap();
        // 3: the other one still has something in hand.
        assert!(matches!(code(&ended), Some(0 | 3)), "{}", text(&ended.stderr));
    }
    for run in runs(&folder, "sweep.toml") {
        assert_eq!(run["state"], "done");
        let log = fs::read_to_string(folder.join("sweep").join(run["name"].as_str().unwrap()).join("log.csv")).unwrap();
        let steps: Vec<&str> = log.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
        assert!(steps.windows(2).all(|pair| pair[0] != pair[1]), "{log}");
    }
    let again = lethe(&folder, &["sweep", "run", "sweep.toml", "--index", "0"]).output().unwrap();
    assert!(code(&again) == Some(0) && text(&again.stderr).contains("it is done"));
}

#[test]
fn a_run_in_other_hands_is_left_to_them() {
    let folder = world("held", &["sweep"]);
    let own = folder.join("sweep").join(runs(&folder, "sweep.toml")[0]["name"].as_str().unwrap());
    fs::create_dir_all(&own).unwrap();
    let held = fs::File::create(own.join("lock")).unwrap();
    held.lock().unwrap();
    let ended = lethe(&folder, &["sweep", "run", "sweep.toml", "--index", "0"]).output().unwrap();
    assert_eq!(code(&ended), Some(3), "{}", text(&ended.stderr));
    assert!(text(&ended.stderr).contains("works on it"));
}

#[test]
fn wrong_indices_plans_and_settings_end_with_2() {
    let folder = world("wrong-runs", &["sweep"]);
    let refused = |arguments: &[&str], word: &str| {
        let ended = lethe(&folder, &[&["sweep", "run", "sweep.toml"][..], arguments].concat()).output().unwrap();
        assert_eq!(code(&ended), Some(2), "{arguments:?}: {}", text(&ended.stderr));
        assert!(text(&ended.stderr).contains(word), "{arguments:?}: {}", text(&ended.stderr));
    };
    refused(&["--index", "4"], "a whole number from 0 to 3");
    refused(&[], "SLURM_ARRAY_TASK_ID");
    refused(&["--index", "0", "--plan", "0123456789abcdef"], "as it is now");
    refused(&["--index", "0", "-j", "1"], "cannot be used with");
    fs::write(folder.join("sweep.toml"), SWEEP.replace("world/small", "world/none")).unwrap();
    refused(&["--index", "0"], "world/none");
    let pool = lethe(&folder, &["sweep", "run", "sweep.toml", "-j", "2"]).output().unwrap();
    assert_eq!(code(&pool), Some(2), "{}", text(&pool.stderr));
    assert_eq!(text(&pool.stderr).matches("see sweep/").count(), 4, "every run is told: {}", text(&pool.stderr));
    // Why is kept with the run, whatever ran it, until it is run again.
    for run in runs(&folder, "sweep.toml") {
        assert_eq!(run["state"], "failed");
        assert!(run["reason"].as_str().unwrap().contains("world/none"), "{run}");
    }
    fs::write(folder.join("sweep.toml"), SWEEP).unwrap();
    let names: Vec<_> = runs(&folder, "sweep.toml").iter().map(|run| run["name"].clone()).collect();
    let refused = folder.join("sweep").join(names[0].as_str().unwrap());
    fs::create_dir_all(&refused).unwrap();
    fs::write(refused.join("failed.txt"), "no such thing\nand another").unwrap();
    let told = succeeds(&folder, &["sweep", "status", "sweep.toml"]);
    assert!(told.contains("failed: no such thing; and another") && told.contains("1 failed, 3 not begun"), "{told}");
    succeeds(&folder, &["sweep", "run", "sweep.toml", "--index", "0"]);
    assert!(succeeds(&folder, &["sweep", "status", "sweep.toml"]).contains("1 done, 3 not begun"));
    assert!(!refused.join("failed.txt").exists());
}
