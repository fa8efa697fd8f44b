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

const CURRICULUM: &str = "#v=1&x=curriculum&w=8&act=tanh&pre=100&ft=40&n=16&s=0..5&sg=4";

#[test]
fn a_curriculum_verifies_exactly_and_tells_its_branches_apart() {
    let folder = folder("curriculum");
    let done = lethe(&["run", CURRICULUM, "--out", folder.to_str().unwrap()]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let said = text(&done.stdout);
    assert!(said.starts_with("Spending 1\u{a0}% of the weight on old data: after the last step, "), "{said}");
    assert!(said.contains("prescribed_for_worst") && !said.contains("NaN"), "{said}");
    let path = folder.join("record.json");
    let record: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let names = ["uniform", "front_loaded", "back_loaded", "periodic"].into_iter().chain([
        "prescribed_for_end",
        "prescribed_for_average",
        "prescribed_for_worst",
    ]);
    for (k, way) in names.enumerate() {
        assert_eq!(record["summary"]["cells"][k]["way"], way);
        assert_eq!(record["functions"][k]["way"], way);
        assert_eq!(record["series"][0]["fine_tuning"][k]["way"], way);
        let spending = &record["series"][0]["spending"][k];
        assert_eq!(spending["way"], way);
        assert_eq!(spending["schedule"].as_array().unwrap().len(), 4);
        assert!(spending["predicted"]["worst"].is_f64() && spending["trained"]["average"].is_f64());
        for goal in 0..3 {
            let compared = &record["summary"]["goals"][goal]["ways"][k];
            assert_eq!(compared["way"], way);
            assert_eq!((&compared["pairs"], &compared["trained"]["n"]), (&6.into(), &6.into()));
        }
    }
    let series = std::fs::read_to_string(folder.join("series.csv")).unwrap();
    assert!(series.starts_with("seed,width,phase,way,replay,step,"), "{}", &series[..60]);
    let columns = |line: &str| line.split(',').count();
    assert!(series.lines().all(|line| columns(line) == columns(series.lines().next().unwrap())));
    assert_eq!(series.lines().filter(|line| line.starts_with("0,8,planned,periodic,")).count(), 4);
    let verified = lethe(&["verify", path.to_str().unwrap()]);
    assert!(text(&verified.stdout).starts_with("reproduced exactly"), "{}", text(&verified.stdout));
    let verified = lethe(&["verify", record["link"].as_str().unwrap()]);
    assert!(text(&verified.stdout).starts_with("reproduced exactly"), "{}", text(&verified.stdout));

    // What was prescribed for the first seed is a file that runs, and does on that seed what it did here.
    for (goal, branch) in [("end", 4), ("average", 5), ("worst", 6)] {
        let file = folder.join(format!("schedule-{goal}.toml"));
        let run = lethe(&["run", file.to_str().unwrap(), "--json"]);
        assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
        assert_eq!(text(&run.stderr), "", "nothing in the file is passed over");
        let alone: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
        assert_eq!(alone["spec"]["schedule"], record["series"][0]["spending"][branch]["schedule"]);
        let [own, there] = [&alone["series"][0]["fine_tuning"][0], &record["series"][0]["fine_tuning"][branch]];
        assert_eq!(own["ood_loss"], there["ood_loss"], "{goal}");
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

#[test]
fn what_no_schedule_can_be_prescribed_under_is_refused_by_name() {
    for (more, named) in [
        ("&p=0", "replay"),
        ("&p=0.1,0.2", "replay"),
        ("&w=4,8", "w"),
        ("&rs=0@0,0.3@10", "schedule"),
        ("&stop=0.01", "stop_loss"),
        ("&opt=adam", "optimiser"),
        ("&n=1024", "samples"),
        ("&ft=5000", "fine_tuning_steps"),
        ("&ft=10", "segments"),
        ("&sg=0", "sg"),
        ("&sg=33", "sg"),
        ("&ids=0.5", "ids"),
    ] {
        let refused = lethe(&["run", &format!("#v=1&x=curriculum{more}")]);
        assert_eq!(refused.status.code(), Some(2), "{more}");
        assert!(text(&refused.stderr).contains(named), "{more}: {}", text(&refused.stderr));
    }
    let refused = lethe(&["run", CURRICULUM, "--device", "gpu"]);
    assert_eq!(refused.status.code(), Some(2));
    for more in ["&sg=4", "&ids=1.2"] {
        assert_eq!(lethe(&["run", &format!("{SMALL}{more}")]).status.code(), Some(2), "{more}");
    }
}

#[test]
fn more_budget_never_makes_the_least_loss_worse() {
    let done = lethe(&["curriculum", CURRICULUM, "--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let printed: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    let fronts = printed["fronts"].as_array().unwrap();
    assert_eq!(fronts.len(), 3);
    for front in fronts {
        let goal = front["goal"].as_str().unwrap();
        let points = front["points"].as_array().unwrap();
        let values: Vec<f64> = points.iter().map(|point| point["predicted"][goal].as_f64().unwrap()).collect();
        assert_eq!(values.len(), 5);
        assert!(values.windows(2).all(|pair| pair[1] <= pair[0]), "{goal}: {values:?}");
        assert!(values[4] < values[0], "{goal}: {values:?}");
    }
    assert_eq!(lethe(&["curriculum", SMALL]).status.code(), Some(2), "an experiment that prescribes nothing");
}
