//! The batches of a run.

use lethe::data::text::{Batch, Learn, Packing, Template, Tokens, Unit};
use lethe::native::llama::data::{Corpus, Feed, Plan, Progress};
use lethe::seed::Seed;
use lethe::train::ReplaySchedule;

use crate::files::problems;
use crate::folder::Folder;
use crate::letters::Letters;

/// Texts of 3 to 30 letters; `mark` begins each and stands nowhere else.
fn corpus(mark: char, rows: usize) -> Corpus {
    let text = |row: usize| format!("{mark}{row} {}", "x".repeat(row * 7 % 26));
    Corpus::of_texts("texts", (0..rows).map(text).collect()).unwrap()
}

fn plan(packed: bool, unit: Unit, fraction: f64) -> Plan {
    Plan {
        templates: [Template::None; 2],
        learn: Learn::Answers,
        packing: Packing { sequence: 24, sequences: 3, packed },
        unit,
        replay: ReplaySchedule::constant(fraction),
        weights: None,
        hold_out: 0,
        epochs: None,
        seed: Seed::new(8),
    }
}

/// Texts of a batch.
fn texts(batch: &Batch) -> Vec<String> {
    let mut found = Vec::new();
    for (row, lengths) in batch.lengths.iter().enumerate() {
        let mut at = row * batch.time;
        for &length in lengths {
            let letters = batch.tokens[at..at + length].iter().filter(|&&token| token > 2);
            found.push(letters.map(|&token| char::from_u32(token).unwrap()).collect());
            at += length;
        }
    }
    found
}

#[test]
fn a_feed_goes_on_from_any_batch_with_the_same_batches() {
    let (new, old) = (corpus('n', 40), corpus('o', 9));
    for packed in [true, false] {
        for unit in [Unit::Examples, Unit::Tokens] {
            let mut whole = Feed::new(&new, Some(&old), &Letters, plan(packed, unit, 0.3)).unwrap();
            let mut kept = Vec::new();
            let mut batches = Vec::new();
            for _ in 0..60 {
                kept.push(serde_json::to_string(whole.progress()).unwrap());
                batches.push(whole.batch().unwrap().unwrap());
            }
            for from in [1, 2, 31, 59] {
                let progress: Progress = serde_json::from_str(&kept[from]).unwrap();
                let mut resumed = Feed::at(&new, Some(&old), &Letters, plan(packed, unit, 0.3), progress).unwrap();
                for (number, expected) in batches.iter().enumerate().skip(from) {
                    assert_eq!(resumed.batch().unwrap().as_ref(), Some(expected), "batch {number} from {from}");
                }
                assert_eq!(resumed.progress(), whole.progress());
            }
        }
    }
}

#[test]
fn an_epoch_reads_each_row_once_but_those_held_out() {
    let new = corpus('n', 50);
    let plan = Plan { hold_out: 7, epochs: Some(1), ..plan(true, Unit::Examples, 0.0) };
    let mut feed = Feed::new(&new, None, &Letters, plan.clone()).unwrap();
    let mut begun = Vec::new();
    let mut learned = 0;
    while let Some(batch) = feed.batch().unwrap() {
        learned += batch.learned() as u64;
        let begins = texts(&batch).into_iter().filter(|text| text.starts_with('n'));
        begun.extend(begins.map(|text| text[1..].split(' ').next().unwrap().parse::<u32>().unwrap()));
    }
    begun.sort_unstable();
    let held_out = feed.held_out().to_vec();
    assert_eq!(held_out.len(), 7);
    let expected: Vec<u32> = (0..50).filter(|row| !held_out.contains(row)).collect();
    assert_eq!(begun, expected);
    assert_eq!(learned, feed.progress().counts.learned);
    assert_eq!(feed.progress().mixture.examples, [43, 0]);
    let kept: usize = feed.held_out_texts().unwrap().iter().map(Tokens::learned).sum();
    assert!(kept > 0);
    let batches = u64::from(feed.progress().step);
    let steps = Feed::new(&new, None, &Letters, plan.clone()).unwrap().steps().unwrap();
    assert_eq!(u64::from(steps), batches);
    let endless = Feed::new(&new, None, &Letters, Plan { epochs: None, ..plan.clone() }).unwrap();
    assert_eq!(
        problems(endless.steps()),
        ["epochs = \"\"; accepted: a number of epochs, where steps are to be counted"]
    );
    let mut twice = Feed::new(&new, None, &Letters, Plan { epochs: Some(2), ..plan }).unwrap();
    while twice.batch().unwrap().is_some() {}
    assert_eq!(twice.progress().mixture.examples, [86, 0]);
}

