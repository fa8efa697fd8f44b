//! What the linear law claims: one curve for all ranks, and for other families.

use lethe::laws::published::OPEN_ORCA;
use lethe::laws::{Observation, Observations, family_breaks_the_law, ranks_collapse};
use lethe::seed::Seed;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::grid::{Noise, rows};

/// Runs whose forgetting is a curved function of their fine-tuning loss, the same for all ranks but for `apart` nats
/// times the rank's number, with noise of runs and of checkpoints in both losses.
fn curved(seed: u64, apart: f64) -> Observations {
    let base = Seed::new(seed).fork("curved");
    let mut found = Vec::new();
    for (rank, parameters) in [2e7, 4e7, 8e7, 1.6e8].into_iter().enumerate() {
        for run in 0..4 {
            let mut stream = base.fork(&format!("{rank} {run}")).stream();
            let own = 0.004 * stream.normal();
            for steps in (5..=26).map(|tens| f64::from(tens) * 10.0) {
                let (loss, _) = OPEN_ORCA.curve(parameters, &[steps])[0];
                let forgetting = 0.9 - 1.7 * (loss - 0.65) + 3.0 * (loss - 0.65) * (loss - 0.65);
                found.push(Observation {
                    parameters,
                    steps,
                    fine_tuning_loss: loss + 0.006 * stream.normal(),
                    forgetting: forgetting + own + apart * rank as f64 + 0.006 * stream.normal(),
                    run: Some(format!("{rank} {run}")),
                    ..Observation::default()
                });
            }
        }
    }
    Observations::gather(found)
}

/// At the 5 % level two of forty are expected to be refused; seven or more have a chance below 0.4 %.
#[test]
fn ranks_on_one_curved_line_collapse_and_ranks_apart_do_not() {
    let refused = (0..40).filter(|&seed| ranks_collapse(&curved(seed, 0.0)).unwrap().refused() == Some(true)).count();
    assert!(refused < 7, "{refused} of 40");
    for seed in 0..10 {
        let found = ranks_collapse(&curved(seed, 0.01)).unwrap();
        assert_eq!(found.refused(), Some(true), "{seed}: {found:?}");
        assert!((0.004..0.03).contains(&found.between_ranks) && found.between_seeds < 0.012, "{found:?}");
        assert_eq!((found.ranks, found.runs), (4, 16));
    }
}

#[test]
fn without_seeds_collapse_is_not_judged() {
    let one = Observations::gather(rows(&OPEN_ORCA, Noise::Both, 0, 1));
    assert!(ranks_collapse(&one).unwrap_err().to_string().contains("seed noise is unknown"));
    let few = curved(0, 0.01).only(|run, _| [0, 1, 4, 5].contains(&run));
    assert_eq!(ranks_collapse(&few).unwrap().refused(), None, "three ways to deal four runs decide nothing");
    assert!(ranks_collapse(&Observations::default()).is_err());
}

#[test]
fn another_family_is_held_against_the_line_of_the_first() {
    let families = |apart: f64| {
        let mut all = rows(&OPEN_ORCA, Noise::Both, 1, 2);
        all.iter_mut().for_each(|row| row.family = Some("lora".to_owned()));
        let mut others: Vec<Observation> = rows(&OPEN_ORCA, Noise::Both, 2, 1);
        for row in &mut others {
            row.family = Some("ia3".to_owned());
            row.forgetting += apart;
        }
        all.extend(others);
        family_breaks_the_law(&Observations::gather(all)).unwrap().remove(0)
    };
    let broken = families(0.08);
    assert_eq!(broken.breaks(), Some(true), "{broken:?}");
    assert!((broken.offset - 0.08).abs() < 0.01 && broken.r2_family < 0.3 && broken.r2_reference > 0.7, "{broken:?}");
    let kept = families(0.0);
    assert_eq!(kept.breaks(), Some(false), "{kept:?}");
    assert_eq!((kept.reference.as_str(), kept.runs_reference, kept.runs_family), ("lora", 12, 6));
}
