//! The files that clusters run a sweep by.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{SWEEP, file, folder, lethe, refused, text};

fn script(name: &str, options: &[&str]) -> String {
    let sweep = file(name, SWEEP);
    let to = Path::new(&sweep).with_file_name("array.sh");
    let to = to.to_str().unwrap();
    let done = lethe(&[&["sweep", "plan", &sweep, "--slurm", to][..], options].concat());
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    std::fs::read_to_string(to).unwrap()
}

#[test]
fn a_slurm_script_has_a_task_for_each_run() {
    let script = script("slurm", &["--at-once", "3", "--sbatch", "--gpus=1", "--sbatch", "--time=4:00:00"]);
    let options: Vec<&str> = script.lines().filter_map(|line| line.strip_prefix("#SBATCH ")).collect();
    for option in
        ["--array=0-5%3", "--requeue", "--signal=B:TERM@120", "--open-mode=append", "--gpus=1", "--time=4:00:00"]
    {
        assert!(options.contains(&option), "{option}: {options:?}");
    }
    assert!(script.starts_with("#!/bin/bash\n#SBATCH "), "options come before any command");
    let errors =
        refused(&["sweep", "plan", &file("slurm-wrong", SWEEP), "--slurm", "x.sh", "--sbatch", "--a\nrm -r x"]);
    assert!(errors.contains("--sbatch"), "{errors}");
}

/// The script as a cluster would run it, with a program in place of `lethe` that ends as told and an `scontrol` that
/// writes down what it is asked.
fn ended(name: &str, program: &str, restarts: &str) -> (Option<i32>, String) {
    let folder = folder(name);
    let script = script(&format!("{name}-script"), &[]);
    let tool = |name: &str, body: &str| {
        use std::os::unix::fs::PermissionsExt;
        let path = folder.join(name);
        std::fs::write(&path, format!("#!/bin/bash\n{body}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path.display().to_string()
    };
    let program = tool("program", program);
    tool("scontrol", "echo \"$@\"");
    tool("sleep", "");
    let own = script.lines().find(|line| line.starts_with("command=(")).unwrap();
    let script = script.replace(own, &format!("command=({program})"));
    let done = Command::new("bash")
        .args(["-c", &script])
        .env("PATH", format!("{}:{}", folder.display(), std::env::var("PATH").unwrap()))
        .envs([("SLURM_ARRAY_JOB_ID", "7"), ("SLURM_ARRAY_TASK_ID", "2"), ("SLURM_RESTART_COUNT", restarts)])
        .output()
        .unwrap();
    (done.status.code(), text(&done.stdout))
}

#[test]
#[cfg(unix)]
fn only_what_a_repetition_mends_goes_back_to_the_queue() {
    let requeued = "requeue 7_2";
    for (index, (program, restarts, code, again)) in [
        ("exit 0", "0", 0, false),
        ("exit 1", "0", 1, false),
        ("exit 2", "0", 2, false),
        ("exit 3", "0", 3, true),
        ("exit 3", "500", 3, true),
        ("exit 3", "1000", 3, false),
        ("kill -KILL $$", "2", 137, true),
        ("kill -KILL $$", "3", 137, false),
    ]
    .into_iter()
    .enumerate()
    {
        let (found, told) = ended(&format!("ended-{index}"), program, restarts);
        assert_eq!(
            (found, told.contains(requeued)),
            (Some(code), again),
            "{program} after {restarts} restarts: {told}"
        );
    }
    // The signal that Slurm sends to the shell reaches the program, which saves and says so by its code.
    let told = "trap 'exit 3' TERM; kill -TERM $PPID; for k in {1..100}; do /bin/sleep 0.1; done; exit 0";
    let (code, told) = ended("told", told, "0");
    assert_eq!((code, told.contains(requeued)), (Some(3), true), "{told}");
}

fn job(name: &str, options: &[&str]) -> (std::process::Output, std::path::PathBuf) {
    let folder = folder(name);
    std::fs::write(folder.join("My_Ranks.v2.toml"), SWEEP).unwrap();
    let fixed =
        ["sweep", "plan", "My_Ranks.v2.toml", "--kubernetes", "job.json", "--image", "lethe:1", "--volume", "store"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_lethe"));
    (command.args(fixed).args(options).current_dir(&folder).output().unwrap(), folder.join("job.json"))
}

#[test]
fn a_kubernetes_job_has_an_index_for_each_run_and_its_retry_rules() {
    let (done, path) = job("kubernetes", &["--at-once", "2", "--gpus", "1"]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let job: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!((&job["apiVersion"], &job["kind"]), (&"batch/v1".into(), &"Job".into()));
    let name = job["metadata"]["name"].as_str().unwrap();
    assert!(name.starts_with("lethe-my-ranks-v2-") && name.len() <= 56, "{name}");
    assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{name}");
    let spec = &job["spec"];
    assert_eq!(spec["completionMode"], "Indexed");
    assert_eq!((&spec["completions"], &spec["parallelism"]), (&6.into(), &2.into()));
    assert!(spec["backoffLimitPerIndex"].as_u64() > Some(0));
    assert_eq!(spec["maxFailedIndexes"], 6);
    assert!(spec.get("backoffLimit").is_none(), "one limit for all indices would end the others");
    let pod = &spec["template"]["spec"];
    // podFailurePolicy needs it, and its rules name a container.
    assert_eq!(pod["restartPolicy"], "Never");
    let rules = spec["podFailurePolicy"]["rules"].as_array().unwrap();
    let of = |code: i64| {
        let rule = rules.iter().find(|rule| rule["onExitCodes"]["values"] == serde_json::json!([code])).unwrap();
        assert_eq!(rule["onExitCodes"]["operator"], "In");
        assert_eq!(rule["onExitCodes"]["containerName"], pod["containers"][0]["name"]);
        rule["action"].as_str().unwrap()
    };
    assert_eq!(of(2), "FailIndex");
    assert!(!job.to_string().contains("[3]"), "a full disk ends with 3, too, and is not repeated for ever");
    assert_eq!(rules[0]["action"], "Ignore");
    assert_eq!(rules[0]["onPodConditions"][0]["type"], "DisruptionTarget");
    assert_eq!(
        rules.iter().filter(|rule| rule.get("onExitCodes").is_some() == rule.get("onPodConditions").is_some()).count(),
        0
    );
    let container = &pod["containers"][0];
    assert_eq!(
        (&container["image"], &container["resources"]["limits"]["nvidia.com/gpu"]),
        (&"lethe:1".into(), &1.into())
    );
    assert_eq!(container["volumeMounts"][0]["name"], pod["volumes"][0]["name"]);
    assert_eq!(pod["volumes"][0]["persistentVolumeClaim"]["claimName"], "store");
    let command: Vec<&str> =
        container["command"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    assert_eq!(command[..4], ["lethe", "sweep", "run", "My_Ranks.v2.toml"]);
}

#[test]
fn a_sweep_beside_the_volume_is_refused() {
    let sweep = file("beside", SWEEP);
    let to = Path::new(&sweep).with_file_name("job.json");
    let fixed = ["sweep", "plan", &sweep, "--kubernetes", to.to_str().unwrap(), "--image", "i", "--volume", "v"];
    assert!(refused(&fixed).contains("a path below this folder"));
    assert!(!to.exists());
    assert_eq!(lethe(&["sweep", "plan", &sweep, "--kubernetes", "job.json"]).status.code(), Some(2), "no image");
}
