//! Runs from files, good and bad.

use lethe::laws::Observation;
use lethe::laws::import::{Constant, Field, Imported, MOST_BYTES, MOST_TOLD, Options, Unit, read};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const HEADER: &str = "parameters,steps,fine_tuning_loss,forgetting,run\n";

fn good(text: &str, options: &Options) -> Imported {
    read(text.as_bytes(), options).unwrap_or_else(|problems| panic!("{problems}"))
}

fn refused(text: &str, options: &Options) -> String {
    read(text.as_bytes(), options).unwrap_err().to_string()
}

fn set(field: Field, value: &str) -> Constant {
    Constant { run: None, field, value: value.to_owned() }
}

#[test]
fn marks_line_ends_quotes_delimiters_and_blank_lines_make_no_difference() {
    let plain = good(&format!("{HEADER}8,50,1.5,0.7,a\n8,60,1.4,0.8,a\n"), &Options::default());
    assert_eq!(plain.observations.len(), 2);
    assert!(plain.bad.is_empty());
    let versions = [
        "\u{feff}parameters,steps,fine_tuning_loss,forgetting,run\r\n8,50,1.5,0.7,a\r\n8,60,1.4,0.8,a\r\n".to_owned(),
        format!("\n{HEADER}\n8,50,1.5,0.7,a\n\n8,60,1.4,0.8,a"),
        format!("{HEADER} 8 ,\"50\",1.5,0.7,\"a\"\n8,60, 1.4,0.8,a\n"),
        format!("{HEADER}8,50,1.5,0.7,a\n8,60,1.4,0.8,a\n").replace(',', ";"),
        format!("{HEADER}8,50,1.5,0.7,a\n8,60,1.4,0.8,a\n").replace(',', "\t"),
        r#"[{"parameters":8,"steps":50,"fine_tuning_loss":1.5,"forgetting":0.7,"run":"a"},
            {"parameters":"8","steps":60,"fine_tuning_loss":1.4,"forgetting":0.8,"run":"a","more":[1]}]"#
            .to_owned(),
        "{\"parameters\":8,\"steps\":50,\"fine_tuning_loss\":1.5,\"forgetting\":0.7,\"run\":\"a\"}\n\
         {\"parameters\":8,\"steps\":60,\"fine_tuning_loss\":1.4,\"forgetting\":0.8,\"run\":\"a\"}\n"
            .to_owned(),
    ];
    for text in versions {
        assert_eq!(good(&text, &Options::default()).observations, plain.observations, "{text}");
    }
}

#[test]
fn columns_units_and_constants_are_applied() {
    let text = "trainable,iteration (k),val,wiki,p\n20,0.05,1.5,2,1\n";
    let options = Options {
        columns: vec![
            (Field::Parameters, "trainable".to_owned()),
            (Field::Steps, "iteration (k)".to_owned()),
            (Field::FineTuningLoss, "val".to_owned()),
            (Field::Forgetting, "wiki".to_owned()),
            (Field::Replay, "p".to_owned()),
        ],
        units: vec![
            (Field::Parameters, Unit::Million),
            (Field::Steps, Unit::Thousand),
            (Field::Forgetting, Unit::Bits),
            (Field::Replay, Unit::Percent),
        ],
        constants: vec![set(Field::ModelParameters, "7e9")],
        run: None,
    };
    let row = good(text, &options).observations.remove(0);
    assert_eq!((row.parameters, row.steps, row.replay, row.model_parameters), (2e7, 50.0, Some(0.01), Some(7e9)));
    assert!((row.forgetting - 2.0 * core::f64::consts::LN_2).abs() < 1e-15);
}

#[test]
fn every_bad_row_is_named_by_line_with_field_value_and_what_is_accepted() {
    let text = format!(
        "{HEADER}8,50,1.5,0.7,a\n8,60,nan,0.7,a\n-8,70,1.4,,a\n8,80,1.4\n8,x,inf,1e9,a\n8,90,1.3,0.8,\"two\nlines\"\n0,99,1,1,a\n"
    );
    let found = good(&text, &Options::default());
    assert_eq!(found.observations.len(), 2);
    let told: Vec<(&str, &str)> = found.bad.iter().map(|one| (one.field.as_str(), one.value.as_str())).collect();
    let expected = [
        ("line 3, fine_tuning_loss", "nan"),
        ("line 4, parameters", "-8"),
        ("line 4, forgetting", ""),
        ("line 5", "3 cells"),
        ("line 6, steps", "x"),
        ("line 6, fine_tuning_loss", "inf"),
        ("line 6, forgetting", "1e9"),
        ("line 9, parameters", "0"),
    ];
    assert_eq!(told, expected);
    assert!(found.bad.iter().all(|one| !one.accepted.is_empty()));
}

#[test]
fn many_bad_rows_are_counted_and_not_all_told() {
    let text = format!("{HEADER}{}", "8,50,nan,0.7,a\n".repeat(MOST_TOLD + 7));
    let found = good(&text, &Options::default());
    assert_eq!((found.bad.len(), found.more_bad), (MOST_TOLD, 7));
}

