//! What a sequence of tasks comes to, and what is said of it.

use crate::run;
use lethe::experiments::Results;
use lethe::figure::Cell;
use lethe::record::Summary;
use lethe::report::views;

fn said(results: &Results) -> (Summary, String, String) {
    let summary = Summary::of(results);
    let sentence = views::sentence(results, &summary);
    let (text, more) = (sentence.text(), sentence.more_text());
    (summary, text, more)
}

#[test]
fn later_tasks_cost_earlier_ones_and_replay_gives_some_of_it_back() {
    let results = run("#v=1&x=replay&wo=rotated&w=32&p=0,0.3&s=0..7");
    let summary = Summary::of(&results);
    let [without, with] = [0, 1].map(|branch| summary.sequence(32, branch).unwrap());
    let transfer = |branch: usize| summary.sequence(32, branch).unwrap().backward_transfer_interval.unwrap();
    assert!(transfer(0).high < 0.0, "{without:?}");
    assert!(transfer(1).low > transfer(0).high, "{with:?}");
    // Forgetting is that of the old task still.
    let old = |row: usize| without.matrix[row][0];
    let change = summary.cell(32, 0).unwrap().forgetting.quartiles.unwrap().median;
    assert!((old(3) - old(0) - change).abs() < 0.1 * change, "{change} against {}", old(3) - old(0));
}

#[test]
fn a_sequence_has_a_sentence_and_a_figure_of_its_own() {
    let results = run("#v=1&x=dynamics&wo=rotated&w=32&s=0..7");
    let (summary, text, more) = said(&results);
    assert!(
        text.starts_with("Later tasks cost the network part of the earlier ones: after 3 new tasks in turn"),
        "{text}"
    );
    assert!(more.starts_with("Average forgetting +") && more.ends_with("Medians of 8 seeds, bootstrap."), "{more}");
    let figures = views::all(&results, &summary);
    let matrix = figures.iter().find(|figure| figure.id == "task-matrix").unwrap();
    for (row, losses) in matrix.table.rows.iter().zip(&summary.sequences[0].matrix) {
        assert_eq!(row[1..], losses.iter().map(|&loss| Cell::from(loss)).collect::<Vec<_>>());
    }
    assert!(figures.iter().all(|figure| !figure.table.columns.iter().any(|c| c.key.starts_with("overwritten"))));
}

#[test]
fn turned_by_nothing_tasks_cost_each_other_nothing() {
    let (summary, text, _) = said(&run("#v=1&x=dynamics&wo=rotated&w=32&rot=0&s=0..7"));
    let told = &summary.sequences[0];
    assert!(told.average_forgetting.quartiles.unwrap().median < 0.001, "{told:?}");
    assert!(!text.starts_with("Later tasks cost the network part"), "{text}");
}

#[test]
fn where_a_label_moves_that_is_said_not_to_be_forgetting() {
    let (_, _, more) = said(&run("#v=1&x=dynamics&wo=gradual&w=32&s=0..5"));
    assert!(more.ends_with("are overwritten on purpose: of these tasks only the old one is forgotten."), "{more}");
}

#[test]
fn one_new_task_has_no_sequence() {
    let results = run("#v=1&x=dynamics&wo=rotated&w=16&pre=60&ft=40&nt=2&n=16&s=0..5");
    let (summary, text, _) = said(&results);
    assert!(summary.sequences.is_empty() && text.contains("old-task loss"), "{text}");
    assert!(views::all(&results, &summary).iter().all(|figure| figure.id != "task-matrix"));
    // Pre-training taught the old task alone, so its loss is that of pre-training.
    let cell = &summary.cells[0];
    assert_eq!(cell.pretraining_loss.quartiles, cell.ood_loss_before.quartiles);
}
