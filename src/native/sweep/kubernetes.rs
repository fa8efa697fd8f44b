//! An Indexed Job of Kubernetes for a sweep's runs.

use std::path::{Component, Path};

use serde_json::{Value, json};

use super::file::Sweep;
use crate::error::{Problem, Problems};
use crate::native::cli::Failure;

/// Where the volume is in a pod.
const MOUNT: &str = "/lethe";

/// How often a run may fail before it is given up; disruptions by the cluster do not count. An interruption that it did not
/// ask for does, such as a full disk: repeating alone does not mend that.
const RETRIES: u32 = 6;

/// Longest name of a job: a pod's host name is `NAME-INDEX`, at most 63 characters.
const LONGEST: usize = 56;

/// What a pod is made of.
#[derive(Debug)]
pub struct Pod<'a> {
    pub image: &'a str,
    /// The persistent volume claim with the folder that the sweep was planned in.
    pub claim: &'a str,
    pub gpus: u32,
}

/// The job, as `kubectl apply` takes it: one index for each run, `at_once` of them at a time. Kubernetes 1.33 and later
/// have all its fields; before, `backoffLimitPerIndex` was behind a gate.
///
/// # Errors
/// A path of the sweep that is not below the folder that becomes the volume; an empty image or claim.
pub fn job(sweep: &Sweep, pod: &Pod<'_>, at_once: u32) -> Result<Value, Failure> {
    let mut problems = Vec::new();
    for (option, value) in [("--image", pod.image), ("--volume", pod.claim)] {
        if value.trim().is_empty() {
            problems.push(Problem::new(option, value, "a name"));
        }
    }
    for path in [&sweep.path, &sweep.folder] {
        if !is_below(path) {
            let accepted = format!("a path below this folder, which is the volume, {MOUNT} in a pod");
            problems.push(Problem::new("path", &path.display().to_string(), accepted));
        }
    }
    if !problems.is_empty() {
        return Err(Problems(problems).into());
    }
    let runs = sweep.names.len();
    let name = job_name(sweep);
    let limits = if pod.gpus > 0 { json!({"nvidia.com/gpu": pod.gpus}) } else { json!({}) };
    let command = ["lethe", "sweep", "run"].map(str::to_owned).into_iter().chain(sweep.words(&sweep.path));
    let command: Vec<String> = command.collect();
    Ok(json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "labels": {"app.kubernetes.io/name": "lethe"}},
        "spec": {
            "completionMode": "Indexed",
            "completions": runs,
            "parallelism": runs.min(at_once as usize),
            "backoffLimitPerIndex": RETRIES,
            "maxFailedIndexes": runs,
            "podFailurePolicy": {"rules": [
                {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
                {"action": "FailIndex", "onExitCodes": {"containerName": "lethe", "operator": "In", "values": [2]}},
            ]},
            "template": {"spec": {
                "restartPolicy": "Never",
                "terminationGracePeriodSeconds": 120,
                "containers": [{
                    "name": "lethe",
                    "image": pod.image,
                    "command": command,
                    "workingDir": MOUNT,
                    "resources": {"limits": limits},
                    "volumeMounts": [{"name": "lethe", "mountPath": MOUNT}],
                }],
                "volumes": [{"name": "lethe", "persistentVolumeClaim": {"claimName": pod.claim}}],
            }},
        },
    }))
}

/// `lethe-`, what the sweep file's name has of letters and digits, and 8 digits of the plan: a DNS label.
fn job_name(sweep: &Sweep) -> String {
    let plan = sweep.plan();
    let stem = sweep.path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let stem: String = stem.chars().map(plain).take(LONGEST - "lethe--".len() - 8).collect();
    let stem = stem.trim_matches('-');
    if stem.is_empty() { format!("lethe-{}", &plan[..8]) } else { format!("lethe-{stem}-{}", &plan[..8]) }
}

fn is_below(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}
