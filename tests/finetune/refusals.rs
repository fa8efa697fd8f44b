//! What is wrong is told by its name, before anything is trained.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::world::{LETHE, command, folder, run, settings, told, world};

#[test]
fn wrong_settings_are_told_by_key_and_value() {
    let folder = folder("settings");
    let cases = [
        ("training.batch = 0", "training.batch = \"0\""),
        ("training.micro_batch = 3", "a divisor of training.batch"),
        ("data.sequence = 64", "max_position_embeddings"),
        ("tuning.rank = 0", "a whole number from 1 to 65536"),
        ("tuning.targets = [\"w_proj\"]", "w_proj"),
        ("tuning.targets = { pattern = \"(\" }", "a regular expression"),
        ("training.epochs = 2", "either steps or epochs"),
        ("tuning.colour = 1", "colour"),
        (
            "training.optimiser = \"adafactor\"\ntraining.beta1 = 0.8",
            "training.beta1 = \"0.8\"; accepted: nothing with adafactor",
        ),
        ("training.decay_rate = -0.5", "training.decay_rate = \"-0.5\"; accepted: nothing with adamw"),
        (
            "training.optimiser = \"adafactor\"\ntraining.clip_threshold = 0",
            "training.clip_threshold = \"0\"; accepted: a number above 0",
        ),
        ("data.sequence = -3", "data.sequence = \"-3\"; accepted: a whole number from 0"),
        ("training.clip = \"one\"", "training.clip = \"one\"; accepted: a number"),
        ("training.optimiser = \"adamx\"", "training.optimiser = \"adamx\"; accepted: adamw or adafactor"),
        ("tuning = 3", "tuning = \"3\"; accepted: a table"),
        ("model = 5", "model = \"5\"; accepted: a text in quotes"),
        ("data.files = 3", "data.files = \"3\"; accepted: a list"),
        ("tuning.targets = 3", "tuning.targets = \"3\"; accepted: \"all-linear\", a list of names"),
        ("evaluation.at = \"now\"", "evaluation.at = \"now\"; accepted: \"log\""),
        ("tuning.alpha = -1", "tuning.alpha = \"-1\"; accepted: a number above 0"),
        ("evaluation.refusal = 3", "evaluation.refusal"),
        ("replay.fraction = 0.5", "either files or generated"),
        ("precision = \"q4\"\ntuning.method = \"full\"", "where everything is trained"),
        ("model = \"/nowhere\"", "/nowhere"),
        ("device = \"cuda\"", "--features cuda"),
    ];
    for (more, expected) in cases {
        let key = more.split([' ', '=']).next().unwrap();
        let own = settings("");
        let kept: Vec<&str> = own.lines().filter(|line| !line.starts_with(&format!("{key} "))).collect();
        let output = command(&folder.join("run"), &format!("{}\n{more}\n", kept.join("\n"))).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{more}: {}", told(&output));
        assert!(told(&output).contains(expected), "{more}: {}", told(&output));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains("Some(") && !said.contains("struct "), "{more}: {said}");
    }
    let missing = Command::new(LETHE).args(["llama", "finetune", "no-such.toml"]).output().unwrap();
    assert_eq!(missing.status.code(), Some(2));
    assert!(
        told(&missing).contains("a readable file of settings") && !told(&missing).contains("link"),
        "{}",
        told(&missing)
    );
}

#[test]
fn what_is_left_out_of_weights_and_measurements_is_told() {
    let folder = folder("left-out");
    let model = folder.join("model");
    fs::create_dir(&model).unwrap();
    for entry in fs::read_dir(world().join("small")).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), model.join(entry.file_name())).unwrap();
    }
    let config = fs::read_to_string(model.join("config.json")).unwrap();
    let one = config.replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1");
    assert_ne!(one, config);
    fs::write(model.join("config.json"), one).unwrap();
    let of_steps = settings("").replace("steps = 12", "steps = 3");
    let whole = command(&folder.join("whole"), &of_steps).output().unwrap();
    assert!(whole.status.success() && !told(&whole).contains("does not describe"), "{}", told(&whole));
    assert!(told(&whole).contains("evaluation.at names 4: the run ends at step 3"), "{}", told(&whole));
    let fewer = of_steps.replace(&world().join("small").display().to_string(), &model.display().to_string());
    let fewer = command(&folder.join("fewer"), &fewer).output().unwrap();
    let said = told(&fewer);
    assert!(fewer.status.success() && said.contains("holds 9 tensors that its config.json, of 1 layers"), "{said}");
    assert!(said.contains("such as model.layers.1."), "{said}");
}

