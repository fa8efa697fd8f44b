//! What is said of a run, and drawn of it.

use lethe::data::language::TaskKind;
use lethe::experiments::associations::{Findings, Job, Outcome, Results, Row, Split, World, completions};
use lethe::figure::{Cell, Figure, Theme, to_svg};
use lethe::report::associations::{figures, report};
use lethe::report::views::paper;

use crate::{results, small, spec, subject};

fn networks(seeds: &[u32]) -> Results {
    let spec = spec(|spec| {
        (spec.world, spec.tasks, spec.width, spec.examples) = (World::Rotated, 8, 32, 40);
        (spec.seeds, spec.steps) = (seeds.to_vec(), 60);
    });
    results(&spec, &subject(&spec))
}

fn value(report: &lethe::report::associations::Report, statement: &str, name: &str) -> f64 {
    let own = report.statements.iter().find(|own| own.id == statement).unwrap_or_else(|| panic!("{statement}"));
    own.values.iter().find(|(own, _)| *own == name).unwrap_or_else(|| panic!("{name} of {statement}")).1
}

#[test]
fn statements_hold_the_findings_and_stand_in_their_sentences() {
    let results = networks(&[0, 1]);
    let (findings, completion) = (Findings::of(&results), completions(&results));
    let said = report(&results, &findings, &completion);
    let found = findings.reconstruction.as_ref().unwrap();
    assert_eq!(value(&said, "reconstruction", "rank_3"), found.ranks[2].r2);
    assert_eq!(value(&said, "reconstruction", "additive"), found.additive);
    assert_eq!(value(&said, "ceiling", "one_seed"), findings.ceiling.unwrap().reliability);
    assert_eq!(value(&said, "answers", "lost"), findings.binary.as_ref().unwrap().forgotten);
    assert_eq!(value(&said, "prediction", "pearson"), findings.prediction.unwrap().pearson.unwrap().coefficient);
    let above = value(&said, "factors", "above");
    assert!((1.0..=8.0).contains(&above), "{above}");
    let inside = completion.iter().find(|own| own.split == Split::Inside && !own.is_binary).unwrap();
    let least = inside.methods.iter().map(|method| method.rmse.mean).fold(f64::INFINITY, f64::min);
    assert_eq!(value(&said, "completion_inside", "best"), least);
    assert!(inside.method("representation").is_some(), "{:?}", inside.methods);
    assert_eq!((inside.training.len(), inside.test.as_slice()), (6, &[3, 7][..]));
    for statement in &said.statements {
        assert!(statement.values.iter().all(|(_, value)| value.is_finite()), "{statement:?}");
        assert!(statement.text.ends_with('.') && !statement.text.contains("NaN"), "{statement:?}");
    }
    assert!(said.headline.starts_with("8 tasks, 40 upstream examples, 2 seeds: ") && said.warnings.is_empty());
}

#[test]
fn one_seed_has_no_ceiling_and_what_blew_up_is_named() {
    let mut results = networks(&[0]);
    let row = Row { rise: Vec::new(), is_right: Vec::new(), diverged: Some(7) };
    results.take(Job::Row { task: 3, seed: 0 }, Outcome::Row(row));
    let said = report(&results, &Findings::of(&results), &completions(&results));
    let ceiling = said.statements.iter().find(|own| own.id == "ceiling").unwrap();
    assert!(ceiling.values.is_empty() && ceiling.text.contains("two seeds"), "{ceiling:?}");
    assert!(!said.statements.iter().any(|own| own.id == "factors"));
    assert!(said.warnings[0].starts_with("rotated 90.0 blew up at step 7 with seed 0"), "{:?}", said.warnings);
    // A row that is missing is neither learned from nor predicted.
    let used = completions(&results).iter().all(|own| !own.training.contains(&3) && !own.test.contains(&3));
    assert!(used);
}

#[test]
fn results_so_far_have_figures_too() {
    let spec = spec(|spec| (spec.world, spec.tasks, spec.examples, spec.seeds) = (World::Rotated, 4, 9, vec![0]));
    let mut some = Results::new(spec.clone(), &subject(&spec));
    let nothing = report(&some, &Findings::of(&some), &[]);
    assert!(nothing.headline.starts_with("So far, with 5 to come: "), "{}", nothing.headline);
    assert_eq!(figures(&some, &Findings::of(&some), &[]).len(), 1);
    let row = Row { rise: (0..9).map(|k| k as f32).collect(), is_right: vec![true; 9], diverged: None };
    some.take(Job::Row { task: 1, seed: 0 }, Outcome::Row(row));
    for figure in figures(&some, &Findings::of(&some), &completions(&some)) {
        drawn(&figure);
    }
}

fn drawn(figure: &Figure) {
    let svg = to_svg(figure, &paper(), &Theme::LIGHT, "#v=1&x=associations").unwrap();
    assert!(svg.contains("<svg") && !svg.contains("NaN") && !figure.summary.is_empty(), "{}", figure.id);
}

#[test]
fn figures_hold_what_was_found() {
    let language = small(&[TaskKind::Safety, TaskKind::Text, TaskKind::Towns], &[0, 1]);
    for results in [networks(&[0, 1]), results(&language, &subject(&language))] {
        let (findings, completion) = (Findings::of(&results), completions(&results));
        let all = figures(&results, &findings, &completion);
        let ids: Vec<&str> = all.iter().map(|figure| figure.id.as_str()).collect();
        let expected = ["ranks", "spectrum", "predicted", "errors", "errors-of-answers"];
        assert_eq!(ids, expected.map(|id| format!("associations-{id}")));
        all.iter().for_each(drawn);
        let number = |cell: &Cell| match cell {
            Cell::Number(value) => *value,
            other => panic!("{other:?}"),
        };
        // Panel, curve, x, value.
        let of_rank: Vec<f64> =
            all[0].table.rows.iter().filter(|row| row[1] == Cell::from("rank r")).map(|row| number(&row[3])).collect();
        let ranks = &findings.reconstruction.as_ref().unwrap().ranks;
        assert_eq!(of_rank[..ranks.len()], ranks.iter().map(|own| own.r2).collect::<Vec<_>>());
        // The shares of all squares sum up to all, and rank r holds the first r.
        let shares: Vec<f64> =
            all[1].table.rows.iter().filter(|row| row[1] == Cell::from("factors")).map(|row| number(&row[3])).collect();
        assert!((shares.iter().sum::<f64>() - 100.0).abs() < 1e-6 && shares.windows(2).all(|two| two[0] >= two[1]));
        // Medians of the parts of what was predicted lie within the matrix.
        assert!(all[2].table.rows.iter().filter(|row| row[0] == Cell::from("likeness")).count() >= 10);
        let errors = &all[3].table.rows;
        for row in errors {
            let of = |own: &&lethe::experiments::associations::Completion| Cell::from(own.split.words()) == row[1];
            let own = completion.iter().filter(|own| !own.is_binary).find(of).unwrap();
            let Cell::Text(name) = &row[0] else { panic!("a name") };
            assert_eq!(number(&row[2]), own.method(name).unwrap().rmse.mean);
        }
    }
}
