//! What is said and drawn of records: learned, lost, and whether that is a lost form of answering.

use lethe::experiments::llama::Prompted;
use lethe::experiments::scaling::Ending;
use lethe::figure::{Sheet, Theme, to_svg};
use lethe::metrics::confusion::Confusion;
use lethe::metrics::language::Share;
use lethe::record::llama::Record;
use lethe::report::llama::{figures, files_of, report, written};

use crate::record;

fn task<'a>(record: &'a mut Record, name: &str) -> &'a mut Prompted {
    let tasks = &mut record.points.last_mut().expect("checkpoints").measures.tasks;
    &mut tasks.iter_mut().find(|task| task.name == name).expect("a task").prompts[0]
}

/// Lets a model answer so: how often each answer is given where each is true.
fn answer(prompted: &mut Prompted, base: Vec<Vec<usize>>, tuned: Vec<Vec<usize>>) {
    prompted.classes = Some((0..base.len()).map(|class| format!("class {class}")).collect());
    for (answered, counts) in [(&mut prompted.base, base), (&mut prompted.tuned, tuned)] {
        let of = counts.iter().flatten().sum();
        answered.acc = Share { count: (0..counts.len()).map(|class| counts[class][class]).sum(), of };
        answered.preferred = (0..counts.len()).map(|class| counts.iter().map(|row| row[class]).sum()).collect();
        answered.confusion = Some(Confusion { counts });
    }
}

#[test]
fn the_headline_says_what_was_learned_and_what_was_lost() {
    let told = report(&record("rank-8"));
    assert!(
        told.headline.starts_with("In 120 steps the fine-tuning loss fell from 7.1 to 1.66 nats"),
        "{}",
        told.headline
    );
    assert!(told.headline.contains("Surely worse: facts (usual) 100\u{a0}% → 49.3\u{a0}% ("), "{}", told.headline);
    assert!(told.headline.contains("Harmful requests refused: 100\u{a0}% → 50\u{a0}% ("), "{}", told.headline);
    let ids: Vec<&str> = told.statements.iter().map(|statement| statement.id).collect();
    assert_eq!(ids, ["learned", "forgotten", "task", "task", "task", "refusals", "perplexity"]);
    for statement in &told.statements {
        assert!(!statement.text.contains("NaN") && !statement.text.contains("not finite"), "{}", statement.text);
        assert!(statement.values.iter().all(|(_, value)| value.is_finite()));
    }
    assert!(told.warnings.is_empty(), "{:?}", told.warnings);
}

#[test]
fn a_run_that_blew_up_is_no_result_in_its_headline() {
    let mut blown = record("rank-8");
    blown.ending = Some(Ending::Diverged(121));
    let headline = report(&blown).headline;
    let begin = "Training blew up at step 121: there is no tuned model. What was last measured before: In 120 steps";
    assert!(headline.starts_with(begin), "{headline}");
    blown.points.truncate(1);
    blown.ending = Some(Ending::Diverged(0));
    let headline = report(&blown).headline;
    assert_eq!(headline, "Training blew up at step 0: there is no tuned model. Nothing was measured after it began.");
}

#[test]
fn replay_keeps_what_is_lost_without_it() {
    let told = report(&record("rank-8-replay"));
    assert!(!told.headline.contains("Harmful requests refused"), "{}", told.headline);
}

#[test]
fn one_answer_to_everything_is_told_from_lost_knowledge() {
    let base = vec![vec![60, 20, 20], vec![20, 60, 20], vec![20, 20, 60]];
    let one = vec![vec![97, 2, 1], vec![98, 2, 0], vec![96, 2, 2]];
    let mut collapsed = record("rank-8");
    answer(task(&mut collapsed, "sums"), base.clone(), one.clone());
    let told = report(&collapsed);
    assert!(told.headline.contains("97\u{a0}% of its answers now being \"class 0\": a lost form"), "{}", told.headline);

    let mut spread = record("rank-8");
    answer(task(&mut spread, "sums"), base.clone(), vec![vec![34, 33, 33]; 3]);
    let told = report(&spread);
    assert!(!told.headline.contains("a lost form"), "{}", told.headline);
    let sums = told.statements.iter().find(|statement| statement.text.starts_with("sums")).expect("told");
    assert!(sums.text.contains("guessing has 33.3\u{a0}%, which it does not differ from"), "{}", sums.text);
    assert!(sums.text.contains("so that is not one answer given to everything"), "{}", sums.text);

    // Where the truth is nearly always one answer, giving it is no habit.
    let mut uneven = record("rank-8");
    answer(task(&mut uneven, "sums"), vec![vec![200, 85], vec![5, 10]], vec![vec![284, 1], vec![14, 1]]);
    assert!(!report(&uneven).headline.contains("a lost form"));
    // Nor where the base has it, too.
    let mut always = record("rank-8");
    answer(task(&mut always, "sums"), one.clone(), one);
    assert!(!report(&always).headline.contains("a lost form"));
}

