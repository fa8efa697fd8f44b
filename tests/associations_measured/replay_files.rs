//! Replay aimed by prediction, as its user meets it: a run's files, and weights for `lethe llama finetune`.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use lethe::associations::methods::named;
use lethe::associations::{Training, import, replay_weights};
use lethe::native::llama::data::weights;
use lethe::seed::Seed;
use serde_json::Value;

use crate::tiny_world::{LETHE, folder, told};

const TINY: &str = "#v=1&x=associations&wo=rotated&nt=5&n=24&ft=12&arm=truth,online,mir&na=2&rr=0.2";

fn lethe(arguments: &[&str]) -> Output {
    Command::new(LETHE).args(arguments).output().unwrap()
}

fn bytes(folder: &Path) -> Vec<Vec<u8>> {
    ["replay.csv", "matrix.npy", "properties.csv"].iter().map(|name| fs::read(folder.join(name)).unwrap()).collect()
}

#[test]
fn a_run_tells_what_each_arm_bought_and_goes_on_to_the_same_bytes() {
    let (whole, killed) = (folder("associations_measured", "arms"), folder("associations_measured", "arms_killed"));
    let shown = |folder: &Path| folder.to_str().unwrap().to_owned();
    let ran = lethe(&["run", TINY, "--out", &shown(&whole), "--json"]);
    assert_eq!(ran.status.code(), Some(0), "{}", told(&ran));
    let record: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let replay = &record["findings"]["replay"];
    let arms: Vec<&str> = replay["arms"].as_array().unwrap().iter().map(|arm| arm["arm"].as_str().unwrap()).collect();
    assert_eq!(arms, ["none", "random", "online", "truth", "mir"]);
    assert_eq!((&replay["pool"], &replay["held_out"]), (&12.into(), &12.into()));
    // Two tasks, two seeds, five arms; the means are those of the record.
    let csv = fs::read_to_string(whole.join("replay.csv")).unwrap();
    let rows: Vec<Vec<&str>> = csv.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 20);
    for (arm, found) in arms.iter().zip(replay["arms"].as_array().unwrap()) {
        let own: Vec<f64> = rows.iter().filter(|row| row[2] == *arm).map(|row| row[3].parse().unwrap()).collect();
        let mean = own.iter().sum::<f64>() / own.len() as f64;
        assert!(own.len() == 4 && (mean - found["rise"].as_f64().unwrap()).abs() < 1e-12, "{arm}");
    }
    // Killed in the second phase.
    let cells = killed.join("cells");
    let finished = || {
        let names = fs::read_dir(&cells).into_iter().flatten().map(|entry| entry.unwrap().file_name());
        names
            .filter(|name| name.to_string_lossy().starts_with("replay") && !name.to_string_lossy().contains('.'))
            .count()
    };
    let mut running = Command::new(LETHE)
        .args(["run", TINY, "--out", &shown(&killed)])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while finished() < 3 && running.try_wait().unwrap().is_none() {
        assert!(begun.elapsed() < Duration::from_secs(120), "{} runs with replay after two minutes", finished());
        std::thread::sleep(Duration::from_millis(1));
    }
    let _ = running.kill();
    running.wait().unwrap();
    assert!(finished() >= 3);
    let gone_on = lethe(&["run", TINY, "--out", &shown(&killed)]);
    assert_eq!(gone_on.status.code(), Some(0), "{}", told(&gone_on));
    assert_eq!(bytes(&killed), bytes(&whole));
    for words in ["Random replay", "truth", "over random replay", "mir"] {
        assert!(told(&gone_on).contains(words), "{words}: {}", told(&gone_on));
    }
}

/// Five tasks and six examples; the last task is measured in part.
const MATRIX: &str = "task,a,b,c,d,e,f\nfirst,1,2,3,4,5,6\nsecond,2,3.5,6,8,10.5,12\nthird,0.5,1,1.5,2,2.5,3.5\n\
                      fourth,3,6,9.5,12,15,18\nnew,,0.4,,0.8,,\n";

#[test]
fn weights_are_what_finetune_reads() {
    let folder = folder("associations_measured", "weigh");
    let matrix = folder.join("matrix.csv");
    fs::write(&matrix, MATRIX).unwrap();
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let read = import::read(MATRIX.as_bytes(), None).unwrap();
    let known = [(1, 0.4), (3, 0.8)];
    for (method, row, out) in
        [("factorisation", "new", "w.csv"), ("additive", "4", "w.npy"), ("neighbours", "new", "n.npy")]
    {
        let arguments =
            ["associations", "weigh", &path("matrix.csv"), "--row", row, "--method", method, "--out", &path(out)];
        let ran = lethe(&[&arguments[..], &["--temperature", "0.25", "--rank", "1"]].concat());
        assert_eq!(ran.status.code(), Some(0), "{}", told(&ran));
        assert!(told(&ran).contains("2 of 6 rises measured"), "{}", told(&ran));
        // By the library: learned from the four other rows, what is measured as it is.
        let model = named(method, 1).unwrap().fit(&Training::new(&read, vec![0, 1, 2, 3]));
        let mut rises = model.complete(&known, Seed::new(0).fork("weighed"));
        known.iter().for_each(|&(column, rise)| rises[column] = f64::from(rise));
        assert_eq!(weights(&folder.join(out), 6).unwrap(), replay_weights(&rises, 0.25), "{method}");
    }
    // A file of other rows is refused by the reader, not taken for this one.
    assert!(weights(&folder.join("w.csv"), 5).is_err());
    // What is forgotten more is replayed more.
    let found = weights(&folder.join("w.csv"), 6).unwrap();
    assert!(found[5] > found[4] && found[4] > found[2] && found[2] > found[0], "{found:?}");
    assert!((found[3] / found[1] - libm::exp(0.4 / 0.25)).abs() < 1e-6, "{found:?}");
}

#[test]
fn what_is_wrong_with_a_row_is_named() {
    let folder = folder("associations_measured", "weigh_wrong");
    let file = |name: &str, text: &str| {
        fs::write(folder.join(name), text).unwrap();
        folder.join(name).to_str().unwrap().to_owned()
    };
    let (matrix, alone) = (file("m.csv", MATRIX), file("alone.csv", "1,2,3\n"));
    let out = folder.join("w.csv").to_str().unwrap().to_owned();
    let refused = |arguments: &[&str], words: &[&str]| {
        let output = lethe(&[&["associations", "weigh"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{}", told(&output));
        for word in words {
            assert!(String::from_utf8_lossy(&output.stderr).contains(word), "{word}: {}", told(&output));
        }
    };
    refused(&[&matrix, "--row", "fifth", "--out", &out], &["--row", "fifth", "0 to 4"]);
    refused(&[&matrix, "--row", "5", "--out", &out], &["--row", "0 to 4"]);
    refused(&[&alone, "--row", "0", "--out", &out], &["matrix", "other row"]);
    refused(&[&matrix, "--row", "new", "--out", "weights.json"], &["--out", ".csv or .npy"]);
    refused(
        &[&matrix, "--row", "new", "--out", &out, "--method", "logistic_additive", "--temperature", "0", "--rank", "0"],
        &["--method", "additive, neighbours", "--temperature", "above 0", "--rank", "1 to 100"],
    );
    assert!(!Path::new(&out).exists());
}
