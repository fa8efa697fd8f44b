//! The answer keys of the worksheets say what the runs say.

use crate::{medians, run};
use lethe::figure::number::{short, signed};
use lethe::record::Summary;
use lethe::record::summary::Comparison;

/// "1, 2 and 3".
fn listed(values: impl IntoIterator<Item = f64>) -> String {
    let words: Vec<String> = values.into_iter().map(short).collect();
    let (last, rest) = words.split_last().unwrap();
    format!("{} and {last}", rest.join(", "))
}

fn assert_said(sheet: &str, words: &str) {
    let key = sheet.split("class=\"key\"").nth(1).unwrap();
    assert!(key.contains(words), "the answer key does not say {words:?}");
}

#[test]
fn the_key_of_what_is_forgotten_holds_its_runs() {
    let sheet = include_str!("../../www/worksheets/1-what-is-forgotten.html");
    let summary = Summary::of(&run("#v=1&x=dynamics"));
    let cell = &summary.cells[0];
    let [old0, old1, new0, new1] = [cell.ood_loss_before, cell.ood_loss, cell.id_loss_before, cell.id_loss]
        .map(|spread| short(spread.quartiles.unwrap().median));
    assert_said(sheet, &format!("rises from {old0} to {old1}; new-task loss falls from {new0} to {new1}"));
    for y1 in [0.0, -0.2, -0.6, -1.0] {
        let forgetting = short(medians(&run(&format!("#v=1&x=dynamics&y1={y1}")))[0]);
        let label = short(y1);
        let either = [format!("{forgetting} for the label {label}"), format!("{forgetting} for {label}")];
        assert!(either.iter().any(|words| sheet.contains(words.as_str())), "{either:?}");
    }
}

#[test]
fn the_key_of_does_scale_help_holds_its_runs() {
    let sheet = include_str!("../../www/worksheets/2-does-scale-help.html");
    let slope = |comparison: &Comparison| {
        let (slope, interval) = (comparison.slope.per_doubling.unwrap(), comparison.slope.interval.unwrap());
        let word = comparison.slope.verdict.word();
        format!("{word}, slope {} per doubling, {} to {}", signed(slope), signed(interval.low), signed(interval.high))
    };
    let forgetting = |comparison: &Comparison| {
        let medians = listed(comparison.points.iter().map(|point| point.forgetting.unwrap().median));
        format!("{medians}: {}", comparison.slope.verdict.word())
    };
    let summary = Summary::of(&run("#v=1&x=width"));
    let compared = &summary.comparisons[0];
    for comparison in [&compared.equal_steps, &compared.equal_id_loss, compared.equal_effective_time.as_ref().unwrap()]
    {
        assert_said(sheet, &forgetting(comparison));
    }
    assert_said(sheet, &slope(&compared.equal_steps));
    assert_said(sheet, &listed(summary.cells.iter().map(|cell| cell.pretraining_loss.quartiles.unwrap().median)));
    assert_said(sheet, &listed(summary.cells.iter().map(|cell| cell.id_loss.quartiles.unwrap().median)));
    for link in ["#v=1&x=width&par=ntk&lr=0.05", "#v=1&x=width&act=tanh&par=ntk&lr=0.05"] {
        assert_said(sheet, &slope(&Summary::of(&run(link)).comparisons[0].equal_steps));
    }
}

#[test]
fn the_key_of_how_much_replay_holds_its_runs() {
    let sheet = include_str!("../../www/worksheets/3-how-much-replay.html");
    for (world, link) in [("Easy", "#v=1&x=replay"), ("Overlapping", "#v=1&x=replay&sd=0.6&y1=-1")] {
        let results = run(link);
        assert_said(sheet, &format!("{world}: {}", listed(medians(&results))));
        let cells = Summary::of(&results).cells;
        let id_loss = |index: usize| short(cells[index].id_loss.quartiles.unwrap().median);
        assert_said(sheet, &format!("{world}: from {} ", id_loss(0)));
        assert_said(sheet, &format!("to {}", id_loss(cells.len() - 1)));
    }
    let [all_along, at_the_end] =
        ["#v=1&x=dynamics&p=0.01", "#v=1&x=dynamics&rs=0@0,0.5@490"].map(|link| short(medians(&run(link))[0]));
    assert_said(sheet, &format!("forgetting {all_along} at the end"));
    assert_said(sheet, &format!("Last ten steps: {at_the_end} at the end"));
}
