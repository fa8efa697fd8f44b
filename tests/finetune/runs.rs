//! What a run comes to.

use std::fs;

use serde_json::json;

use super::world::{assert_same, command, folder, json, run, settings, told, world};

#[test]
fn threads_and_recomputed_blocks_change_no_bit() {
    let folder = folder("threads");
    let [one, two, again] = ["one", "two", "again"].map(|name| folder.join(name));
    run(&one, &settings("training.threads = 1"));
    run(&two, &settings("training.threads = 2"));
    run(&again, &settings("training.checkpoint_blocks = true"));
    assert_same(&one, &two, "one thread and two");
    assert_same(&one, &again, "blocks kept and recomputed");
}

#[test]
fn every_way_of_training_learns_and_leaves_a_record() {
    let folder = folder("ways");
    let ways = [
        ("adafactor", "training.optimiser = \"adafactor\""),
        ("full", "tuning.method = \"full\""),
        ("bf16", "precision = \"bf16\""),
        ("q8", "precision = \"q8\""),
        ("targets", "tuning.targets = { pattern = \".*self_attn\\\\.(q|v)_proj\" }\ntuning.rank_stabilised = true"),
        ("dropout", "tuning.dropout = 0.1\ndata.packing = false"),
        ("epoch", "training.epochs = 1"),
    ];
    for (name, more) in ways {
        let out = folder.join(name);
        let mut settings = settings(more);
        if name == "epoch" {
            settings = settings.replace("training.steps = 12\n", "");
        }
        run(&out, &settings);
        let record = json(&out.join("record.json"));
        let points = record["points"].as_array().unwrap();
        let loss = |point: &serde_json::Value| point["fine_tuning_loss"].as_f64().unwrap();
        let (first, last) = (&points[0], &points[points.len() - 1]);
        assert!(loss(last) < loss(first) - 0.5, "{name}: {} to {}", loss(first), loss(last));
        assert!(first["measures"]["forgetting"]["kl"].as_f64().unwrap().abs() < 1e-9, "{name}: nothing yet");
        assert!(last["measures"]["forgetting"]["kl"].as_f64().unwrap() > 0.0, "{name}: something is forgotten");
        for file in ["report.html", "points.csv", "losses.svg"] {
            assert!(out.join(file).is_file(), "{name}: {file}");
        }
        assert_eq!(out.join("model").is_dir(), name == "full");
        assert_eq!(out.join("adapter").is_dir(), name != "full");
    }
}

#[test]
fn replay_keeps_its_share_and_the_base_can_write_it() {
    let folder = folder("replay");
    let world = world();
    let world = world.display();
    let files = format!("replay.files = [\"{world}/pretraining.jsonl\"]\n");
    for (name, more, share) in [
        ("half", format!("{files}replay.fraction = 0.5\nreplay.may_overlap = true"), 0.5),
        ("generated", "replay.generated = 30\nreplay.fraction = 0.25".to_owned(), 0.25),
    ] {
        let out = folder.join(name);
        run(&out, &settings(&more));
        let points = &json(&out.join("record.json"))["points"];
        let last = points.as_array().unwrap().last().unwrap().clone();
        let read = |part: &str| last[part]["examples"].as_f64().unwrap();
        let (new, replayed) = (read("new"), read("replayed"));
        assert!((replayed - share * (new + replayed)).abs() <= 1.0, "{name}: {replayed} of {}", new + replayed);
    }
    let written = json(&folder.join("generated/generated.json"))["texts"].clone();
    let written: Vec<String> = serde_json::from_value(written).unwrap();
    assert!(written.len() == 30 && written.iter().any(|text| text.split(' ').count() > 3), "{written:?}");
}

