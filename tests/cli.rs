//! The command line as its user meets it.

#![cfg(feature = "native")]

use std::process::{Command, Output};

const SMALL: &str = "#v=1&x=width&w=4,8&pre=30&ft=20&n=16&s=0..3";

fn lethe(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lethe")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn folder(name: &str) -> std::path::PathBuf {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

#[test]
fn json_is_one_object_on_standard_output_and_nothing_else() {
    let done = lethe(&["run", SMALL, "--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let record: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(record["schema"], 1);
    let cells = record["summary"]["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 2);
    for name in ["id_loss", "ood_loss", "forgetting"] {
        assert_eq!(cells[0][name]["n"], 4, "{name}");
        assert_eq!(cells[0][name]["diverged"], 0, "{name}");
        assert!(cells[0][name]["median"].is_f64() && cells[0][name]["q25"].is_f64(), "{name}");
    }
}

#[test]
fn a_run_leaves_a_record_series_and_figures_that_verify() {
    let folder = folder("leaves");
    let out = folder.to_str().unwrap();
    let done = lethe(&["run", SMALL, "--out", out]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    for file in ["learned-function.svg", "loss-over-time.svg", "forgetting-by-width.svg", "series.csv"] {
        let content = std::fs::read_to_string(folder.join(file)).unwrap();
        assert!(content.len() > 500, "{file}");
        assert!(!content.contains("NaN"), "{file}");
    }
    let record = folder.join("record.json");
    let verified = lethe(&["verify", record.to_str().unwrap()]);
    assert_eq!(verified.status.code(), Some(0));
    assert!(text(&verified.stdout).starts_with("reproduced exactly"), "{}", text(&verified.stdout));
}

#[test]
fn a_link_verifies_exactly_and_a_forged_one_differs_with_a_place() {
    let done = lethe(&["run", SMALL, "--json"]);
    let record: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    let link = record["link"].as_str().unwrap();
    let verified = lethe(&["verify", link, "--json"]);
    assert_eq!(verified.status.code(), Some(0));
    let answer: serde_json::Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(answer["verdict"], "exact");

    let forged = link.replace("s=0..3", "s=0..4");
    let differs = lethe(&["verify", &forged]);
    assert_eq!(differs.status.code(), Some(1));
    assert!(text(&differs.stdout).starts_with("differs, from fine-tuning step"), "{}", text(&differs.stdout));
}

#[test]
fn wrong_input_names_every_field_and_ends_with_2() {
    let done = lethe(&["run", "#v=1&x=dynamics&w=0&lr=nan&sd=-1"]);
    assert_eq!(done.status.code(), Some(2));
    let errors = text(&done.stderr);
    for field in ["w = \"0\"", "lr = \"nan\"", "sd = \"-1\""] {
        assert!(errors.contains(field), "{errors}");
    }
    assert!(done.stdout.is_empty());
    for wrong in ["no-such-file.toml", "#v=1&x=nothing"] {
        assert_eq!(lethe(&["run", wrong]).status.code(), Some(2), "{wrong}");
    }
    assert_eq!(lethe(&["verify", SMALL]).status.code(), Some(2), "a link without a fingerprint");
    assert_eq!(lethe(&["run", SMALL, "--device", "tpu"]).status.code(), Some(2));
}

#[test]
fn unknown_keys_are_warned_of_and_view_keys_ignored() {
    let done = lethe(&["run", &format!("{SMALL}&zzz=1&ui.theme=dark"), "--json"]);
    assert_eq!(done.status.code(), Some(0));
    let warnings = text(&done.stderr);
    assert!(warnings.contains("zzz") && !warnings.contains("ui.theme"), "{warnings}");
}

#[test]
fn a_settings_file_means_the_same_as_its_link() {
    let folder = folder("settings");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("spec.toml");
    let settings =
        "experiment = \"width\"\nwidths = [4, 8]\npre = 30\nfine_tuning_steps = 20\nsamples = 16\ns = \"0..3\"\n";
    std::fs::write(&file, settings).unwrap();
    let path = file.to_str().unwrap();
    let [from_file, from_link] = [path, SMALL].map(|what| {
        let record: serde_json::Value = serde_json::from_slice(&lethe(&["run", what, "--json"]).stdout).unwrap();
        record["fingerprint"].clone()
    });
    assert_eq!(from_file, from_link);
    std::fs::write(&file, "samples = 1\nspread = nan\nreplay = { a = 1 }\n").unwrap();
    let done = lethe(&["run", path]);
    assert_eq!(done.status.code(), Some(2));
    let errors = text(&done.stderr);
    assert!(["samples", "spread", "replay"].iter().all(|field| errors.contains(field)), "{errors}");
}

#[test]
fn a_record_that_is_none_is_refused_by_name() {
    let folder = folder("records");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("record.json");
    for wrong in ["", "{}", "[1,2]", "{\"schema\": 2}", "not json"] {
        std::fs::write(&file, wrong).unwrap();
        let done = lethe(&["verify", file.to_str().unwrap()]);
        assert_eq!(done.status.code(), Some(2), "{wrong}");
        assert!(text(&done.stderr).contains("record"), "{wrong}: {}", text(&done.stderr));
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let file = folder("not-a-folder");
    std::fs::write(&file, "a file").unwrap();
    let done = lethe(&["run", SMALL, "--out", file.join("below").to_str().unwrap()]);
    assert_eq!(done.status.code(), Some(1));
    assert!(text(&done.stderr).contains("not-a-folder"));
}

#[test]
fn a_predicted_run_verifies_exactly_and_is_refused_where_it_cannot_be_predicted() {
    let done = lethe(&["run", "#v=1&x=ntk&w=8&pre=30&ft=20&n=16&s=0..5&p=0,0.1", "--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let record: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    let cell = &record["summary"]["cells"][0];
    assert!(cell["drift_relative_error"]["median"].is_f64() && cell["forgetting_relative_error"]["median"].is_f64());
    let series = &record["series"][0];
    assert_eq!(series["predicted"][1]["steps"], series["fine_tuning"][1]["steps"]);
    assert_eq!(series["gaps"][0]["steps"], series["fine_tuning"][0]["steps"]);
    let verified = lethe(&["verify", record["link"].as_str().unwrap()]);
    assert!(text(&verified.stdout).starts_with("reproduced exactly"), "{}", text(&verified.stdout));

    for (asked, named) in [
        ("#v=1&x=ntk&opt=adam", "optimiser"),
        ("#v=1&x=ntk&n=1024", "samples"),
        ("#v=1&x=ntk&rl=1", "relinearise"),
        ("#v=1&x=ntk&opt=momentum&rl=50", "relinearise"),
        ("#v=1&x=width&rl=50", "relinearise"),
    ] {
        let refused = lethe(&["run", asked]);
        assert_eq!(refused.status.code(), Some(2), "{asked}");
        assert!(text(&refused.stderr).contains(named), "{asked}: {}", text(&refused.stderr));
    }
}

#[test]
fn a_prescribed_schedule_is_a_file_that_runs() {
    let folder = folder("curriculum");
    let asked = "#v=1&x=dynamics&w=8&act=tanh&par=ntk&lr=0.05&pre=100&ft=40&n=16&s=0..1";
    let arguments = ["curriculum", asked, "--segments", "4", "--out", folder.to_str().unwrap(), "--json"];
    let done = lethe(&arguments);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let printed: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(printed["objectives"].as_array().unwrap().len(), 3);
    assert_eq!(printed["objectives"][0]["ways"].as_array().unwrap().len(), 7);
    assert_eq!(printed["schedules"][1]["ways"][0]["way"], "uniform");
    for objective in ["end", "average", "worst"] {
        let file = folder.join(format!("schedule-{objective}.toml"));
        let run = lethe(&["run", file.to_str().unwrap(), "--json"]);
        assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
        assert_eq!(text(&run.stderr), "", "nothing in the file is passed over");
        let record: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
        assert_eq!(record["spec"]["schedule"].as_array().unwrap().len(), 4);
        assert_eq!(record["spec"]["parameterisation"], "ntk");
    }
    for wrong in
        [["--budget", "0"], ["--budget", "nan"], ["--segments", "0"], ["--segments", "33"], ["--id-slack", "0.5"]]
    {
        let refused = lethe(&["curriculum", asked, wrong[0], wrong[1]]);
        assert_eq!(refused.status.code(), Some(2), "{wrong:?}");
        assert!(text(&refused.stderr).contains(wrong[0].trim_start_matches('-')), "{}", text(&refused.stderr));
    }
}

#[test]
fn the_theory_of_a_network_is_told_in_sentences_numbers_and_files() {
    let folder = folder("theory");
    let asked = "#v=1&x=dynamics&w=16,8&act=tanh&par=ntk&lr=0.05&pre=100&ft=40&n=16&s=0..3";
    let told = lethe(&["theory", asked]);
    assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
    assert!(text(&told.stdout).starts_with("the network of width 16 and seed 0, at p = 1\u{a0}%"));
    let arguments = [
        "theory",
        asked,
        "--seed",
        "2",
        "--width",
        "8",
        "--replay",
        "0.2",
        "--json",
        "--out",
        folder.to_str().unwrap(),
    ];
    let done = lethe(&arguments);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let printed: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!((printed["seed"].as_u64(), printed["width"].as_u64()), (Some(2), Some(8)));
    let statements = printed["statements"].as_array().unwrap();
    let ids: Vec<&str> = statements.iter().map(|statement| statement["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["stability", "spectrum", "modes", "first-order", "pull-back", "recovery", "limit"]);
    assert_eq!(statements[3]["values"]["one_less_replay"], 0.8);
    // What is printed, what is in the tables and what is in the arrays is one thing.
    let bytes = std::fs::read(folder.join("kernel.npy")).unwrap();
    let kernel: ndarray::Array2<f64> = ndarray_npy::ReadNpyExt::read_npy(&bytes[..]).unwrap();
    assert_eq!(kernel.dim(), (32, 32));
    let weighted = |i: usize| kernel[[i, i]] * if i < 16 { 0.8 / 16.0 } else { 0.2 / 16.0 };
    let trace: f64 = (0..32).map(weighted).sum();
    let eigenvalues = printed["spectrum"]["eigenvalues"].as_array().unwrap();
    let sum: f64 = eigenvalues.iter().map(|value| value.as_f64().unwrap()).sum();
    assert!((sum / trace - 1.0).abs() < 1e-6, "eigenvalues add up to the trace: {sum}, {trace}");
    let csv = std::fs::read_to_string(folder.join("modes.csv")).unwrap();
    assert_eq!(csv.lines().count(), eigenvalues.len() + 1);
    assert_eq!(printed["modes"]["mode"].as_array().unwrap().len(), eigenvalues.len());
    let curve = printed["old_task_loss"]["trained_at_0.2"].as_array().unwrap();
    assert!(curve.iter().all(|loss| loss.as_f64().unwrap() > 0.0));
    for figure in ["kernel-map", "spectrum", "modes", "replay-over-time"] {
        for kind in ["svg", "csv"] {
            let content = std::fs::read_to_string(folder.join(format!("{figure}.{kind}"))).unwrap();
            assert!(content.len() > 100 && !content.contains("NaN"), "{figure}.{kind}");
        }
    }
    for (field, wrong) in [("replay", "1.5"), ("replay", "nan"), ("width", "0"), ("width", "5000")] {
        let refused = lethe(&["theory", asked, &format!("--{field}"), wrong]);
        assert_eq!(refused.status.code(), Some(2), "{field} {wrong}");
        assert!(text(&refused.stderr).contains(field), "{}", text(&refused.stderr));
    }
    let adam = lethe(&["theory", "#v=1&x=dynamics&opt=adam"]);
    assert_eq!(adam.status.code(), Some(2));
    assert!(text(&adam.stderr).contains("Adam's steps do not follow from the kernel"), "{}", text(&adam.stderr));
}
