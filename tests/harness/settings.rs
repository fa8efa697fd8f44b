//! What is refused, and what its author is told.

use lethe::model::llama::Mode;

use crate::world::{cases, folder, measured, model};

/// What is said of settings that are wrong, with some files in a folder.
fn told(name: &str, files: &[(&str, &str)], settings: &str) -> String {
    let place = folder(&format!("wrong, {name}"));
    for (file, text) in files {
        std::fs::write(place.join(file), text).unwrap();
    }
    let settings = settings.replace("HERE", place.to_str().unwrap());
    let model = model(false);
    measured(&cases()[0], name, &settings, (&model, &Mode::BASE), (&model, &Mode::BASE)).map(|_| ()).unwrap_err()
}

#[test]
fn everything_wrong_with_the_table_is_named_at_once() {
    let settings = r#"
        surprise = 1
        forgetting = { files = "HERE/none.txt", length = 1000, stide = 3 }
        refusals = { harmful = [], max_new_tokens = 0, template = "polite" }
        generations = { prompts = [1] }
        [[task]]
        name = "mlni"
        files = "FOLDER/mnli.jsonl"
        [[task]]
        name = "arc_easy"
        files = "FOLDER/arc.jsonl"
        limit = -1
        prompts = ["harness", "harness"]
        [[task]]
        name = "arc_easy"
        files = "FOLDER/arc.jsonl"
        prompts = [{ name = "mine", text = "Q: {queston}" }]
        shots = 2
        [[perplexity]]
        files = 7
    "#;
    let told = told("table", &[], settings);
    for part in [
        "evaluation.surprise = \"1\"; accepted: one of at, forgetting, task, refusals, perplexity, generations, losses",
        "evaluation.forgetting.files",
        "none.txt",
        "evaluation.forgetting.length = \"1000\"; accepted: a whole number from 2 to 72",
        "evaluation.forgetting.stide = \"3\"; accepted: one of files, windows, length, stride",
        "evaluation.refusals.harmful",
        "evaluation.refusals.max_new_tokens = \"0\"",
        "evaluation.refusals.template = \"polite\"; accepted: one of alpaca, llama-2, chat, none",
        "evaluation.generations.prompts = \"[1]\"; accepted: a file, or a list of texts",
        "evaluation.task[0].name = \"mlni\"; accepted: one of mnli, arc_easy, arc_challenge, choices",
        "evaluation.task[1].limit = \"-1\"",
        "evaluation.task[1].prompts = ",
        "each name once",
        "evaluation.task[2].title = \"arc_easy\"; accepted: a title of its own for each task",
        "{question} or {choices} in braces, and no other",
        "evaluation.task[2].shot_files = \"missing\"",
        "evaluation.perplexity[0].name = \"missing\"",
        "evaluation.perplexity[0].files = \"7\"",
    ] {
        assert!(told.contains(part), "{part:?} in\n{told}");
    }
}

#[test]
fn malformed_rows_are_named_by_file_and_line() {
    let row = r#"{"question": "Q?", "choices": {"text": ["a", "b"], "label": ["A", "B"]}, "answerKey": "A"}"#;
    let table = [
        (
            "arc_easy",
            "a.jsonl",
            format!("{row}\n\n{}\n", row.replace("\"answerKey\": \"A\"", "\"answerKey\": \"E\"")),
            "a.jsonl, line 3: answerKey = \"E\"; accepted: one of the labels A, B",
        ),
        ("arc_easy", "b.jsonl", format!("{row}\n{{\"question\"\n"), "b.jsonl, line 2"),
        ("arc_easy", "c.jsonl", row.replace("[\"A\", \"B\"]", "[\"A\"]"), "c.jsonl, line 1: choices"),
        ("arc_easy", "d.json", format!("[{row}, {{\"question\": 3}}]"), "d.json, line 1: question = \"3\""),
        ("arc_easy", "e.txt", row.to_owned(), "accepted: a name that ends in .jsonl"),
        ("arc_easy", "f.jsonl", "\n \n".to_owned(), "files with at least one question"),
        (
            "mnli",
            "g.tsv",
            "sentence1\tsentence2\tgold_label\nOne \"two.\tThree\tneutral\nA\tB\tmaybe\n".to_owned(),
            "g.tsv, line 3: label or gold_label = \"maybe\"; accepted: 0, 1, 2 or entailment",
        ),
        ("mnli", "h.tsv", "sentence1\tsentence2\tgold_label\nOne\tTwo\n".to_owned(), "h.tsv, line 2"),
        (
            "mnli",
            "i.jsonl",
            r#"{"premise": "a", "hypothesis": "b", "label": -1}"#.to_owned(),
            "i.jsonl, line 1: label or gold_label = \"-1\"",
        ),
        (
            "choices",
            "j.jsonl",
            r#"{"context": "c", "choices": ["a", "b"], "answer": 2}"#.to_owned(),
            "j.jsonl, line 1: answer = \"2\"; accepted: a place from 0 to 1",
        ),
        (
            "choices",
            "k.jsonl",
            r#"{"context": "c", "choices": ["a"], "answer": 0}"#.to_owned(),
            "k.jsonl, line 1: choices",
        ),
        ("choices", "l.parquet", "no parquet".to_owned(), "l.parquet"),
    ];
    for (task, file, text, expected) in table {
        let settings = format!("[[task]]\nname = \"{task}\"\nfiles = \"HERE/{file}\"");
        let told = told(&format!("rows {file}"), &[(file, &text)], &settings);
        assert!(told.contains(expected), "{expected:?} in\n{told}");
    }
}

