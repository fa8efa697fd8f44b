//! From a sweep file to runs and their names.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{SWEEP, file, json, lethe, refused, text};

fn plan(name: &str, content: &str) -> Value {
    json(&["sweep", "plan", &file(name, content), "--json"])
}

fn names(plan: &Value) -> Vec<String> {
    plan["runs"].as_array().unwrap().iter().map(|run| run["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_combination_is_one_run_and_the_last_list_by_name_varies_fastest() {
    let plan = plan("combinations", SWEEP);
    let found: Vec<(i64, i64)> = plan["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| {
            let settings = &run["settings"];
            (settings["seed"].as_i64().unwrap(), settings["tuning"]["rank"].as_i64().unwrap())
        })
        .collect();
    assert_eq!(found, [(0, 8), (0, 16), (1, 8), (1, 16), (2, 8), (2, 16)]);
    assert_eq!(names(&plan).iter().collect::<BTreeSet<_>>().len(), 6);
    let first = &plan["runs"][0];
    assert_eq!(first["chosen"]["tuning.rank"], "8");
    assert_eq!(first["settings"]["tuning"]["alpha"], 16.0, "what the base says stays");
    let out = first["settings"]["out"].as_str().unwrap();
    assert!(out.ends_with(&format!("ranks/{}", first["name"].as_str().unwrap())), "{out}");
}

#[test]
fn order_and_spelling_in_the_file_change_no_name_and_no_index() {
    let reordered = r#"
vary = { "tuning.rank" = [8, 16], seed = [0, 1, 2] }
run = { training = { steps = 20 }, tuning = { alpha = 16, method = "lora" }, data = { files = ["rows.json"] }, model = "base" }
"#;
    let (one, other) = (plan("spelling-1", SWEEP), plan("spelling-2", reordered));
    assert_eq!(names(&one), names(&other));
    assert_eq!(one["plan"], other["plan"]);
}

#[test]
fn only_what_decides_a_result_is_in_a_name() {
    let own = names(&plan("deciding", SWEEP));
    let apart = [
        ("device = \"cpu\"", "device = \"cuda\""),
        ("device = \"cpu\"", "device = \"cpu\"\nout = \"elsewhere\""),
        ("save_every = 5", "save_every = 50"),
        ("save_every = 5", "checkpoint_blocks = true"),
    ];
    for (from, to) in apart {
        assert_eq!(names(&plan("deciding-not", &SWEEP.replace(from, to))), own, "{to}");
    }
    for (from, to) in [("steps = 20", "steps = 21"), ("alpha = 16.0", "alpha = 16.5"), ("\"base\"", "\"base2\"")] {
        let other = names(&plan("deciding-so", &SWEEP.replace(from, to)));
        assert!(own.iter().all(|name| !other.contains(name)), "{to}");
    }
}

#[test]
fn an_extended_sweep_keeps_the_runs_it_has() {
    let own = names(&plan("extended-1", SWEEP));
    let more = names(&plan("extended-2", &SWEEP.replace("[8, 16]", "[4, 8, 16, 32]")));
    assert_eq!(more.len(), 12);
    assert!(own.iter().all(|name| more.contains(name)));
}

#[test]
fn a_variant_sets_several_settings_at_once() {
    let content = r#"
run = "base.toml"
[[vary.corpus]]
name = "alpaca"
data.files = ["alpaca.json"]
data.format = "alpaca"
replay = { files = ["wiki.txt"], fraction = 0.05 }
[[vary.corpus]]
name = "news"
data = { files = ["news.txt"], format = "text" }
"tuning.targets" = { pattern = ".*_proj" }
"#;
    let path = file("variants", content);
    let base = "model = \"base\"\ntraining.steps = 2\ntuning.targets = \"all-linear\"\ndata.sequence = 64\n";
    std::fs::write(std::path::Path::new(&path).with_file_name("base.toml"), base).unwrap();
    let plan = json(&["sweep", "plan", &path, "--json"]);
    let [alpaca, news] = [0, 1].map(|index| &plan["runs"][index]);
    assert_eq!((&alpaca["chosen"]["corpus"], &news["chosen"]["corpus"]), (&"alpaca".into(), &"news".into()));
    assert_eq!(alpaca["settings"]["data"]["format"], "alpaca");
    assert_eq!(alpaca["settings"]["data"]["sequence"], 64);
    assert_eq!(alpaca["settings"]["replay"]["fraction"], 0.05);
    assert_eq!(news["settings"]["replay"]["fraction"], Value::Null);
    assert_eq!(news["settings"]["tuning"]["targets"]["pattern"], ".*_proj");
    assert!(lethe(&["sweep", "plan", &path]).stdout.starts_with(b"     0  "), "a table where no JSON is asked for");
}

#[test]
fn what_is_wrong_is_named_with_what_is_accepted() {
    let with = |vary: &str| format!("[run]\nmodel = \"base\"\ntuning.rank = 8\n[vary]\n{vary}\n");
    let cases = [
        (with("seed = []"), "vary.seed"),
        (with(""), "vary = \"{}\""),
        ("[run]\nmodel = \"base\"\n".to_owned(), "vary = \"missing\""),
        ("[vary]\nseed = [1]\n".to_owned(), "run = \"missing\""),
        (with("seed = 1"), "vary.seed = \"1\""),
        (with("seed = [1, 2, 1]"), "different values"),
        (with("seed = [1, 1.0]"), "runs 0 and 1"),
        (with("device = [\"cpu\", \"cuda\"]"), "device"),
        (with("out = [\"a\", \"b\"]"), "out"),
        (with("[[vary.a]]\nname = \"x\"\nseed = 1\n[[vary.b]]\nname = \"y\"\nseed = 2"), "vary.b = \"seed\""),
        (with("[[vary.a]]\nname = \"x\"\n"), "a variant that sets something"),
        (with("[[vary.a]]\nname = \"x\"\nseed = 1\n[[vary.a]]\nseed = 2"), "a table with a `name`"),
        (with("\"tuning.rank.deep\" = [1]"), "tuning.rank.deep"),
        (with("seed = [1]").replace("[vary]", "[varied]\na = 1\n[vary]"), "varied"),
        ("run = \"no-such-file.toml\"\n[vary]\nseed = [1]\n".to_owned(), "no-such-file.toml"),
        ("not TOML".to_owned(), "ranks.toml"),
        (SWEEP.replace("tuning.rank = [8, 16]", "tuning.rnak = [8, 16]"), "in run 0 (seed = 0, tuning.rnak = 8)"),
        (SWEEP.replace("tuning.rank = [8, 16]", "tuning.rank = [8, 0]"), "tuning.rank = \"0\""),
        (SWEEP.replace("tuning.rank = [8, 16]", "tuning.dropout = [0.5, 1.5]"), "tuning.dropout = \"1.5\""),
        (SWEEP.replace("tuning.rank = [8, 16]", "training.batch = [8, -1]"), "training.batch = \"-1\""),
        (SWEEP.replace("steps = 20", "steps = 0"), "training.steps"),
    ];
    for (index, (content, word)) in cases.iter().enumerate() {
        let errors = refused(&["sweep", "plan", &file(&format!("wrong-{index}"), content)]);
        assert!(errors.contains(word), "{content}\n{errors}");
    }
    assert!(refused(&["sweep", "plan", "no-such-sweep.toml"]).contains("no-such-sweep.toml"));
}

#[test]
fn a_hundred_thousand_runs_are_planned_and_one_more_is_refused() {
    let list = |count: usize| (0..count).map(|value| value.to_string()).collect::<Vec<_>>().join(",");
    let base = "run = { model = \"base\", training = { steps = 100 }, data = { files = [\"rows.json\"] } }";
    let of = |seeds| format!("{base}\n[vary]\ntraining.warm_up = [{}]\nseed = [{}]\n", list(100), list(seeds));
    let done = lethe(&["sweep", "plan", &file("most", &of(1_000))]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    assert!(text(&done.stdout).contains("100000 runs in"));
    let errors = refused(&["sweep", "plan", &file("too-many", &of(1_001))]);
    assert!(errors.contains("1001 x 100 runs") && errors.contains("at most 100000"), "{errors}");
    let huge =
        format!("run = {{}}\n[vary]\n{}", (0..20).map(|k| format!("a{k} = [{}]\n", list(100))).collect::<String>());
    assert!(refused(&["sweep", "plan", &file("overflow", &huge)]).contains("at most 100000"));
}
