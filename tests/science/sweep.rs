//! Forgetting against width and replay at once.

use crate::run;
use lethe::experiments::job::networks;
use lethe::experiments::limits::Limits;
use lethe::experiments::{CheckedSpec, Experiment, Results, Spec};
use lethe::record::fingerprint::{Taken, Taking};
use lethe::record::summary::Summarising;
use lethe::record::{Fingerprint, Link, Summary};
use lethe::report::views;
use lethe::stats::Verdict;

const SMALL: &str = "#v=1&x=sweep&w=8,32,128&p=0,0.01,0.1&s=0..7";

#[test]
fn replay_leaves_less_the_wider_the_network_at_one_learning_rate() {
    let summary = Summary::of(&run(SMALL));
    for left in &summary.left_by_replay {
        assert_eq!(left.slope.verdict, Verdict::Falls, "p = {}", left.replay);
        let medians: Vec<f64> = left.points.iter().map(|point| point.share.unwrap().median).collect();
        assert!(medians.windows(2).all(|pair| pair[1] < pair[0]), "p = {}: {medians:?}", left.replay);
    }
    let verdicts: Vec<Verdict> = summary.comparisons.iter().map(|c| c.equal_steps.slope.verdict).collect();
    assert_eq!(verdicts, [Verdict::Rises, Verdict::Falls, Verdict::Falls]);
}

#[test]
fn at_a_rate_that_shrinks_with_the_width_replay_leaves_more_in_wide_networks_or_the_same() {
    let summary = Summary::of(&run("#v=1&x=sweep&w=8,32,128&lrw=inv&p=0,0.003&s=0..7"));
    let shares = |k: usize| summary.left_by_replay[0].points[k].share.unwrap().median;
    assert_eq!(summary.left_by_replay[0].slope.verdict, Verdict::Rises);
    assert!(shares(2) > 0.4 && (shares(2) - shares(1)).abs() < 0.1, "{} and {}", shares(1), shares(2));
}

#[test]
fn a_cell_of_the_sweep_is_the_run_of_its_width_and_fraction() {
    let sweep = run(SMALL);
    let alone = run("#v=1&x=dynamics&w=32&p=0.01&s=0..7");
    let (of_sweep, of_run) = (Summary::of(&sweep), Summary::of(&alone));
    assert_eq!(of_sweep.cell(32, 1), Some(&of_run.cells[0]));
    assert!(of_run.left_by_replay.is_empty());
}

#[test]
fn the_share_left_is_that_of_each_seed() {
    let results = run(SMALL);
    let summary = Summary::of(&results);
    let shares = |width: u32| -> Vec<f64> {
        let of_width = results.of_width(width).flatten();
        of_width.map(|traces| traces.forgetting(2).unwrap() / traces.forgetting(0).unwrap()).collect()
    };
    let left = &summary.left_by_replay[1];
    for point in &left.points {
        let mut sorted = shares(point.width);
        sorted.sort_by(f64::total_cmp);
        assert_eq!(point.share.unwrap().median, sorted[3] + 0.5 * (sorted[4] - sorted[3]));
        assert_eq!(point.seeds, 8);
    }
}

#[test]
fn ten_thousand_networks_are_within_what_a_page_may_ask_and_the_default_starts_by_itself() {
    let (link, problems) = Link::read("#v=1&x=sweep&s=0..156", &Limits::PAGE);
    assert_eq!(problems, []);
    assert_eq!(networks(&link.spec), 10_048);
    let sweep = CheckedSpec::defaults(Experiment::named("sweep").unwrap());
    let unasked = Spec::clone(&sweep).check(&Limits::UNASKED);
    assert_eq!(unasked.as_ref().map(|spec| networks(spec)), Ok(1024));
}

/// Pieces of unfinished results, as a page makes them while workers report.
fn pieces(results: &Results) -> Summary {
    let mut summarising = Summarising::new(results);
    let mut count = 0;
    while !summarising.is_done() {
        summarising.advance(results);
        count += 1;
        assert!(count < 1000, "a summary ends");
    }
    assert!(count > 9, "a summary of nine cells is made in more pieces than cells");
    summarising.summary()
}

#[test]
fn made_in_pieces_numbers_are_the_same() {
    let results = run(SMALL);
    assert_eq!(pieces(&results), Summary::of(&results));
    let mut taking = Taking::new(&results);
    while !taking.advance(&results) {}
    let Taken { fingerprint, places } = taking.finish(&results);
    assert_eq!(fingerprint, Fingerprint::of(&results));
    assert_eq!(places.len(), fingerprint.medians.len());
}

#[test]
fn the_sentence_says_how_they_act_together() {
    let results = run(SMALL);
    let sentence = views::sentence(&results, &Summary::of(&results));
    let said = sentence.text();
    assert!(said.starts_with("Replay does more the wider the network: giving "), "{said}");
    assert!(said.contains(" at width 8 and ") && said.contains(" at width 128. "), "{said}");
    assert!(
        said.ends_with("forgetting rises with width without replay and falls from p = 1\u{a0}% to 10\u{a0}%."),
        "{said}"
    );
    assert!(sentence.more_text().contains("the same at 2 of 2 fractions"), "{}", sentence.more_text());
}
