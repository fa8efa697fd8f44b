//! Answers and texts scored as lm-evaluation-harness scores them.

use lethe::experiments::llama::{Measures, Prompted};
use lethe::metrics::likelihood::{Continuation, likelihoods};
use lethe::model::llama::Mode;
use serde_json::Value;

use crate::formulas::numbers;
use crate::world::{cases, measured, model};

/// What a sum of log-probabilities may differ by: single precision on both sides, in another order.
const TOLERANCE: f64 = 1e-4;

const TASKS: &str = r#"
[[task]]
name = "arc_easy"
files = ["FOLDER/arc.jsonl"]
items = true
[[task]]
name = "arc_challenge"
title = "parquet"
files = ["FOLDER/arc.parquet"]
items = true
[[task]]
name = "mnli"
files = "FOLDER/mnli.jsonl"
prompts = ["harness", "imply", "labels"]
items = true
[[task]]
name = "choices"
files = "FOLDER/pairs.jsonl"
items = true
[[task]]
name = "mnli"
title = "shots"
files = "FOLDER/mnli.jsonl"
shots = 1
shot_files = "FOLDER/mnli.jsonl"
items = true
"#;

fn both(case: &Value, name: &str, settings: &str) -> Measures {
    let model = model(false);
    measured(case, name, settings, (&model, &Mode::BASE), (&model, &Mode::BASE)).unwrap()
}

fn compare(ours: &Prompted, theirs: &Value, what: &str) {
    let theirs = theirs.as_array().unwrap();
    assert_eq!(ours.items.len(), theirs.len(), "{what}");
    for (place, (item, row)) in ours.items.iter().zip(theirs).enumerate() {
        let expected = numbers(&row["log_probabilities"]);
        assert_eq!(item.base.len(), expected.len());
        for (own, theirs) in item.base.iter().zip(expected) {
            assert!((own - theirs).abs() < TOLERANCE * theirs.abs().max(1.0), "{what}, row {place}: {own} {theirs}");
        }
    }
    let answered = &ours.base;
    for (metric, share) in [("acc", answered.acc), ("acc_norm", answered.acc_norm), ("acc_bytes", answered.acc_bytes)] {
        if theirs[0].get(metric).is_some() {
            let right: f64 = theirs.iter().map(|row| row[metric].as_f64().unwrap()).sum();
            assert_eq!((share.count as f64, share.of), (right, theirs.len()), "{what}: {metric}");
        }
    }
    let greedy = |(item, row): (&_, &Value)| {
        let item: &lethe::experiments::llama::ItemScores = item;
        row["greedy"][item.truth].as_bool().unwrap()
    };
    assert_eq!(answered.greedy.count, ours.items.iter().zip(theirs).filter(|&pair| greedy(pair)).count(), "{what}");
}

#[test]
fn choices_agree_with_the_harness() {
    for (case, name) in cases().iter().zip(["scoring with BOS", "scoring without"]) {
        let measures = both(case, name, TASKS);
        let keys = ["arc", "arc", "mnli", "pairs", "mnli_shots"];
        for (task, key) in measures.tasks.iter().zip(keys) {
            compare(&task.prompts[0], &case[key], &format!("{name}, {}", task.name));
            assert!(task.prompts.iter().all(|prompt| prompt.as_base.count == prompt.as_base.of));
        }
        let mnli = &measures.tasks[2].prompts;
        assert_eq!(mnli.len(), 3);
        for prompt in mnli {
            let confusion = prompt.base.confusion.as_ref().unwrap();
            let answered: Vec<usize> = confusion.answered().iter().map(|share| share.count).collect();
            assert_eq!(answered, prompt.base.preferred);
            let truths: Vec<usize> = confusion.counts.iter().map(|row| row.iter().sum()).collect();
            assert_eq!(truths, [3, 4, 3], "as the rows have it");
            let right: usize = (0..3).map(|class| confusion.counts[class][class]).sum();
            assert_eq!(right, prompt.base.acc.count);
        }
        assert!(measures.tasks[0].prompts[0].base.confusion.is_none());
    }
}

