//! Prescribed replay, against training.

use lethe::experiments::Job;
use lethe::experiments::curriculum::{Terms, Tried, Way, trial};
use lethe::kernel::optimum::{Objective, Reference};

use crate::spec;

/// A narrow tanh network, whose kernel has few coordinates: a search takes a tenth of a second.
fn trials(budget: f64) -> Vec<Vec<Tried>> {
    let spec = spec("#v=1&x=dynamics&w=128&act=tanh&par=ntk&lr=0.05&n=64&s=0..5");
    let terms = Terms { budget, segments: 10, id_slack: 1.1 };
    spec.seeds.iter().map(|&seed| trial(&spec, Job { seed, width: 128 }, terms).unwrap()).collect()
}

fn of(ways: &[Tried], way: Way) -> &Tried {
    ways.iter().find(|tried| tried.way == way).unwrap()
}

#[test]
fn what_the_kernel_prescribes_wins_what_it_was_prescribed_for() {
    let uniform = Way::Reference(Reference::Uniform);
    for ways in trials(0.01) {
        for objective in Objective::ALL {
            let (own, usual) = (of(&ways, Way::Prescribed(objective)), of(&ways, uniform));
            assert!(own.predicted.of(objective) <= usual.predicted.of(objective), "{objective:?}: as predicted");
            let (own, usual) = (own.trained.unwrap(), usual.trained.unwrap());
            assert!(own.of(objective) < usual.of(objective), "{objective:?}: {own:?} against {usual:?}");
        }
    }
}

#[test]
fn every_schedule_keeps_its_budget_and_the_prescribed_ones_their_bound() {
    for ways in trials(0.03) {
        let bound = 1.1 * of(&ways, Way::Reference(Reference::Uniform)).predicted.id_end;
        for tried in &ways {
            let mean = tried.fractions.iter().sum::<f64>() / 10.0;
            assert!(mean <= 0.03 * (1.0 + 1e-9), "{:?} spends {mean}", tried.way);
            assert!(tried.fractions.iter().all(|p| (0.0..=1.0).contains(p)));
            if matches!(tried.way, Way::Prescribed(_)) {
                assert!(tried.predicted.id_end <= bound * (1.0 + 1e-3), "{:?}", tried.way);
            }
        }
    }
}

#[test]
fn training_along_any_schedule_does_what_was_predicted() {
    for ways in trials(0.01) {
        for tried in &ways {
            let (said, did) = (tried.predicted, tried.trained.unwrap());
            for objective in Objective::ALL {
                let apart = (said.of(objective) - did.of(objective)).abs() / did.of(objective);
                assert!(apart < 0.05, "{:?}, {objective:?}: {apart} off", tried.way);
            }
        }
    }
}