#[test]
fn what_does_not_fit_the_model_is_told() {
    let long = "many words ".repeat(60);
    let answer = format!(r#"{{"context": "c", "choices": ["a", "{long}"], "answer": 0}}"#);
    let settings = "[[task]]\nname = \"choices\"\nfiles = \"HERE/long.jsonl\"";
    let told_of_answer = told("long answer", &[("long.jsonl", &answer)], settings);
    assert!(
        told_of_answer.contains("long.jsonl, line 1") && told_of_answer.contains("1 to 72 tokens"),
        "{told_of_answer}"
    );
    let settings = format!("generations = {{ prompts = [\"{long}\"], template = \"none\" }}");
    let told_of_prompt = told("long prompt", &[], &settings);
    assert!(told_of_prompt.contains("leaves room for max_new_tokens, 128, in the model's 72"), "{told_of_prompt}");
    let settings = "forgetting = { files = \"HERE/short.txt\", windows = 3, length = 20 }";
    let told_of_text = told("short text", &[("short.txt", "A few words.")], settings);
    assert!(told_of_text.contains("text of 60 tokens: 3 windows of 20, 20 apart"), "{told_of_text}");
}

#[test]
fn rows_of_every_writing_are_the_same_questions() {
    let model = model(false);
    let place = folder("writings");
    let mnli = crate::world::GOLDEN["rows"]["mnli"].as_array().unwrap();
    let labels = ["entailment", "neutral", "contradiction"];
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    // Rows with a line feed cannot be written in a TSV.
    let mnli: Vec<_> = mnli.iter().filter(|row| !text(&row[0]).contains('\n')).collect();
    let tsv = |row: &&serde_json::Value| {
        format!("0\t{}\t{}\t{}\n", text(&row[0]), text(&row[1]), labels[row[2].as_u64().unwrap() as usize])
    };
    let header = "index\tsentence1\tsentence2\tgold_label\n";
    std::fs::write(place.join("a.tsv"), header.to_owned() + &mnli.iter().map(tsv).collect::<String>()).unwrap();
    let line = |row: &&serde_json::Value| {
        let label = labels[row[2].as_u64().unwrap() as usize];
        format!("{}\n", serde_json::json!({"sentence1": row[0], "sentence2": row[1], "gold_label": label}))
    };
    // What annotators did not agree on is left out.
    let left_out = "{\"sentence1\": \"a\", \"sentence2\": \"b\", \"gold_label\": \"-\"}\n";
    std::fs::write(place.join("b.jsonl"), left_out.to_owned() + &mnli.iter().map(line).collect::<String>()).unwrap();
    let settings =
        |file: &str| format!("[[task]]\nname = \"mnli\"\nitems = true\nfiles = \"{}/{file}\"", place.display());
    let of = |file: &str| {
        let base = (&model, &Mode::BASE);
        measured(&cases()[0], "writings, folder", &settings(file), base, base).unwrap().tasks.remove(0)
    };
    let (tsv, lines) = (of("a.tsv"), of("b.jsonl"));
    assert_eq!(tsv, lines);
    assert_eq!(tsv.prompts[0].items.len(), 9);
}

#[test]
fn nothing_is_read_beyond_what_is_asked_for() {
    let question = r#"{"context": "c", "choices": ["a", "b"], "answer": 0}"#;
    let text = format!("{{\"text\": \"{}\"}}", "The mill and the miller. ".repeat(20));
    let broken = |row: &str| format!("{row}\n{row}\nnonsense\n");
    let files = [
        ("choices.jsonl", broken(question)),
        ("texts.jsonl", broken(&text)),
        // An array whatever the name is, and rows a line whatever the name is.
        ("requests.jsonl", "[{\"goal\": \"a\"}, {\"goal\": \"b\"}, nonsense".to_owned()),
        ("general.json", broken(&text)),
        ("marked.csv", "\u{feff}text,other\nOne mill,\ntoo few\n".to_owned()),
        ("phrases.txt", "\u{feff}# mine\ncannot\n".to_owned()),
    ];
    let place = folder("limits, files");
    for (file, text) in &files {
        std::fs::write(place.join(file), text).unwrap();
    }
    let settings = |limit: usize, windows: usize| {
        format!(
            r#"
            forgetting = {{ files = "HERE/general.json", windows = {windows}, length = 8 }}
            refusals = {{ harmful = "HERE/requests.jsonl", limit = {limit}, max_new_tokens = 1, template = "none", phrases = "HERE/phrases.txt" }}
            losses = {{ files = "HERE/texts.jsonl", limit = {limit} }}
            [[task]]
            name = "choices"
            files = "HERE/choices.jsonl"
            limit = {limit}
            [[perplexity]]
            name = "marked"
            files = "HERE/marked.csv"
            limit = 1
            "#
        )
        .replace("HERE", place.to_str().unwrap())
    };
    let model = model(false);
    let measured =
        |settings: &str| measured(&cases()[0], "limits", settings, (&model, &Mode::BASE), (&model, &Mode::BASE));
    let measures = measured(&settings(2, 2)).unwrap();
    assert_eq!((measures.tasks[0].prompts[0].base.acc.of, measures.losses.unwrap().base.len()), (2, 2));
    assert!(measured(&settings(2, 1_000)).unwrap_err().contains("general.json, line 3"));
    assert!(measured(&settings(3, 2)).unwrap_err().contains("choices.jsonl, line 3"));
}
