//! Whatever ends the program, nothing is lost.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use lethe::seed::Seed;

use super::world::{assert_same, command, folder, json, run, settings, told};

/// Longest that a test waits for a run to come somewhere.
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn a_run_that_is_killed_again_and_again_ends_with_the_same_bits() {
    let folder = folder("killed");
    // A save after each step, so that many of the kills fall into one.
    let settings =
        settings("training.steps = 30").replace("training.steps = 12\n", "").replace("every = 3", "every = 1");
    let whole = folder.join("whole");
    let begun = Instant::now();
    run(&whole, &settings);
    let length = begun.elapsed();
    let killed = folder.join("killed");
    let mut stream = Seed::new(7).fork("kills").stream();
    let mut kills = 0;
    for attempt in 0.. {
        assert!(attempt < 60, "a run gets on although it is killed");
        let mut child = quiet(&killed, &settings);
        // Later each time, so that the run gets on.
        let wait = length.mul_f64((0.15 + 0.03 * f64::from(attempt)) * (0.5 + stream.uniform()));
        if ended_within(&mut child, wait) {
            assert!(child.wait().unwrap().success());
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
    }
    assert!(kills >= 3, "only {kills} kills");
    assert_same(&whole, &killed, &format!("after {kills} kills"));
    let left: Vec<String> = fs::read_dir(&killed)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("unfinished") || name.starts_with("checkpoint-"))
        .collect();
    assert_eq!(left, ["checkpoint-30"], "nothing unfinished is left");
}

#[cfg(unix)]
#[test]
fn every_way_of_training_goes_on_to_the_same_bits() {
    for (name, more) in [
        ("full", "tuning.method = \"full\"\nprecision = \"bf16\""),
        ("adafactor", "training.optimiser = \"adafactor\"\ntuning.dropout = 0.2"),
        ("generated", "replay.generated = 20\nreplay.fraction = 0.3"),
    ] {
        let folder = folder(&format!("goes-on-{name}"));
        let settings = settings(more);
        let (whole, cut) = (folder.join("whole"), folder.join("cut"));
        run(&whole, &settings);
        stopped_at(&cut, &settings, 6);
        run(&cut, &settings);
        assert_same(&whole, &cut, name);
    }
}

#[test]
fn what_a_kill_within_a_save_leaves_is_cleared_away() {
    let folder = folder("within");
    let settings = settings("");
    let (whole, cut) = (folder.join("whole"), folder.join("cut"));
    run(&whole, &settings);
    stopped_at(&cut, &settings, 6);
    // A save that was being written, one that no manifest names yet, and a manifest that was being written.
    fs::create_dir(cut.join("checkpoint-9.unfinished")).unwrap();
    fs::write(cut.join("checkpoint-9.unfinished/optimiser.safetensors"), b"half").unwrap();
    fs::create_dir(cut.join("checkpoint-9")).unwrap();
    fs::write(cut.join("checkpoint-9/progress.json"), b"{}").unwrap();
    fs::write(cut.join("manifest.json.unfinished"), b"{").unwrap();
    run(&cut, &settings);
    assert_same(&whole, &cut, "after a kill within a save");
}

#[cfg(unix)]
#[test]
fn a_run_that_is_asked_to_stop_is_saved_and_goes_on() {
    let folder = folder("stopped");
    let settings = settings("");
    let (whole, stopped) = (folder.join("whole"), folder.join("stopped"));
    run(&whole, &settings);
    stopped_at(&stopped, &settings, 3);
    let manifest = json(&stopped.join("manifest.json"));
    assert_eq!((manifest["state"].as_str(), manifest["steps"].as_u64()), (Some("interrupted"), Some(12)));
    run(&stopped, &settings);
    assert_same(&whole, &stopped, "after a stop");
    let again = command(&stopped, &settings).output().unwrap();
    assert!(again.status.success() && told(&again).contains("is done"), "{}", told(&again));
}