#[test]
fn runs_that_blew_up_or_go_on_are_told_so() {
    let mut record = record("rank-2");
    record.ending = Some(Ending::Diverged(121));
    assert!(report(&record).warnings[0].contains("blew up at step 121"));
    record.ending = None;
    assert!(report(&record).warnings[0].contains("has not ended; its last checkpoint is of step 120"));
    record.points.clear();
    assert_eq!(report(&record).headline, "Nothing has been measured yet.");
    assert_eq!(figures(&record, "").len(), 1, "an empty frame");
    files_of(&record).expect("there is nothing to be wrong with");
}

#[test]
fn what_was_not_measured_is_not_told() {
    let mut record = record("rank-2");
    for point in &mut record.points {
        point.measures = lethe::experiments::llama::Measures::default();
    }
    let json = serde_json::to_vec(&record).expect("JSON");
    assert_eq!(Record::read(&json).expect("a record"), record);
    assert!(record.observations().is_empty(), "a law needs both losses");
    assert_eq!(figures(&record, "").len(), 1, "losses alone");
    let told = report(&record);
    assert!(told.headline.starts_with("In 120 steps the fine-tuning loss fell"), "{}", told.headline);
    assert_eq!(told.statements.len(), 1);
    let html = String::from_utf8(files_of(&record).expect("files").remove("report.html").expect("it")).expect("text");
    assert!(!html.contains("Texts side by side"));
}

#[test]
fn every_figure_is_drawn_and_named_once() {
    let record = record("rank-8");
    let figures = figures(&record, "record-0-");
    let mut ids: Vec<&str> = figures.iter().map(|figure| figure.id.as_str()).collect();
    assert!(ids.iter().all(|id| id.starts_with("record-0-")));
    for part in ["losses", "moved", "task-1-1", "task-3-1", "confusion-2-1", "refusals", "perplexity-1"] {
        assert!(ids.contains(&format!("record-0-{part}").as_str()), "{part} of {ids:?}");
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), figures.len());
    for figure in &figures {
        assert!(!figure.table.rows.is_empty() && figure.summary.ends_with('.'), "{}: {}", figure.id, figure.summary);
        for (width, theme) in [(300.0, &Theme::DARK), (760.0, &Theme::LIGHT)] {
            let svg = to_svg(figure, &Sheet::new(width, 300.0), theme, "").expect("it is drawn");
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{}", figure.id);
        }
    }
}

#[test]
fn texts_are_set_beside_each_other_word_by_word() {
    let record = record("rank-8");
    let texts = written(record.points.last().expect("checkpoints"));
    assert_eq!(texts.len(), 6);
    let marked: usize = texts.iter().flat_map(|text| text.base.iter().chain(&text.tuned)).filter(|w| w.differs).count();
    assert!(marked > 10, "{marked} words differ");
    let first = written(&record.points[0]);
    assert!(first.iter().all(|text| text.base == text.tuned && text.base.iter().all(|word| !word.differs)));
}

#[test]
fn a_run_leaves_files_that_stand_alone() {
    let mut record = record("rank-8");
    let files = files_of(&record).expect("they can be written");
    let text = |name: &str| String::from_utf8(files[name].clone()).expect("text");
    assert_eq!(Record::read(&files["record.json"]).expect("a record"), record);
    assert!(text("points.csv").starts_with("run,step,"));
    let html = text("report.html");
    assert_eq!(html.matches("<svg").count(), figures(&record, "").len());
    assert_eq!(files.len(), 3 + figures(&record, "").len());
    for outside in ["<script", "src=", "href=", "url(", "@import"] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert!(html.contains("training.learning_rate") && html.contains("0.003"), "its settings");

    // Nothing of what a record says becomes markup, neither in HTML nor in SVG.
    let evil = "<img src=x onerror=alert(1)>\u{0}&\"'";
    record.model.name = evil.to_owned();
    record.device = evil.to_owned();
    record.settings.insert(evil.to_owned(), evil.into());
    let last = record.points.last_mut().expect("checkpoints");
    last.measures.tasks[0].name = evil.to_owned();
    last.measures.tasks[1].prompts[0].name = evil.to_owned();
    last.measures.tasks[1].prompts[0].classes.as_mut().expect("classes")[0] = evil.to_owned();
    last.measures.perplexities[0].domain = evil.to_owned();
    last.measures.generations[0].prompt = evil.to_owned();
    last.measures.generations[0].tuned = evil.to_owned();
    for (name, bytes) in files_of(&record).expect("they can be written") {
        if name.ends_with(".html") || name.ends_with(".svg") {
            let text = String::from_utf8(bytes).expect("text");
            assert!(!text.contains("<img") && !text.contains('\u{0}'), "{name}");
        }
    }
}
