//! Distances of predictions against PyTorch.

use lethe::metrics::divergence::Reference;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    base: Vec<f32>,
    tuned: Vec<f32>,
    targets: Vec<u32>,
    soft_cross_entropy: f64,
    kl: f64,
    nll_rise: f64,
    agreement: f64,
    entropy: f64,
}

#[test]
fn agree_with_torch() {
    let golden: Golden = serde_json::from_str(include_str!("../golden/divergence.json")).expect("golden values");
    assert!(golden.cases.len() >= 4);
    for case in golden.cases {
        let reference = Reference::new(&case.base, &case.targets);
        let found = reference.divergence(&case.tuned);
        let near =
            |own: f64, theirs: f64| assert!((own - theirs).abs() < 2e-6 * theirs.abs().max(1.0), "{own} {theirs}");
        near(reference.entropy, case.entropy);
        near(found.soft_cross_entropy, case.soft_cross_entropy);
        near(found.kl, case.kl);
        near(found.nll_rise, case.nll_rise);
        assert_eq!(found.agreement, case.agreement);
    }
}

#[test]
fn of_a_model_from_itself_is_nothing() {
    let logits = [0.5, -1.0, 3.0, 2.0, 2.0, -4.0];
    let found = Reference::new(&logits, &[0, 1]).divergence(&logits);
    assert!(found.kl.abs() < 1e-7 && found.nll_rise == 0.0 && found.agreement == 1.0);
}

#[test]
fn is_never_negative_beyond_rounding() {
    let mut stream = lethe::seed::Seed::new(3).stream();
    for _ in 0..200 {
        let mut draw = || (0..24).map(|_| (6.0 * stream.normal()) as f32).collect::<Vec<f32>>();
        let (base, tuned) = (draw(), draw());
        let found = Reference::new(&base, &[1, 5, 2]).divergence(&tuned);
        assert!(found.kl > -1e-6 && found.soft_cross_entropy.is_finite());
    }
}