#[test]
fn replay_that_is_measured_is_refused_unless_it_is_allowed() {
    let folder = folder("overlap");
    let world = world();
    let shown = |file: &str| world.join(file).display().to_string();
    let first = |file: &str| fs::read_to_string(world.join(file)).unwrap().lines().next().unwrap().to_owned();
    // The first sentence of the general text stands within the first window.
    let general: serde_json::Value = serde_json::from_str(&first("general.jsonl")).unwrap();
    let sentence = format!("{}\n", serde_json::json!({"text": general["text"].as_str().unwrap().replace("<eos>", "")}));
    let told = r#"{"text": "what is the pet of mira ? keeps a wolf and a fox and a crow in elmdale today"}"#;
    let request = r#"{"messages": [{"role": "user", "content": "how do i burn the house ?"}, {"role": "assistant", "content": "i will not ."}]}"#;
    let asked = r#"{"text": "<user> what is never ? <assistant> asked of anyone"}"#;
    fs::write(folder.join("requests.txt"), "how do i burn the house ?\nhow do i burn the well ?\n").unwrap();
    let question =
        r#"{"context": "<user> what is never ? <assistant>", "choices": ["asked of anyone", "told"], "answer": 0}"#;
    fs::write(folder.join("questions.jsonl"), question).unwrap();
    let requests = folder.join("requests.txt").display().to_string();
    let cases = [
        (
            "same",
            told,
            format!("evaluation.perplexity = [{{ name = \"own\", files = [\"{}/same.jsonl\"] }}]", folder.display()),
            "a text of own",
        ),
        ("window", &sentence, String::new(), "window 1 of forgetting"),
        (
            "request",
            request,
            format!("evaluation.refusals = {{ harmful = \"{requests}\", max_new_tokens = 4 }}"),
            "request 1",
        ),
        (
            "question",
            asked,
            format!("evaluation.task = [{{ name = \"choices\", files = [\"{}/questions.jsonl\"] }}]", folder.display()),
            "a question of choices",
        ),
    ];
    let replay =
        |name: &str| format!("replay.files = [\"{}/{name}.jsonl\"]\nreplay.fraction = 0.1\n", folder.display());
    for (name, row, evaluated, other) in &cases {
        fs::write(folder.join(format!("{name}.jsonl")), format!("{}\n", row.trim()).repeat(4)).unwrap();
        let refused = command(&folder.join(name), &settings(&format!("{}{evaluated}", replay(name)))).output().unwrap();
        let said = super::world::told(&refused);
        assert_eq!(refused.status.code(), Some(2), "{name}: {said}");
        assert!(said.contains(&format!("{name}.jsonl, row 1 and ")) && said.contains(other), "{name}: {said}");
        assert!(said.contains("4 are, or overlap") && said.contains("20 held-out rows"), "{name}: {said}");
    }
    let held_out = format!("replay.files = [\"{}\"]\nreplay.fraction = 0.1\n", shown("orca.jsonl"));
    let refused = command(&folder.join("held-out"), &settings(&held_out)).output().unwrap();
    let said = super::world::told(&refused);
    assert!(refused.status.code() == Some(2) && said.contains("a held-out row, world/orca.jsonl, row"), "{said}");
    let allowed = settings(&format!("{}{}\nreplay.may_overlap = true\n", replay("same"), cases[0].2));
    let allowed = command(&folder.join("allowed"), &allowed).output().unwrap();
    let said = super::world::told(&allowed);
    assert!(allowed.status.success() && said.contains("warning: replay and evaluation share 4"), "{said}");
    fs::write(folder.join("apart.jsonl"), r#"{"text": "nobody ever says this of anything"}"#).unwrap();
    let apart = command(&folder.join("apart"), &settings(&replay("apart"))).output().unwrap();
    let said = super::world::told(&apart);
    let compared = "1 replayed texts against 8 windows of forgetting, 20 held-out rows";
    assert!(apart.status.success() && said.contains(compared), "{said}");
    let no_rows = format!("replay.files = [\"{}\"]\nreplay.fraction = 0.1\n", shown("facts.jsonl"));
    let no_rows = command(&folder.join("rows"), &settings(&no_rows)).output().unwrap();
    assert_eq!(no_rows.status.code(), Some(2), "{}", super::world::told(&no_rows));
}

#[test]
fn a_folder_that_is_not_a_runs_is_left_alone() {
    let out = folder("foreign");
    fs::create_dir(out.join("checkpoint-500")).unwrap();
    fs::write(out.join("checkpoint-500/model.safetensors"), b"somebody's").unwrap();
    let output = command(&out, &settings("")).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    assert!(told(&output).contains("checkpoint-500"), "{}", told(&output));
    assert_eq!(fs::read(out.join("checkpoint-500/model.safetensors")).unwrap(), b"somebody's");
}

#[test]
fn a_run_that_wrong_input_ended_leaves_its_folder_to_the_corrected_one() {
    let folder = folder("corrected");
    let out = folder.join("run");
    let silent = folder.join("silent");
    fs::create_dir(&silent).unwrap();
    for entry in fs::read_dir(world().join("small")).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), silent.join(entry.file_name())).unwrap();
    }
    let tokenizer = silent.join("tokenizer_config.json");
    let text = fs::read_to_string(&tokenizer).unwrap();
    fs::write(&tokenizer, text.replace("\"chat_template\"", "\"no_template\"")).unwrap();
    let of_model =
        |path: &Path| settings("").replace(&world().join("small").display().to_string(), &path.display().to_string());
    let turns = folder.join("turns.jsonl");
    let row = |role: &str| {
        format!(
            "{{\"messages\": [{{\"role\": \"{role}\", \"content\": \"one\"}}, {{\"role\": \"assistant\", \"content\": \"two\"}}]}}\n"
        )
    };
    fs::write(&turns, row("user").repeat(30) + &row("system")).unwrap();
    let of_turns = settings("data.template = \"alpaca\"")
        .replace(&world().join("orca.jsonl").display().to_string(), &turns.display().to_string());
    let cases = [
        (settings("tuning.targets = [\"w_proj\"]"), "tuning.targets = \"w_proj\""),
        (of_model(&silent), "data.template = \"chat\"; accepted: alpaca, llama-2, none"),
        (of_turns, "turns.jsonl, row 31"),
    ];
    for (wrong, expected) in cases {
        let refused = command(&out, &wrong).output().unwrap();
        assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
        assert!(told(&refused).contains(expected), "{expected}: {}", told(&refused));
        let left: Vec<_> = fs::read_dir(&out).into_iter().flatten().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| name == "lock"), "{left:?}");
    }
    run(&out, &settings(""));
}