#[test]
#[ignore = "needs a GPU, or Mesa's llvmpipe"]
fn a_run_on_a_gpu_goes_as_on_the_cpu() {
    let folder = folder("gpu");
    let [cpu, gpu] = ["cpu", "gpu"].map(|name| {
        let out = folder.join(name);
        run(&out, &settings(&format!("device = \"{name}\"")));
        json(&out.join("record.json"))["points"].as_array().unwrap().clone()
    });
    for (cpu, gpu) in cpu.iter().zip(&gpu) {
        let [one, other] = [cpu, gpu].map(|point| point["fine_tuning_loss"].as_f64().unwrap());
        assert!((one - other).abs() < 1e-2, "loss {one} against {other}");
        let [one, other] = [cpu, gpu].map(|point| point["measures"]["forgetting"]["kl"].as_f64().unwrap());
        assert!((one - other).abs() < 1e-2, "KL {one} against {other}");
    }
    let refused = command(&folder.join("bf16"), &settings("device = \"gpu\"\nprecision = \"bf16\"")).output().unwrap();
    assert!(
        refused.status.success() || told(&refused).contains("in which this device can train"),
        "{}",
        told(&refused)
    );
}

#[test]
fn a_run_that_diverges_says_where() {
    let folder = folder("diverged").join("run");
    let output = command(&folder, &settings("tuning.method = \"full\"").replace("0.003", "100")).output().unwrap();
    assert!(output.status.success(), "{}", told(&output));
    let record = json(&folder.join("record.json"));
    let step = record["ending"]["diverged"].as_u64().unwrap();
    let headline = format!("Training blew up at step {step}: there is no tuned model.");
    assert!(told(&output).contains(&headline), "{}", told(&output));
    assert!(!told(&output).contains("After 0 steps"), "{}", told(&output));
    assert!(fs::read_to_string(folder.join("report.html")).unwrap().contains(&headline));
    assert!(!folder.join("model").exists(), "what blew up is no result");
}

#[test]
fn every_default_is_printed_kept_and_recorded() {
    let folder = folder("defaults");
    let world = world();
    let more = |optimiser: &str| {
        format!(
            r#"
training.optimiser = "{optimiser}"
replay = {{ files = ["{0}/pretraining.jsonl"], fraction = 0.1, may_overlap = true }}
evaluation.task = [{{ name = "choices", files = "{0}/facts.jsonl", limit = 4 }}]
evaluation.refusals = {{ harmful = "{0}/harmful.csv", limit = 2, max_new_tokens = 4 }}
"#,
            world.display()
        )
    };
    let common = [
        ("/tuning/alpha", json!(16.0)),
        ("/data/format", json!("chat")),
        ("/data/template", json!("chat")),
        ("/replay/format", json!("text")),
        ("/replay/template", json!("none")),
        ("/evaluation/forgetting/stride", json!(32)),
        ("/evaluation/task/0/prompts", json!(["harness"])),
        ("/evaluation/task/0/shots", json!(0)),
        ("/evaluation/refusals/template", json!("chat")),
        ("/evaluation/refusals/first_characters", json!(64)),
    ];
    let of_adamw =
        [("/training/beta1", json!(0.9)), ("/training/beta2", json!(0.999)), ("/training/epsilon", json!(1e-8))];
    let of_adafactor = [
        ("/training/eps", json!([1e-30, 1e-3])),
        ("/training/clip_threshold", json!(1.0)),
        ("/training/decay_rate", json!(-0.8)),
    ];
    for (optimiser, own, others) in [("adamw", &of_adamw, &of_adafactor), ("adafactor", &of_adafactor, &of_adamw)] {
        let out = folder.join(optimiser);
        let settings = settings(&more(optimiser)).replace("steps = 12", "steps = 2").replace("[4]", "\"ends\"");
        let output = command(&out, &settings).output().unwrap();
        assert!(output.status.success(), "{}", told(&output));
        let kept = fs::read_to_string(out.join("settings.toml")).unwrap();
        assert!(told(&output).contains(kept.trim()), "{}", told(&output));
        let kept_as_json = serde_json::to_value(kept.parse::<toml::Table>().unwrap()).unwrap();
        let recorded = json(&out.join("record.json"))["settings"].clone();
        for settings in [&kept_as_json, &recorded] {
            for (key, value) in common.iter().chain(own) {
                assert_eq!(settings.pointer(key), Some(value), "{key} in {settings}");
            }
            for (key, _) in others {
                assert_eq!(settings.pointer(key), None, "{key} is not used by {optimiser}");
            }
        }
        let again = command(&out, &kept).output().unwrap();
        assert!(again.status.success() && told(&again).contains("is done"), "{}", told(&again));
    }
}

