//! Replay at an exact ratio.

use lethe::data::text::{Mixture, Order, Part, State, Unit};
use lethe::seed::Seed;

fn mixture(unit: Unit, state: State) -> Mixture {
    let order = |rows, label| Order::shuffled(rows, Seed::new(3).fork(label));
    Mixture::at(unit, order(97, "new"), Some(order(31, "replay")), state)
}

/// Tokens of a row, between 1 and 60.
fn length(part: Part, row: u32) -> usize {
    1 + (row as usize * 37 + part as usize * 11) % 60
}

const FRACTIONS: [f64; 9] = [0.0, 1e-3, 0.05, 0.1, 1.0 / 3.0, 0.5, 0.618, 0.95, 1.0];

#[test]
fn replayed_examples_are_within_half_an_example_of_the_fraction() {
    for fraction in FRACTIONS {
        let mut mixture = mixture(Unit::Examples, State::default());
        for draws in 1..=20_000 {
            let draw = mixture.draw(fraction);
            mixture.count(length(draw.part, draw.row));
            let replayed = mixture.state().examples[1] as f64;
            assert!((replayed - fraction * f64::from(draws)).abs() <= 0.5 + 1e-4, "{fraction}: {replayed} of {draws}");
        }
    }
}

#[test]
fn replayed_tokens_are_within_one_example_of_the_fraction() {
    for fraction in FRACTIONS {
        let mut mixture = mixture(Unit::Tokens, State::default());
        for _ in 0..20_000 {
            let draw = mixture.draw(fraction);
            mixture.count(length(draw.part, draw.row));
            let [new, replayed] = mixture.state().tokens.map(|tokens| tokens as f64);
            let apart = (replayed - fraction * (new + replayed)).abs();
            assert!(apart <= 60.0, "{fraction}: {replayed} beside {new}");
        }
    }
}

#[test]
fn a_schedule_is_followed_as_exactly() {
    let fraction = |draw: u32| [0.0, 0.3, 1.0, 0.07][(draw / 500) as usize % 4];
    for unit in [Unit::Examples, Unit::Tokens] {
        let mut mixture = mixture(unit, State::default());
        let mut owed = 0.0;
        for number in 0..6_000 {
            let draw = mixture.draw(fraction(number));
            let length = length(draw.part, draw.row);
            mixture.count(length);
            let state = mixture.state();
            let (size, paid, most) = match unit {
                Unit::Examples => (1, state.examples[1], 0.5),
                Unit::Tokens => (length, state.tokens[1], 60.0),
            };
            owed += fraction(number) * size as f64;
            assert!((paid as f64 - owed).abs() <= most + 1e-3, "{unit:?}, draw {number}: {paid} of {owed}");
        }
    }
}

#[test]
fn a_mixture_goes_on_from_any_state() {
    for unit in [Unit::Examples, Unit::Tokens] {
        let mut whole = mixture(unit, State::default());
        let mut states = Vec::new();
        let mut draws = Vec::new();
        for _ in 0..700 {
            states.push(serde_json::to_string(&whole.state()).unwrap());
            let draw = whole.draw(0.23);
            whole.count(length(draw.part, draw.row));
            draws.push(draw);
        }
        for from in [0, 1, 96, 97, 98, 333, 699] {
            let mut resumed = mixture(unit, serde_json::from_str(&states[from]).unwrap());
            for expected in &draws[from..] {
                let draw = resumed.draw(0.23);
                resumed.count(length(draw.part, draw.row));
                assert_eq!(draw, *expected);
            }
        }
    }
}

#[test]
fn an_epoch_has_every_row_once_in_an_order_of_its_own() {
    let mut order = Order::shuffled(53, Seed::new(1));
    let mut epoch = |number: u64| -> Vec<u32> { (0..53).map(|place| order.at(53 * number + place)).collect() };
    let (first, second) = (epoch(0), epoch(1));
    assert_ne!(first, second);
    assert_eq!(epoch(0), first, "any place can be had again");
    for mut rows in [first, second] {
        rows.sort_unstable();
        assert_eq!(rows, (0..53).collect::<Vec<_>>());
    }
}

/// A count's part of chi-squared.
fn apart(count: u32, expected: f64) -> f64 {
    let apart = f64::from(count) - expected;
    apart * apart / expected
}

#[test]
fn every_order_of_an_epoch_comes_as_often() {
    let epochs = 12_000_u64;
    let mut order = Order::shuffled(4, Seed::new(2));
    let mut counts = std::collections::BTreeMap::new();
    for epoch in 0..epochs {
        let rows: Vec<u32> = (0..4).map(|place| order.at(4 * epoch + place)).collect();
        *counts.entry(rows).or_insert(0_u32) += 1;
    }
    assert_eq!(counts.len(), 24);
    let expected = epochs as f64 / 24.0;
    let chi_squared: f64 = counts.values().map(|&count| apart(count, expected)).sum();
    // 23 degrees of freedom: beyond 49.73 with probability 0.001.
    assert!(chi_squared < 49.73, "{chi_squared}");
}

#[test]
fn weighted_rows_are_drawn_as_often_as_their_weights_say() {
    let weights = [0.0, 1.0, 2.5, 0.0, 0.5, 6.0, 0.0];
    let mut order = Order::weighted(&weights, Seed::new(9)).unwrap();
    let draws = 20_000_u64;
    let mut counts = [0_u32; 7];
    let rows: Vec<u32> = (0..draws).map(|place| order.at(place)).collect();
    for &row in &rows {
        counts[row as usize] += 1;
    }
    let mut chi_squared = 0.0;
    for (&count, weight) in counts.iter().zip(weights) {
        let expected = draws as f64 * weight / 10.0;
        if weight == 0.0 {
            assert_eq!(count, 0);
        } else {
            chi_squared += apart(count, expected);
        }
    }
    // 3 degrees of freedom: beyond 16.27 with probability 0.001.
    assert!(chi_squared < 16.27, "{chi_squared}");
    assert!([0, 17, 19_999].iter().all(|&place| order.at(place) == rows[place as usize]), "any place can be had again");
    for refused in [&[0.0, 0.0][..], &[1.0, -1.0], &[f64::NAN], &[f64::INFINITY], &[]] {
        assert!(Order::weighted(refused, Seed::new(0)).is_none(), "{refused:?}");
    }
}
