//! What stops forgetting, in the default run of the experiment: what `docs/log.md` says of it.

use crate::run;
use lethe::record::Summary;
use lethe::record::summary::{Escape, MitigationSummary};
use lethe::report::views::{by_mitigation, sentence};

fn of<'a>(all: &'a [MitigationSummary], name: &str) -> &'a MitigationSummary {
    all.iter().find(|of| of.mitigation.to_string() == name).unwrap()
}

#[test]
fn replay_ewc_and_orthogonal_steps_escape_the_front_and_the_others_do_not() {
    let results = run("v=1&x=mitigations");
    let summary = Summary::of(&results);
    assert_eq!(summary.matched.len(), 9);
    let telling = summary.telling_level(64).unwrap();
    let escapes = |name: &str| {
        let there = summary.matched.iter().filter(|at| of(&at.mitigations, name).verdict == Escape::Escapes);
        there.map(|at| at.level.unwrap()).collect::<Vec<f64>>()
    };
    for name in ["replay@0.01", "replay@0.1", "added@0.03125", "ewc@0.1", "ewc@1", "ogd@4", "ogd@32"] {
        assert!(!escapes(name).is_empty(), "{name} escapes nowhere");
    }
    // At no level does a smaller rate, an even pull, frozen features or a path back do better than stopping early.
    for name in ["l2@0.01", "l2@0.1", "l2@1", "rate@3", "freeze@1", "distil@0.3", "interpolate@0.3"] {
        for matched in &summary.matched {
            assert_ne!(of(&matched.mitigations, name).verdict, Escape::Escapes, "{name} at {:?}", matched.level);
        }
    }
    let plain = telling.plain.quartiles.unwrap().median;
    let ogd = of(&telling.mitigations, "ogd@4").forgetting.quartiles.unwrap().median;
    assert!(ogd < 0.1 * plain, "four stored gradients: {ogd} against {plain}");
    let said: String = sentence(&results, &summary).headline.iter().map(|part| part.text.as_str()).collect();
    assert!(said.contains("escape the front of early stopping"), "{said}");
    assert!(by_mitigation(&summary, 64, false).unwrap().summary.contains("plain fine-tuning forgets"));
}

#[test]
fn a_mitigation_of_no_strength_worth_naming_is_plain_fine_tuning() {
    let results = run("v=1&x=mitigations&s=0..1&mit=l2@1e-12,ewc@1e-12,rate@1e-12,interpolate@1e-12");
    let summary = Summary::of(&results);
    let plain = summary.cells[0].ood_loss.quartiles.unwrap().median;
    for cell in &summary.cells[1..] {
        let loss = cell.ood_loss.quartiles.unwrap().median;
        assert!((loss - plain).abs() < 1e-5 * plain, "{:?}: {loss} against {plain}", cell.mitigation);
    }
}

#[test]
fn added_replay_weighs_single_examples() {
    let loss = |weights: &str| {
        let results = run(&format!("v=1&x=mitigations&s=0..1&n=32&mit=added@0.1{weights}"));
        Summary::of(&results).cells[1].ood_loss.quartiles.unwrap().median
    };
    assert_eq!(loss("&ew2=2x32"), loss(""), "only relative weights count");
    assert_ne!(loss("&ew2=1x4,0x28"), loss(""), "replay of four examples is another run");
}
