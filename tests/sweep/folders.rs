//! What a run's folder says of its state.

use std::fs::File;
use std::path::PathBuf;

use serde_json::{Value, json as object};

use super::{SWEEP, file, json, lethe, text};

/// A sweep and the folders of its six runs.
fn sweep(name: &str) -> (String, Vec<PathBuf>) {
    let path = file(name, SWEEP);
    let plan = json(&["sweep", "plan", &path, "--json"]);
    let of = |run: &Value| PathBuf::from(run["settings"]["out"].as_str().unwrap());
    let folders: Vec<PathBuf> = plan["runs"].as_array().unwrap().iter().map(of).collect();
    folders.iter().for_each(|folder| std::fs::create_dir_all(folder).unwrap());
    (path, folders)
}

#[test]
fn status_tells_every_state_of_a_run() {
    let (path, folders) = sweep("states");
    let write = |index: usize, mut manifest: Value| {
        manifest["run"] = folders[index].file_name().unwrap().to_str().unwrap().into();
        manifest["begun"] = 0.0.into();
        std::fs::write(folders[index].join("manifest.json"), manifest.to_string()).unwrap();
    };
    write(0, object!({"step": 20, "steps": 20, "state": "done"}));
    write(1, object!({"step": 7, "steps": 20, "state": "running"}));
    write(2, object!({"step": 9, "steps": 20, "state": "running"}));
    write(3, object!({"step": 3, "steps": 20, "state": "failed", "reason": "the disk is full"}));
    std::fs::write(folders[4].join("manifest.json"), "{\"step\":").unwrap();
    // Whose process holds the lock goes on; a manifest alone cannot tell that its process was killed.
    let held = File::create(folders[1].join("lock")).unwrap();
    held.lock().unwrap();
    File::create(folders[2].join("lock")).unwrap();
    let status = json(&["sweep", "status", &path, "--json"]);
    let of = |index: usize| {
        let mut run = status["runs"][index].clone();
        run.as_object_mut().unwrap().retain(|key, _| key != "name" && key != "index");
        run
    };
    assert_eq!(of(0), object!({"state": "done", "steps": 20}));
    assert_eq!(of(1), object!({"state": "running", "step": 7, "steps": 20}));
    assert_eq!(of(2), object!({"state": "interrupted", "step": 9, "steps": 20}));
    assert_eq!(of(3), object!({"state": "failed", "reason": "the disk is full"}));
    assert_eq!(of(4)["state"], "failed");
    assert_eq!(of(4)["reason"], "its manifest.json cannot be read");
    assert_eq!(of(5), object!({"state": "not_begun"}));
    let told = text(&lethe(&["sweep", "status", &path]).stdout);
    assert!(told.contains("interrupted at step 9 of 20") && told.contains("failed: the disk is full"), "{told}");
    assert!(told.contains("1 done, 1 running, 1 interrupted, 2 failed, 1 not begun of 6 runs"), "{told}");
    drop(held);
    assert_eq!(json(&["sweep", "status", &path, "--json"])["runs"][1]["state"], "interrupted");
}