#[test]
fn files_that_cannot_be_read_say_why() {
    let none = Options::default();
    assert!(refused("", &none).contains("empty"));
    assert!(refused(" \n\n", &none).contains("empty"));
    assert!(refused(HEADER, &none).contains("a header alone"));
    let missing = refused("a,b,c\n1,2,3\n", &none);
    for field in ["parameters", "steps", "fine_tuning_loss", "forgetting"] {
        assert!(missing.contains(&format!("column {field}")), "{missing}");
    }
    let vain = Options { columns: vec![(Field::Steps, "nope".to_owned())], ..Options::default() };
    assert!(refused(&format!("{HEADER}8,50,1,1,a\n"), &vain).contains("column of steps = \"nope\""));
    assert!(refused("[1, 2]", &none).contains("object 1"));
    assert!(refused("[{\"parameters\": 8", &none).contains("EOF"));
    assert!(refused("[]", &none).contains("no objects"));
    assert!(refused("{\"log_history\": 3}", &none).contains("log_history"));
    assert!(read(b"PK\x03\x04\0\0\0\0", &none).unwrap_err().to_string().contains("not text"));
    assert!(read(&vec![b' '; MOST_BYTES + 1], &none).unwrap_err().to_string().contains("at most"));
    assert!(refused(&format!("{}\n1\n", ",".repeat(20_000)), &none).contains("columns"));
    assert!(refused(&"[".repeat(100_000), &none).contains("recursion"));
}

#[test]
fn a_trainers_state_gives_one_observation_per_evaluated_step() {
    let text = r#"{"best_metric": null, "global_step": 120, "log_history": [
        {"epoch": 0.1, "loss": 1.9, "learning_rate": 1e-4, "step": 50},
        {"epoch": 0.1, "eval_loss": 1.8, "eval_runtime": 3.1, "step": 50},
        {"epoch": 0.1, "eval_wikitext_loss": 0.71, "step": 50},
        {"epoch": 0.2, "loss": NaN, "step": 100},
        {"epoch": 0.2, "eval_loss": 1.7, "step": 100},
        {"epoch": 0.2, "eval_wikitext_loss": 0.75, "step": 100},
        {"train_runtime": 99.0, "train_loss": 1.8, "step": 120}]}"#;
    let missing = refused(text, &Options::default());
    assert!(missing.contains("column parameters") && missing.contains("--set parameters=VALUE"), "{missing}");
    let options =
        Options { constants: vec![set(Field::Parameters, "1e6")], run: Some("r8".to_owned()), ..Options::default() };
    let found = good(text, &options);
    let row = |steps, fine_tuning_loss, forgetting| Observation {
        parameters: 1e6,
        steps,
        fine_tuning_loss,
        forgetting,
        run: Some("r8".to_owned()),
        ..Observation::default()
    };
    assert_eq!(found.observations, [row(50.0, 1.8, 0.71), row(100.0, 1.7, 0.75)]);
    assert_eq!(found.notes, ["Forgetting is taken to be eval_wikitext_loss."]);
    let two = text.replace("\"eval_wikitext_loss\": 0.71", "\"eval_wikitext_loss\": 0.71, \"eval_c4_loss\": 2");
    assert!(refused(&two, &options).contains("column forgetting"));
}

#[test]
fn a_chart_of_wandb_has_a_run_per_column() {
    let text = "\"Step\",\"lora - r8 - eval/loss\",\"lora - r8 - eval/loss__MIN\",\"lora - r8 - wiki/loss\",\"r16 - eval/loss\",\"r16 - wiki/loss\"\n\
        50,1.5,1.4,0.7,,\n60,,,,1.4,0.8\n70,1.3,1.3,,1.2,0.9\n";
    let each = |run: &str, value: &str| Constant {
        run: Some(run.to_owned()),
        field: Field::Parameters,
        value: value.to_owned(),
    };
    let options = Options {
        columns: vec![(Field::Forgetting, "wiki/loss".to_owned())],
        constants: vec![each("lora - r8", "8e6"), each("r16", "16e6")],
        ..Options::default()
    };
    let found = good(text, &options);
    let rows: Vec<_> = found
        .observations
        .iter()
        .map(|row| (row.run.as_deref().unwrap(), row.parameters, row.steps, row.fine_tuning_loss, row.forgetting))
        .collect();
    assert_eq!(
        rows,
        [("lora - r8", 8e6, 50.0, 1.5, 0.7), ("r16", 16e6, 60.0, 1.4, 0.8), ("r16", 16e6, 70.0, 1.2, 0.9)]
    );
    assert!(found.notes[0].starts_with("1 of 4"), "{:?}", found.notes);
    let one = Options { constants: vec![each("r16", "16e6")], ..options };
    assert_eq!(good(text, &one).bad[0].field, "line 2, run lora - r8, parameters");
}

#[test]
fn the_history_of_wandb_merges_what_was_logged_at_one_step() {
    let text = r#"[{"_step": 50, "eval/loss": 1.5, "run": "a"}, {"_step": 50, "wiki": 0.7, "run": "a"},
                   {"_step": 60, "train/loss": 2.0, "eval/loss": null, "run": "a"}, {"_step": 70, "eval/loss": Infinity, "wiki": 1, "run": "a"}]"#;
    let options = Options {
        columns: vec![(Field::Forgetting, "wiki".to_owned())],
        constants: vec![set(Field::Parameters, "8")],
        ..Options::default()
    };
    let found = good(text, &options);
    assert_eq!(found.observations.len(), 1);
    assert_eq!(found.bad[0].value, "Infinity");
}