#[test]
fn replay_is_a_fraction_of_all_and_follows_the_schedule_by_step() {
    let (new, old) = (corpus('n', 40), corpus('o', 40));
    let schedule = ReplaySchedule::new(vec![(0, 0.0), (20, 1.0), (40, 0.25)]).unwrap();
    let plan = Plan { replay: schedule.clone(), ..plan(false, Unit::Examples, 0.0) };
    let mut feed = Feed::new(&new, Some(&old), &Letters, plan).unwrap();
    let (mut before, mut owed, mut replayed) = (0, 0.0, 0);
    for step in 0..240 {
        let batch = feed.batch().unwrap().unwrap();
        replayed += texts(&batch).iter().filter(|text| text.starts_with('o')).count() as u64;
        let state = feed.progress().mixture;
        let all = state.examples[0] + state.examples[1];
        owed += schedule.at(step) * (all - before) as f64;
        before = all;
        assert!((state.examples[1] as f64 - owed).abs() <= 0.5 + 1e-6, "step {step}: {state:?} of {owed}");
        // What was drawn and does not wait is in the batches, a text that was divided once by its beginning.
        let waiting = feed.progress().pending.len() as u64;
        assert!(replayed <= state.examples[1] && replayed + waiting >= state.examples[1], "step {step}");
    }
    assert!(replayed > 100, "{replayed}");
}

#[test]
fn weights_choose_what_is_replayed() {
    let (new, old) = (corpus('n', 10), corpus('o', 4));
    let plan = Plan { weights: Some(vec![0.0, 1.0, 0.0, 0.0]), ..plan(true, Unit::Examples, 0.5) };
    let mut feed = Feed::new(&new, Some(&old), &Letters, plan.clone()).unwrap();
    let mut seen = 0;
    for _ in 0..20 {
        for text in texts(&feed.batch().unwrap().unwrap()).iter().filter(|text| text.starts_with('o')) {
            assert!(text.starts_with("o1 "), "{text}");
            seen += 1;
        }
    }
    assert!(seen > 20);
    let short = Plan { weights: Some(vec![1.0]), ..plan };
    let told = problems(Feed::new(&new, Some(&old), &Letters, short).map(|_| ()));
    assert_eq!(told, ["weights = \"of replay\"; accepted: a weight of 0 or more for each row, one of them above 0"]);
}

#[test]
fn what_was_cut_or_taught_nothing_is_counted() {
    let folder = Folder::new("counted");
    let row = |question: &str, answer: &str| format!("{{\"question\": \"{question}\", \"response\": \"{answer}\"}}\n");
    let long = "q".repeat(40);
    let text = row("short", "yes") + &row("short", &"y".repeat(40)) + &row(&long, "never");
    let new = Corpus::open(&[folder.write("a.jsonl", text)], None).unwrap();
    let plan = Plan { epochs: Some(1), ..plan(true, Unit::Examples, 0.0) };
    let mut feed = Feed::new(&new, None, &Letters, plan).unwrap();
    while feed.batch().unwrap().is_some() {}
    let counts = feed.progress().counts;
    // ^short\n and yes$; ^short\n and 17 of the answer.
    assert_eq!((counts.cut, counts.without_learning, counts.learned), (2, 1, 4 + 17));
}

#[test]
fn a_feed_that_can_teach_nothing_says_so() {
    let folder = Folder::new("nothing");
    let row = format!("{{\"question\": \"{}\", \"response\": \"a\"}}\n", "q".repeat(40));
    let new = Corpus::open(&[folder.write("a.jsonl", row.repeat(3))], None).unwrap();
    let mut feed = Feed::new(&new, None, &Letters, plan(true, Unit::Examples, 0.0)).unwrap();
    let told = problems(feed.batch()).join("\n");
    assert!(told.starts_with("sequence = \"24\"; accepted: one with room for more than the prompts"), "{told}");
}

#[test]
fn plans_that_cannot_be_are_refused_all_at_once() {
    let new = corpus('n', 5);
    let wrong = Plan {
        hold_out: 5,
        packing: Packing { sequence: 1, sequences: 0, packed: true },
        ..plan(true, Unit::Examples, 0.0)
    };
    let told = problems(Feed::new(&new, None, &Letters, wrong).map(|_| ()));
    assert_eq!(
        told,
        [
            "sequence = \"1\"; accepted: 2 tokens or more",
            "batch = \"0\"; accepted: 1 sequence or more",
            "hold_out = \"5\"; accepted: fewer than the 5 rows there are",
        ]
    );
}

#[test]
fn a_row_for_which_the_template_has_no_form_is_named() {
    let folder = Folder::new("form");
    let row = r#"{"system_prompt": "s", "question": "q", "response": "a"}"#;
    let new = Corpus::open(&[folder.write("orca.jsonl", row)], None).unwrap();
    let plan = Plan { templates: [Template::Alpaca; 2], ..plan(true, Unit::Examples, 0.0) };
    let told = problems(Feed::new(&new, None, &Letters, plan).unwrap().batch()).join("\n");
    assert!(told.starts_with("rows/orca.jsonl, row 1, turns = \"system, user, assistant\""), "{told}");
}