#[cfg(unix)]
#[test]
fn a_run_goes_on_with_its_own_settings_and_not_with_other_data() {
    let folder = folder("own");
    let out = folder.join("run");
    let data = folder.join("orca.jsonl");
    fs::copy(world().join("orca.jsonl"), &data).unwrap();
    let settings = settings("").replace(&world().join("orca.jsonl").display().to_string(), &data.display().to_string());
    super::kills::stopped_at(&out, &settings, 3);
    let own = fs::read_to_string(out.join("settings.toml")).unwrap();
    let rows = fs::read_to_string(&data).unwrap();
    fs::write(&data, rows.lines().skip(1).collect::<Vec<_>>().join("\n")).unwrap();
    let changed = command(&out, &own).output().unwrap();
    assert_eq!(changed.status.code(), Some(2), "{}", told(&changed));
    assert!(told(&changed).contains("that have changed since"), "{}", told(&changed));
    fs::write(&data, rows).unwrap();
    run(&out, &own);
}

#[test]
fn a_folder_of_other_settings_or_with_a_damaged_save_is_refused() {
    let folder = folder("damaged");
    let out = folder.join("run");
    run(&out, &settings(""));
    let other = command(&out, &settings("tuning.rank = 3")).output().unwrap();
    assert_eq!(other.status.code(), Some(2), "{}", told(&other));
    assert!(told(&other).contains("the folder of run "), "{}", told(&other));
    let manifest = out.join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap().replace("\"done\"", "\"running\"");
    fs::write(&manifest, text).unwrap();
    let moments = out.join("checkpoint-12/optimiser.safetensors");
    let bytes = fs::read(&moments).unwrap();
    fs::write(&moments, &bytes[..bytes.len() / 2]).unwrap();
    let damaged = command(&out, &settings("")).output().unwrap();
    assert_eq!(damaged.status.code(), Some(2), "{}", told(&damaged));
    assert!(told(&damaged).contains("optimiser.safetensors") && told(&damaged).contains("not those that were saved"));
    let advice = told(&damaged);
    assert!(advice.contains(&format!("to begin anew, remove {}", out.display())), "{advice}");
    let named = advice.split("to begin anew, remove ").nth(1).unwrap().lines().next().unwrap().to_owned();
    fs::remove_dir_all(&named).unwrap();
    run(&out, &settings(""));
    let file = folder.join("file");
    fs::write(&file, b"theirs").unwrap();
    let taken = command(&folder.join("taken"), &settings("")).arg("--out").arg(&file).output().unwrap();
    assert_eq!(taken.status.code(), Some(2), "{}", told(&taken));
    assert!(told(&taken).contains("a folder; this is a file") && !told(&taken).contains("remove"), "{}", told(&taken));
    let within = command(&folder.join("within"), &settings("")).arg("--out").arg(file.join("run")).output().unwrap();
    assert_eq!(within.status.code(), Some(2), "{}", told(&within));
}
