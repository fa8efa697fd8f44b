//! The sentence of a figure says what its data say.

use super::samples;
use lethe::figure::*;

#[test]
fn every_figure_has_one_sentence() {
    for (name, figure) in samples::typical().into_iter().chain(samples::nasty()) {
        assert!(figure.summary.ends_with('.'), "{name}: {}", figure.summary);
        assert!(!figure.summary.contains("not finite"), "{name}: {}", figure.summary);
    }
}

#[test]
fn losses_are_said_to_rise_and_fall_with_their_values() {
    let mut run = samples::loss_over_time();
    let says = |run: &LossOverTime| run.figure().summary;
    assert_eq!(
        says(&run),
        "In fine-tuning, the median old-task loss rose from 0.001 to 0.08, \
         and the new-task loss fell from 0.04 to 0.00032."
    );
    run.fine_tuning = PhaseLosses::default();
    assert_eq!(says(&run), "In pre-training, the old-task loss reached 0.001.");
}

#[test]
fn width_names_the_verdict_of_each_comparison() {
    let figure = samples::forgetting_by_width().figure();
    assert_eq!(
        figure.summary,
        "With width, forgetting rises at equal steps, falls at equal loss, is undecided at equal time."
    );
    assert_eq!(
        figure.notes[0],
        "“Equal loss” is 0.001, reached by 8, 4, 15 and 16 of 16 seeds (hollow: half or fewer)."
    );
    let hollow: Vec<bool> = figure.panels[1].series[0].points.iter().map(|p| p.hollow).collect();
    assert_eq!(hollow, [true, true, false, false]);
}

#[test]
fn replay_names_the_smallest_fraction_that_removes_most() {
    let figure = samples::forgetting_by_replay().figure();
    assert_eq!(figure.summary, "Replaying 3\u{a0}% of the weight removes 96\u{a0}% of the forgetting.");
    assert_eq!(figure.panels[0].remarks[0].head, "3\u{a0}%: 96\u{a0}% less");
    let gain = ForgettingByReplay { points: vec![(0.0, Spread::new(-0.1, -0.2, 0.0))], ..Default::default() };
    assert_eq!(gain.figure().panels[0].remarks.len(), 0);
}

#[test]
fn the_function_says_how_far_the_old_task_moved() {
    let mut f = samples::learned_function();
    assert!(f.figure().panels[0].gaps[0].label.starts_with("lost 0.29"));
    // The same move towards the label is a gain.
    f.before = f.now.iter().map(|s| s.median).collect();
    f.now = samples::learned_function().before.iter().map(|m| Spread { median: *m, ..Spread::MISSING }).collect();
    assert!(f.figure().panels[0].gaps[0].label.starts_with("gained 0.29"));
}

#[test]
fn values_below_the_axis_are_named_in_a_note() {
    let mut run = samples::loss_over_time();
    assert_eq!(run.figure().notes.len(), 1);
    run.fine_tuning.new_task[9] = Spread::new(0.0, 0.0, 0.0);
    assert_eq!(run.figure().notes[1], "Losses below 0.0001 are drawn on the bottom line.");
}

#[test]
fn what_is_not_overwritten_has_no_curve_and_no_column() {
    let mut run = samples::loss_over_time();
    let columns = |run: &LossOverTime| run.figure().table.columns.len();
    assert_eq!((run.figure().panels[0].series.len(), columns(&run)), (3, 11));
    (run.pre_training.overwritten, run.fine_tuning.overwritten) = (Vec::new(), Vec::new());
    assert_eq!((run.figure().panels[0].series.len(), columns(&run)), (2, 8));
    run.new_tasks = 3;
    assert_eq!(run.figure().notes[1], "The new task is the one in hand: 3 in turn, with equal parts of the steps.");
}

#[test]
fn a_partial_shift_leaves_the_rest_of_its_cloud_where_it_was() {
    let whole = samples::learned_function();
    let part = LearnedFunction { relabelling: Relabelling::UpTo(-1.0), ..whole.clone() };
    let new = |f: &LearnedFunction, label: f64| -> Vec<f64> {
        let panel = f.figure().panels.remove(0);
        let clouds = panel.clouds.into_iter().filter(|cloud| cloud.role == Role::NewTask && cloud.y == label);
        clouds.flat_map(|cloud| cloud.xs).collect()
    };
    assert_eq!(new(&whole, whole.x1_new_label).len(), whole.x1.len());
    let (moved, kept) = (new(&part, part.x1_new_label), new(&part, part.x1_old_label));
    assert!(moved.iter().all(|&x| x <= -1.0) && kept.iter().all(|&x| x > -1.0));
    assert_eq!(moved.len() + kept.len(), part.x1.len());
    assert!(!moved.is_empty() && !kept.is_empty());
    assert_eq!(part.figure().panels[0].remarks[0].detail.as_deref(), Some("label 0 → −0.2, in part"));
}

#[test]
fn a_sequence_says_what_became_of_earlier_tasks() {
    let figure = samples::task_matrix().figure();
    assert_eq!(
        figure.summary,
        "Average forgetting +0.11 (95 % interval +0.1 to +0.13); backward transfer −0.11 (95 % interval −0.13 to \
         −0.1); plasticity 0.009 (95 % interval 0.008 to 0.01)."
    );
    // The table reads down in time, and so does the picture: its lowest row is the last.
    assert_eq!(figure.table.rows[2][..3], [Cell::from("task 2"), Cell::from(0.12), Cell::from(0.06)]);
    let cells = &figure.panels[0].heat.as_ref().unwrap().cells;
    assert_eq!((cells[0].at, cells[0].median), ([0.0, 3.0], Some(0.18)));
    let learned: Vec<[f64; 2]> = cells.iter().filter(|cell| cell.chosen).map(|cell| cell.at).collect();
    assert_eq!(learned, [[3.0, 3.0], [2.0, 2.0], [1.0, 1.0], [0.0, 0.0]]);
    assert_eq!(TaskMatrix::default().figure().summary, "No sequence of tasks has ended yet.");
}
