//! The language world draws the same corpora on every platform.

use crate::{digest, test};
use lethe::data::language::{Batch, FineTuning, LanguageWorld, Part};
use lethe::seed::Seed;

fn of(seed: u64) -> String {
    let world = LanguageWorld::new(Seed::new(seed));
    let mut batches = vec![world.pretraining().batch(5, 8), world.general_text().batch(5, 8)];
    for set in FineTuning::ALL {
        batches.extend([Part::Train, Part::HeldOut].map(|part| world.fine_tuning(set, part).batch(5, 8)));
    }
    let numbers = batches.into_iter().flat_map(|Batch { inputs, targets, weights }| {
        let tokens: Vec<f64> = inputs.into_iter().chain(targets).map(f64::from).collect();
        tokens.into_iter().chain(weights.into_iter().map(f64::from))
    });
    digest(numbers)
}

/// A change of these changes what every base checkpoint was trained on.
#[test]
fn the_streams_of_a_language_world_are_the_same_everywhere() {
    assert_eq!([of(0), of(1)], ["81a7a23b1dd25526", "d220debe227ae28a"]);
}
