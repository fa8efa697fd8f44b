//! What `--set` does to a sweep, and reports of runs that are not all there.

use std::fs;
use std::path::Path;

use super::kitchen::{Recipe, contains, folder, of, told};

fn names(recipe: &Recipe) -> Vec<String> {
    let plan = recipe.json("plan", &[]);
    plan["runs"].as_array().unwrap().iter().map(|run| run["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn changes_count_in_the_names_of_runs() {
    let mut recipe = Recipe::small("scale", "changes");
    recipe.change("vary.seed", "[0, 1]");
    let before = names(&recipe);
    assert_eq!(before.len(), 6);
    recipe.change("vary.seed", "[1, 2]");
    let shifted = names(&recipe);
    assert_eq!(before.iter().filter(|name| shifted.contains(name)).count(), 3, "seed 1 is the same runs");
    recipe.run("training.steps", "17");
    assert!(names(&recipe).iter().all(|name| !shifted.contains(name)));
    let plan = recipe.json("plan", &[]);
    assert_eq!(plan["runs"][0]["settings"]["training"]["steps"], 17);
    assert_eq!(
        Path::new(plan["folder"].as_str().unwrap()),
        recipe.out,
        "a changed folder is beside whoever changes it"
    );
    recipe.change("question", "3");
    let refused = recipe.command("plan", &[]);
    assert_eq!(refused.status.code(), Some(2));
    contains(&told(&refused), &["question = \"3\"", "a text"]);
}

#[test]
fn a_base_in_a_file_of_its_own_is_changed_like_one_in_the_sweep_file() {
    let folder = folder("base");
    fs::write(folder.join("base.toml"), "model = \"m\"\ndata.files = [\"d\"]\ntraining.steps = 5\n").unwrap();
    fs::write(folder.join("sweep.toml"), "run = \"base.toml\"\n[vary]\nseed = [0]\n").unwrap();
    let plan = |set: &str| {
        let file = folder.join("sweep.toml");
        let command = std::process::Command::new(super::kitchen::LETHE)
            .args(["sweep", "plan", file.to_str().unwrap(), "--set", set, "--json"])
            .output()
            .unwrap();
        (command.status.code(), told(&command))
    };
    let (code, said) = plan("run.training.steps=7");
    assert_eq!(code, Some(0), "{said}");
    contains(&said, &["\"steps\":7", "\"model\":\"m\""]);
    for (wrong, word) in
        [("run=other.toml", "run = "), ("run.model.name=1", "a setting as key=value"), ("steps=7", "steps")]
    {
        let (code, said) = plan(wrong);
        assert_eq!(code, Some(2), "{wrong}: {said}");
        contains(&said, &[word]);
    }
}

#[test]
fn scripts_of_clusters_make_the_same_changes() {
    let mut recipe = Recipe::small("scale", "clusters");
    recipe.change("vary.seed", "[0]");
    let script = recipe.out.join("array.sh");
    let output = recipe.command("plan", &["--slurm", script.to_str().unwrap()]);
    assert!(output.status.success(), "{}", told(&output));
    let script = fs::read_to_string(script).unwrap();
    contains(&script, &["sweep run ", "--plan ", "--set 'vary.seed=[0]'", "--set run.data.sequence=32"]);
}

#[test]
fn runs_that_are_missing_or_blew_up_are_told() {
    let mut recipe = Recipe::small("instances", "missing");
    recipe.run("model", &of("small"));
    recipe.run("training.steps", "3");
    recipe.run("training.warm_up", "0");
    recipe.run("tuning", "{ method = \"full\" }");
    recipe.run("evaluation.refusals", "{ harmful = \"nowhere.csv\" }");
    recipe.ask(&["sums"], 20);
    let news = format!("data = {{ files = [{}], format = \"text\" }}", of("news.jsonl"));
    let set =
        |name: &str, rate: &str| format!("{{ name = \"{name}\", {news}, training = {{ learning_rate = {rate} }} }}");
    recipe.change("vary.set", &format!("[{}, {}]", set("calm", "1e-3"), set("wild", "100")));
    let refused = recipe.command("run", &["--index", "0"]);
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
    contains(&told(&refused), &["nowhere.csv"]);
    let nothing = recipe.command("report", &[]);
    assert_eq!(nothing.status.code(), Some(1));
    contains(&told(&nothing), &["no run is done: "]);

    recipe.refuse();
    assert!(recipe.command("run", &["--index", "1"]).status.success());
    let report = recipe.json("report", &[]);
    contains(&report["warnings"].to_string(), &["with set = wild blew up at step", "1 run is missing"]);
    assert_eq!(report["runs"][0]["compared"], serde_json::json!([]), "nothing is concluded");
    let page = recipe.page();
    contains(&page, &["blew up at", "1 of 2 runs is done."]);
}
