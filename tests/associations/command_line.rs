//! `lethe associations` as its user meets it.

use std::path::PathBuf;
use std::process::{Command, Output};

use lethe::associations::Matrix;
use lethe::associations::import::read;
use lethe::associations::methods::{completed, named};
use serde_json::Value;

use crate::planted::{planted, planted_binary, stream, with_gaps};

fn lethe(arguments: &[&str]) -> Output {
    asked("complete", arguments)
}

fn asked(command: &str, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lethe")).args(["associations", command]).args(arguments).output().unwrap()
}

fn written(name: &str, text: &str) -> String {
    let path = path(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn path(name: &str) -> String {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name).to_str().unwrap().to_owned()
}

fn csv(name: &str, matrix: &Matrix) -> String {
    let mut text = (0..matrix.columns()).fold("task".to_owned(), |text, column| format!("{text},x{column}"));
    for row in 0..matrix.rows() {
        text.push_str(&format!("\nt{row}"));
        let cell = |entry: &f32| if entry.is_nan() { ",".to_owned() } else { format!(",{entry}") };
        text.push_str(&matrix.row(row).iter().map(cell).collect::<String>());
    }
    let path = path(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn json(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn errors(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.stdout.is_empty());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn json_has_the_keys_that_scripts_rely_on() {
    let file = csv("associations.csv", &planted(30, 100, 2, 0.1, "command"));
    let arguments =
        [file.as_str(), "--rank", "3", "--observed", "20", "--seeds", "6", "--test-rows", "20..29", "--json"];
    let found = json(&lethe(&arguments));
    let methods = found["methods"].as_array().unwrap();
    let names: Vec<&str> = methods.iter().map(|method| method["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["random", "additive", "neighbours", "factorisation", "soft_impute"]);
    for method in methods {
        assert!(method["rmse"]["mean"].is_f64() && method["rmse"]["sd"].is_f64(), "{method}");
        assert!(method["rmse"]["interval"]["low"].as_f64() <= method["rmse"]["mean"].as_f64(), "{method}");
        assert!(method.get("f1").is_none());
    }
    assert!(methods[3]["rmse"]["mean"].as_f64() < methods[1]["rmse"]["mean"].as_f64());
    let ranks = found["reconstruction"].as_array().unwrap();
    assert_eq!(ranks.iter().map(|rank| rank["rank"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(ranks.iter().all(|rank| rank["r2"].is_f64()));
    assert_eq!(found["protocol"]["train_rows"], "0..19");
    assert_eq!(found["protocol"]["test_rows"], "20..29");
    // The number of threads, and whether others are asked, change nothing.
    let alone = json(&lethe(&[&arguments[..], &["--method", "factorisation"]].concat()));
    assert_eq!(alone["methods"][0], methods[3]);
}

#[test]
fn features_of_both_sides_add_the_trained_representation() {
    let matrix = planted(30, 100, 2, 0.1, "command");
    let file = csv("represented.csv", &matrix);
    // Tasks are described by their own entries of some columns and noise, examples by those of some rows.
    let mut noise = stream("noise of features");
    let mut line = |values: Vec<f32>| {
        let values = values.into_iter().map(|value| (value + 0.01 * noise.normal() as f32).to_string());
        values.collect::<Vec<String>>().join(",")
    };
    let rows: Vec<String> = (0..30).map(|row| line(matrix.row(row)[..6].to_vec())).collect();
    let columns: Vec<String> =
        (0..100).map(|column| line((0..6).map(|row| matrix.row(row)[column]).collect())).collect();
    let rows = written("row-features.csv", &rows.join("\n"));
    let columns = written("column-features.csv", &columns.join("\n"));
    let asked = |rest: &[&str]| lethe(&[&[file.as_str(), "--seeds", "2"], rest].concat());
    let found = json(&asked(&["--row-features", &rows, "--column-features", &columns, "--json"]));
    let methods = found["methods"].as_array().unwrap();
    let rmse =
        |name: &str| methods.iter().find(|method| method["name"] == name).unwrap()["rmse"]["mean"].as_f64().unwrap();
    assert_eq!(methods.len(), 6);
    assert!(rmse("representation") < 0.7 * rmse("additive"), "{methods:?}");
    for (wrong, word) in [
        (vec!["--row-features", &rows], "column-features"),
        (vec!["--row-features", &columns, "--column-features", &columns], "30 rows"),
        (vec!["--row-features", &rows, "--column-features", "nowhere"], "nowhere"),
    ] {
        let told = errors(&asked(&wrong));
        assert!(told.contains(word), "{word}: {told}");
    }
}

#[test]
fn binary_matrices_have_rates_and_words_are_told_without_json() {
    let file = csv("associations-binary.csv", &planted_binary(30, 120, 1, "command"));
    let found = json(&lethe(&[&file, "--binary", "--rank", "2", "--seeds", "2", "--json"]));
    let last = &found["methods"][5];
    assert_eq!(last["name"], "logistic_factorisation");
    for rate in ["f1", "precision", "recall", "auc"] {
        assert!(last[rate]["mean"].is_f64(), "{rate}: {last}");
    }
    assert!(found["reconstruction"][1]["f1"].as_f64() > found["reconstruction"][0]["f1"].as_f64());
    let told = lethe(&[&file, "--binary", "--seeds", "2"]);
    assert_eq!(told.status.code(), Some(0));
    let text = String::from_utf8_lossy(&told.stdout).into_owned();
    for word in ["30 tasks x 120 examples", "rows 23..29 predicted", "logistic_additive", "AUC", "rank 5"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn what_is_missing_is_written_filled() {
    let matrix = with_gaps(&planted(12, 40, 1, 0.0, "written"), 0.2, "written");
    let file = csv("associations-gaps.csv", &matrix);
    for out in ["associations-filled.csv", "associations-filled.npy"] {
        let out = path(out);
        let done = lethe(&[&file, "--rank", "1", "--observed", "10", "--seeds", "1", "--out", &out]);
        assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
        assert!(String::from_utf8_lossy(&done.stderr).contains("entries are missing"));
        let filled = read(&std::fs::read(&out).unwrap(), None).unwrap();
        let wanted = completed(
            named("factorisation", 1).unwrap().as_ref(),
            &read(&std::fs::read(&file).unwrap(), None).unwrap(),
        );
        assert_eq!((filled.missing(), filled.entries()), (0, wanted.as_slice()));
        if out.ends_with("csv") {
            assert_eq!((filled.row_names()[3].as_str(), filled.column_names()[7].as_str()), ("t3", "x7"));
        }
    }
    // And what was written is read again.
    let again = json(&lethe(&[&path("associations-filled.npy"), "--observed", "10", "--seeds", "1", "--json"]));
    assert_eq!(again["matrix"]["missing"], 0);
}

#[test]
fn wrong_input_ends_with_2_and_is_named() {
    let file = csv("associations-wrong.csv", &planted(12, 40, 1, 0.1, "wrong input"));
    let cases: [(&[&str], &str); 12] = [
        (&["--rank", "0"], "--rank = \"0\""),
        (&["--observed", "40"], "40 entries"),
        (&["--observed", "0"], "observed = \"0\""),
        (&["--seeds", "0"], "seeds = \"0\""),
        (&["--test-rows", "12"], "--test-rows = \"12\"; accepted: rows from 0 to 11"),
        (&["--test-rows", "0..11"], "training rows = \"0\""),
        (&["--train-rows", "0..5", "--test-rows", "5..8"], "rows that are not training rows"),
        (&["--method", "oracle"], "--method = \"oracle\"; accepted: one of random"),
        (&["--method", "additive,additive"], "every method once"),
        (&["--method", "logistic_additive"], "or --binary"),
        (&["--binary"], "0 or 1"),
        (&["--out", "matrix.txt"], "--out = \"matrix.txt\""),
    ];
    for (arguments, wanted) in cases {
        let found = errors(&lethe(&[&[file.as_str()], arguments].concat()));
        assert!(found.contains(wanted), "{wanted}: {found}");
    }
    assert!(errors(&lethe(&[&path("associations-none.csv")])).contains("file = "));
    assert!(errors(&lethe(&[env!("CARGO_TARGET_TMPDIR")])).contains("this is a folder"));
    let ragged = path("associations-ragged.csv");
    std::fs::write(&ragged, "1,2\n3\n").unwrap();
    assert!(errors(&lethe(&[&ragged])).contains("line 2 = \"1 cells\""));
}

/// 12 tasks that forget 40 examples, each task by its size and each example by its strength: facts more than stories.
/// With noise of each seed its own.
fn of_two_kinds(seed: &str) -> (Matrix, Vec<f64>, Vec<f64>) {
    let sizes: Vec<f64> = (0..12).map(|task| 0.5 + 0.1 * f64::from(task)).collect();
    let mut drawn = stream("strengths");
    let strengths: Vec<f64> =
        (0..40).map(|example| if example % 2 == 0 { 1.0 } else { 0.2 } + 0.1 * drawn.uniform()).collect();
    let mut noise = stream(seed);
    let entries = sizes.iter().flat_map(|size| strengths.iter().map(move |strength| size * strength));
    let entries = entries.map(|truth| (truth + 0.1 * noise.normal()) as f32).collect();
    (Matrix::new(12, 40, entries).unwrap(), sizes, strengths)
}

#[test]
fn what_a_matrix_is_made_of_is_told() {
    let (first, sizes, strengths) = of_two_kinds("one");
    let [one, other] =
        [("understood-1.csv", first), ("understood-2.csv", of_two_kinds("other").0)].map(|(name, own)| csv(name, &own));
    let tasks: String = sizes.iter().enumerate().map(|(task, size)| format!("t{task},{size},word {task}\n")).collect();
    let tasks = written("understood-tasks.csv", &format!("name,size,words\n{tasks}"));
    // In another order than the matrix: names say which is which.
    let examples: String = (0..40)
        .rev()
        .map(|k| format!("x{k},{},{}\n", if k % 2 == 0 { "fact" } else { "story" }, strengths[k]))
        .collect();
    let examples = written("understood-examples.csv", &format!("name,kind,strength\n{examples}"));
    let files = [one.as_str(), &other, "--tasks", &tasks, "--examples", &examples];
    let found = json(&asked("understand", &[&files[..], &["--json", "--order", "mean"]].concat()));
    assert_eq!(
        (found["rows"].as_u64(), found["columns"].as_u64(), found["seeds"].as_u64()),
        (Some(12), Some(40), Some(2))
    );

    let truths: Vec<f64> =
        sizes.iter().flat_map(|size| strengths.iter().map(move |strength| size * strength)).collect();
    let mean = truths.iter().sum::<f64>() / 480.0;
    let variance = truths.iter().map(|truth| (truth - mean) * (truth - mean)).sum::<f64>() / 479.0;
    let reliability = found["ceiling"]["reliability"].as_f64().unwrap();
    assert!((reliability - variance / (variance + 0.01)).abs() < 0.02, "{reliability}");
    assert!((found["ceiling"]["noise"].as_f64().unwrap() - 0.1).abs() < 0.01);
    let ranks = found["reconstruction"]["ranks"].as_array().unwrap();
    assert!(ranks[0]["r2"].as_f64() > Some(0.9), "one factor: {}", ranks[0]);

    let first = |of: &str, property: &str| {
        let all = found["correlations"].as_array().unwrap().iter();
        let own = |one: &&Value| one["of"] == of && one["property"] == property && one["factor"] == 1;
        all.clone().find(own).unwrap()["pearson"]["coefficient"].as_f64().unwrap()
    };
    assert!(first("tasks", "size") > 0.98 && first("examples", "strength") > 0.98);
    let group = &found["groups"][0];
    assert_eq!((&group["property"], &group["labels"]), (&"kind".into(), &serde_json::json!(["fact", "story"])));
    assert!(group["p_value"].as_f64() < Some(0.01), "{group}");
    assert!(group["by_chance"]["q95"].as_f64() < group["shared_within"].as_f64(), "{group}");
    let strength = found["correlations"].as_array().unwrap().iter().find(|one| one["property"] == "strength").unwrap();
    let interval = &strength["spearman"]["interval"];
    assert!(interval["low"].as_f64() < strength["spearman"]["coefficient"].as_f64(), "{strength}");
    let order: Vec<u64> =
        found["order"]["columns"].as_array().unwrap().iter().map(|column| column.as_u64().unwrap()).collect();
    assert!(order[..20].iter().all(|column| column % 2 == 0), "facts are forgotten most: {order:?}");
    assert!(found["notes"].to_string().contains("words is text"));

    let told = asked("understand", &files);
    assert_eq!(told.status.code(), Some(0), "{}", String::from_utf8_lossy(&told.stderr));
    let text = String::from_utf8_lossy(&told.stdout).into_owned();
    for word in ["12 tasks x 40 examples, the mean of 2 seeds", "noise ceiling", "strength", "fact with story"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn what_cannot_be_understood_is_named() {
    let matrix = csv("misunderstood.csv", &planted(6, 10, 1, 0.1, "misunderstood"));
    let other = csv("misunderstood-other.csv", &planted(6, 11, 1, 0.1, "misunderstood"));
    let short = written("misunderstood-examples.csv", "name,kind\nx0,a\n");
    let one = written("misunderstood-one.csv", &format!("kind\n{}", "a\nb\n".repeat(3)));
    let cases: [(&[&str], &str); 6] = [
        (&["--rank", "0"], "--rank = \"0\""),
        (&["--permutations", "0"], "--permutations = \"0\""),
        (&["--order", "mean"], "an order in JSON"),
        (&[&other], "matrix 2 of 6 x 11"),
        (&["--examples", &short], "--examples = \"1 lines below the names\"; accepted: 10"),
        (&["--examples", &one], "accepted: 10"),
    ];
    for (arguments, wanted) in cases {
        let found = errors(&asked("understand", &[&[matrix.as_str()], arguments].concat()));
        assert!(found.contains(wanted), "{wanted}: {found}");
    }
}