#[test]
fn examples_before_a_question_agree_with_the_harness() {
    let settings = r#"
        [[task]]
        name = "arc_easy"
        files = "FOLDER/asked.jsonl"
        shots = 2
        shot_files = "FOLDER/asked.jsonl"
        items = true
    "#;
    for (case, name) in cases().iter().zip(["shots with BOS", "shots without"]) {
        // The rows that the script asks: those after the third.
        let folder = crate::world::folder(&format!("{name}, rows"));
        let rows = crate::world::GOLDEN["rows"]["arc"].as_array().unwrap();
        let lines: String = rows[3..].iter().map(|row| format!("{row}\n")).collect();
        std::fs::write(folder.join("asked.jsonl"), lines).unwrap();
        let settings = settings.replace("FOLDER", folder.to_str().unwrap());
        let measures = both(case, name, &settings);
        assert_eq!(measures.tasks[0].shots, 2);
        compare(&measures.tasks[0].prompts[0], &case["arc_shots"], name);
    }
}

#[test]
fn rolling_likelihoods_agree_with_the_harness() {
    let case = &cases()[1];
    let theirs = case["rolling"].as_array().unwrap();
    let settings = r#"
        losses = { files = "FOLDER/documents.jsonl" }
        [[perplexity]]
        name = "tales"
        files = "FOLDER/documents.jsonl"
    "#;
    let measures = both(case, "rolling", settings);
    let tales = &measures.perplexities[0];
    let sum = |key: &str| theirs.iter().map(|row| row[key].as_f64().unwrap()).sum::<f64>();
    assert!((tales.nll + sum("log_probability")).abs() < TOLERANCE * tales.nll, "{tales:?}");
    assert_eq!((tales.words as f64, tales.bytes as f64, tales.texts), (sum("words"), sum("bytes"), theirs.len()));
    assert_eq!(tales.nll, tales.base_nll);
    let losses = measures.losses.unwrap();
    for ((loss, &tokens), row) in losses.tuned.iter().zip(&losses.tokens).zip(theirs) {
        let expected = -row["log_probability"].as_f64().unwrap();
        assert!((loss * tokens as f64 - expected).abs() < TOLERANCE * expected, "{loss} {tokens} {row}");
    }
    assert_eq!(losses.tokens.iter().sum::<usize>(), tales.tokens);
    let [base, tuned] = tales.per(tales.bytes);
    assert!(base == tuned && (libm::log(base) * tales.bytes as f64 - tales.nll).abs() < 1e-9 * tales.nll);
}

#[test]
fn what_shares_a_batch_changes_nothing() {
    let model = model(false);
    let token = |k: usize| 3 + (k * 37 % 300) as u32;
    let asked: Vec<Continuation> = (0..40)
        .map(|k| Continuation {
            context: (0..1 + k * 3 % 60).map(token).collect(),
            tokens: (0..1 + k % 5).map(|n| token(n + k)).collect(),
        })
        .collect();
    let mut done = 0;
    let together = likelihoods(&model, &Mode::BASE, &asked, 32, &mut |more| {
        done += more;
        true
    })
    .unwrap();
    assert_eq!(done, asked.len());
    for (one, together) in asked.iter().zip(together) {
        let alone = likelihoods(&model, &Mode::BASE, core::slice::from_ref(one), 32, &mut |_| true).unwrap()[0];
        let near = (alone.log_probability - together.log_probability).abs() < 1e-5;
        assert!(near && alone.is_greedy == together.is_greedy, "{alone:?} {together:?}");
        assert!(alone.log_probability < 0.0);
    }
}

#[test]
fn the_greedy_continuation_is_told_as_such() {
    let model = model(false);
    let context = vec![5, 9, 200];
    let likeliest = lethe::model::llama::greedy(&model, &Mode::BASE, core::slice::from_ref(&context), 3, &[]).remove(0);
    let mut other = likeliest.clone();
    other[2] = (other[2] + 1) % 384;
    let asked = [likeliest, other].map(|tokens| Continuation { context: context.clone(), tokens });
    let found = likelihoods(&model, &Mode::BASE, &asked, 72, &mut |_| true).unwrap();
    assert_eq!(found.iter().map(|one| one.is_greedy).collect::<Vec<_>>(), [true, false]);
    assert!(found[0].log_probability > found[1].log_probability);
}
