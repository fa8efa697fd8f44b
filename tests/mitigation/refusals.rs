//! What is not accepted is said.

use lethe::model::Parameterisation;
use lethe::train::OptimiserKind::Gd;
use lethe::train::mitigation::ALL;

use crate::world::{World, mitigation, optimiser, smooth_world};

fn refusal(world: &World, name: &str, strength: f64) -> String {
    world.treatment(mitigation(name), strength, optimiser(Gd, 0.1)).unwrap_err().to_string()
}

#[test]
fn strengths_out_of_range_are_refused_with_what_is_accepted() {
    let world = smooth_world(Parameterisation::Ntk);
    let expected = [
        ("none", 0.1, "none = \"0.1\"; accepted: 0 here (there is nothing to strengthen)"),
        ("replay", 1.01, "replay = \"1.01\"; accepted: numbers from 0 to 1 (p, the old task's share of the loss)"),
        (
            "added",
            f64::INFINITY,
            "added = \"inf\"; accepted: numbers from 0 to 1000000 (r, the old task's weight beside 1 for the new)",
        ),
        (
            "l2",
            -1.0,
            "l2 = \"-1\"; accepted: numbers from 0 on (lambda, the weight of the squared distance from the start)",
        ),
        ("ewc", f64::NAN, "ewc = \"NaN\"; accepted: numbers from 0 on (lambda, the weight of the penalty)"),
        (
            "ogd",
            13.0,
            "ogd = \"13\"; accepted: whole numbers from 0 to 12 (the number of old examples whose gradients are stored)",
        ),
        (
            "freeze",
            0.5,
            "freeze = \"0.5\"; accepted: whole numbers from 0 to 1 (the number of hidden layers that are held)",
        ),
        (
            "freeze",
            2.0,
            "freeze = \"2\"; accepted: whole numbers from 0 to 1 (the number of hidden layers that are held)",
        ),
    ];
    for (name, strength, sentence) in expected {
        assert_eq!(refusal(&world, name, strength), sentence);
    }
    for mitigation in ALL {
        assert!(mitigation.strength.check_alone(mitigation.name, -1.0).is_err());
        assert!(mitigation.strength.check_alone(mitigation.name, f64::NAN).is_err());
        assert!(mitigation.strength.check_alone(mitigation.name, 0.0).is_ok());
        let largest = if mitigation.strength.whole { 1e9 } else { mitigation.strength.largest };
        assert!(mitigation.strength.check_alone(mitigation.name, largest).is_ok());
    }
}

#[test]
fn what_needs_old_examples_is_refused_without_them() {
    let world = World { old_x: Vec::new(), old_y: Vec::new(), ..smooth_world(Parameterisation::Ntk) };
    for name in ["replay", "added", "ewc", "ogd"] {
        let sentence = refusal(&world, name, 1.0);
        assert!(sentence.contains("accepted: 0 here"), "{sentence}");
    }
    for name in ["l2", "distil", "freeze", "interpolate", "rate"] {
        assert!(world.treatment(mitigation(name), 1.0, optimiser(Gd, 0.1)).is_ok(), "{name}");
    }
}

#[test]
fn a_network_that_has_diverged_is_refused() {
    let mut world = smooth_world(Parameterisation::Ntk);
    world.start.w2[3] = f32::INFINITY;
    for mitigation in ALL.iter().filter(|of| of.name != "none") {
        assert!(world.treatment(mitigation, 0.0, optimiser(Gd, 0.1)).is_ok(), "nothing is looked at");
        assert!(refusal(&world, mitigation.name, 1.0).contains("has not diverged"), "{}", mitigation.name);
    }
}

#[test]
fn names_are_the_links_and_told_apart() {
    let names: Vec<&str> = ALL.iter().map(|mitigation| mitigation.name).collect();
    let expected = ["none", "replay", "added", "l2", "ewc", "distil", "ogd", "freeze", "interpolate", "rate"];
    assert_eq!(names, expected);
    for mitigation in ALL {
        assert!(mitigation.sentence.ends_with('.') && mitigation.sentence.len() < 180, "{}", mitigation.sentence);
        assert!(!mitigation.title.is_empty() && !mitigation.source.is_empty());
    }
    assert!(lethe::train::Mitigation::named("nothing").is_none());
}