#[cfg(unix)]
#[test]
fn a_run_that_is_asked_to_stop_while_it_measures_stops_and_measures_anew() {
    let folder = folder("measuring");
    // Far more to measure than to train, at steps 0, 4 and 12.
    let settings = settings("").replace("windows = 8", "windows = 1500, stride = 1");
    let (whole, cut) = (folder.join("whole"), folder.join("cut"));
    run(&whole, &settings);
    let stopped = |child: Child| {
        sleep(Duration::from_millis(100));
        interrupt(child);
        let step = json(&cut.join("manifest.json"))["step"].as_u64().unwrap();
        let progress = json(&cut.join(format!("checkpoint-{step}/progress.json")));
        (step, progress["points"].as_array().unwrap().len())
    };
    let mut child = quiet(&cut, &settings);
    wait("it has read its settings", &mut child, || cut.join("settings.toml").is_file());
    assert_eq!(stopped(child), (0, 0), "nothing is measured yet");
    // The next step is made soon, and its measurement is under way.
    let mut child = quiet(&cut, &settings);
    at_step(&cut, 3, &mut child);
    assert_eq!(stopped(child), (4, 1), "step 4 is made and not measured");
    run(&cut, &settings);
    assert_same(&whole, &cut, "after stops while it measured");
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_save_before() {
    let folder = folder("full");
    let settings = settings("training.steps = 200").replace("training.steps = 12\n", "");
    let full = folder.join("full");
    let mut child = quiet(&full, &settings);
    at_step(&full, 3, &mut child);
    // What is written through it fails as on a full disk.
    let _ = std::os::unix::fs::symlink("/dev/full", full.join("manifest.json.unfinished"));
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", told(&output));
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(error.contains("No space left") && error.contains("is saved, the same command goes on"), "{error}");
    let step = json(&full.join("manifest.json"))["step"].as_u64().unwrap();
    assert!(
        full.join(format!("checkpoint-{step}/progress.json")).is_file(),
        "the save that the manifest names is there"
    );
    stopped_at(&full, &settings, step as u32 + 3);
}

#[test]
fn two_processes_do_not_work_on_one_run() {
    let folder = folder("two");
    let settings = settings("training.steps = 400").replace("training.steps = 12\n", "");
    let run = folder.join("run");
    let mut first = quiet(&run, &settings);
    at_step(&run, 3, &mut first);
    let second = command(&run, &settings).output().unwrap();
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(second.status.code(), Some(1), "{}", told(&second));
    assert!(told(&second).contains("being worked in by process"), "{}", told(&second));
}

fn quiet(folder: &Path, settings: &str) -> Child {
    command(folder, settings).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

fn ended_within(child: &mut Child, time: Duration) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < time {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        sleep(Duration::from_millis(5));
    }
    false
}

/// Waits until a run has saved so many steps.
fn at_step(folder: &Path, step: u64, child: &mut Child) {
    let saved = || fs::read(folder.join("manifest.json")).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    wait(&format!("it comes to step {step}"), child, || {
        saved().is_some_and(|manifest: serde_json::Value| manifest["step"].as_u64() >= Some(step))
    });
}

/// Waits for something while a run is under way.
fn wait(what: &str, child: &mut Child, until: impl Fn() -> bool) {
    let begun = Instant::now();
    while !until() {
        assert!(begun.elapsed() < PATIENCE && child.try_wait().unwrap().is_none(), "{what}");
        sleep(Duration::from_millis(2));
    }
}

/// Runs until so many steps are saved, then asks it to stop.
pub fn stopped_at(folder: &Path, settings: &str, step: u32) {
    let mut child = quiet(folder, settings);
    at_step(folder, u64::from(step), &mut child);
    interrupt(child);
}

/// Asks a run to stop, which it does at once, to be carried on.
fn interrupt(child: Child) {
    let asked = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(asked.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", told(&output));
    assert!(told(&output).contains("the same command goes on from there"), "{}", told(&output));
}