#[test]
fn examples_that_are_cut_are_told_with_the_setting() {
    let folder = folder("cut");
    let [whole, short] = ["whole", "short"].map(|name| folder.join(name));
    let few = |more: &str| settings(more).replace("steps = 12", "steps = 3").replace("[4]", "\"ends\"");
    run(&whole, &few("data.packing = false"));
    assert_eq!(json(&whole.join("record.json")).get("shortened"), None);
    let settings = few("data.packing = false").replace("data.sequence = 32", "data.sequence = 14");
    let output = command(&short, &settings).output().unwrap();
    assert!(output.status.success(), "{}", told(&output));
    let shortened = json(&short.join("record.json"))["shortened"].clone();
    let cut = shortened["cut"].as_u64().unwrap();
    // Three steps of four examples, one that waits, and those of which nothing is learned.
    assert!(cut > 0 && cut <= 13 + shortened["without_learning"].as_u64().unwrap(), "{shortened}");
    assert_eq!(shortened["sequence"], 14);
    let said = format!("Of the examples drawn {cut} were longer than a sequence");
    assert!(told(&output).contains(&said) && told(&output).contains("data.sequence = 14"), "{}", told(&output));
    assert!(fs::read_to_string(short.join("report.html")).unwrap().contains(&said));
}

#[test]
fn losses_of_instructions_are_those_of_training() {
    let folder = folder("instructions");
    let asked = r#"{"messages": [{"role": "user", "content": "in steps : nine plus one ?"}, {"role": "assistant", "content": "nine plus one is zero ."}, {"role": "user", "content": "and what is two minus one ?"}, {"role": "assistant", "content": "one ."}]}"#;
    let cases = [
        ("chat", asked, "", ""),
        ("alpaca", r#"{"instruction": "what is the home of bara ?", "input": "", "output": "elmdale ."}"#, "", "none"),
        ("openorca", r#"{"question": "what is the home of bara ?", "response": "elmdale ."}"#, "openorca", ""),
    ];
    for (name, row, format, template) in cases {
        let file = folder.join(format!("{name}.jsonl"));
        fs::write(&file, format!("{row}\n").repeat(24)).unwrap();
        let told = |key: &str, value: &str, before: &str| match value {
            "" => String::new(),
            value => format!("{before}{key} = \"{value}\""),
        };
        let more = format!(
            "{}\n{}\nevaluation.losses = {{ files = \"{}\", limit = 2{}{} }}",
            told("data.format", format, ""),
            told("data.template", template, ""),
            file.display(),
            told("format", format, ", "),
            told("template", template, ", "),
        );
        let own = settings(&more).replace("training.steps = 12", "training.steps = 2").replace("[4]", "\"ends\"");
        let own = own.replace(&world().join("orca.jsonl").display().to_string(), &file.display().to_string());
        run(&folder.join(name), &own);
        let points = &json(&folder.join(name).join("record.json"))["points"];
        for point in points.as_array().unwrap() {
            let losses = &point["measures"]["losses"]["tuned"];
            let (loss, held_out) = (losses[1].as_f64().unwrap(), point["fine_tuning_loss"].as_f64().unwrap());
            assert!((loss - held_out).abs() < 1e-5 * held_out, "{name}: {loss} and {held_out}, all rows are one");
            assert_eq!(losses.as_array().unwrap().len(), 2);
        }
    }
}

#[test]
fn records_are_what_laws_are_fitted_to() {
    let folder = folder("laws").join("run");
    run(&folder, &settings("").replace("[4]", "2"));
    let fit = std::process::Command::new(super::world::LETHE)
        .args(["laws", "fit", "--law", "linear", "--warm-up", "1", "--json"])
        .arg(folder.join("record.json"))
        .output()
        .unwrap();
    assert!(fit.status.success(), "{}", told(&fit));
    let fit: serde_json::Value = serde_json::from_slice(&fit.stdout).unwrap();
    assert!(fit["linear"]["slope"].as_f64().is_some(), "{fit}");
    assert!(fs::read_to_string(folder.join("log.csv")).unwrap().lines().count() > 12);
}
