//! Forgetting against replay.

use crate::{medians, run};
use lethe::record::Summary;

#[test]
fn one_per_cent_of_replay_cuts_the_old_tasks_loss_tenfold_at_width_256() {
    let results = run("#v=1&x=replay&w=256&ft=200&p=0,0.01&s=0..15");
    let summary = Summary::of(&results);
    let loss = |cell: usize| summary.cells[cell].ood_loss.quartiles.unwrap().median;
    assert!(loss(1) < loss(0) / 10.0, "{} with, {} without", loss(1), loss(0));
}

#[test]
fn more_replay_never_forgets_more_in_the_posters_world() {
    let medians = medians(&run("#v=1&x=replay"));
    assert!(medians.windows(2).all(|pair| pair[1] <= pair[0]), "{medians:?}");
}

#[test]
fn in_the_harder_world_one_per_cent_is_not_enough() {
    let medians = medians(&run("#v=1&x=replay&sd=0.6&y1=-1&p=0,0.01,0.1"));
    let removed = |k: usize| 1.0 - medians[k] / medians[0];
    assert!(removed(1) < 0.8, "1 % removes {}", removed(1));
    assert!(removed(2) > 0.8, "10 % removes {}", removed(2));
}

#[test]
fn replay_saved_for_the_last_steps_wins_at_the_end_and_loses_on_the_way() {
    let uniform = run("#v=1&x=dynamics&rs=0.01@0&s=0..7");
    let late = run("#v=1&x=dynamics&rs=0@0,0.5@490&s=0..7");
    assert_eq!(uniform.spec.branches()[0].mean(500), late.spec.branches()[0].mean(500));
    assert!(medians(&late)[0] < medians(&uniform)[0]);
    let worst = |results: &lethe::experiments::Results| {
        let rows = results.population(64, Some(0), |m| m.old_loss);
        rows.iter().map(|(_, values)| values.iter().sum::<f64>() / values.len() as f64).fold(0.0, f64::max)
    };
    assert!(worst(&late) > 3.0 * worst(&uniform));
}
