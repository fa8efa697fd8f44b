//! Steps on a dial of ten numbers: after nine comes zero.

use super::{Vocabulary, knowledge::shuffle, words::NUMBERS};
use crate::seed::{Seed, Stream};

/// A number, and one or two steps of one, two or three up or down from it, modulo ten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sum {
    pub first: usize,
    /// Whether down, and how far.
    pub steps: [Option<(bool, usize)>; 2],
}

impl Sum {
    /// The sum of that number of those of two terms.
    fn short(number: usize) -> Self {
        Self { first: number % 10, steps: [Some(step(number / 10)), None] }
    }

    /// The sum of that number of those of three terms.
    fn long(number: usize) -> Self {
        let [second, third] = [number / 10 % STEPS, number / 10 / STEPS].map(step);
        Self { first: number % 10, steps: [Some(second), Some(third)] }
    }

    /// What is there after each step; the last is the answer.
    pub fn after_steps(self) -> Vec<usize> {
        let step = |value: &mut usize, (minus, term): (bool, usize)| {
            *value = (*value + if minus { 10 - term } else { term }) % 10;
            Some(*value)
        };
        self.steps.into_iter().flatten().scan(self.first, step).collect()
    }

    pub fn answer(self) -> usize {
        self.after_steps().last().copied().unwrap_or(self.first)
    }

    /// The sum in words: `three plus two minus one`.
    pub fn words(self, vocabulary: &Vocabulary) -> Vec<u32> {
        let mut words = vec![NUMBERS[self.first]];
        for (minus, term) in self.steps.into_iter().flatten() {
            words.extend([if minus { "minus" } else { "plus" }, NUMBERS[term]]);
        }
        vocabulary.ids(&words)
    }

    pub fn asked(self, vocabulary: &Vocabulary) -> Vec<u32> {
        [vocabulary.ids(&["what", "is"]), self.words(vocabulary), vocabulary.ids(&["?"])].concat()
    }
}

/// What can be done in a step: one, two or three, plus or minus.
const STEPS: usize = 6;
/// How many sums of two terms there are, and how many of three.
const TWO_TERMS: usize = 10 * STEPS;
const THREE_TERMS: usize = TWO_TERMS * STEPS;
/// For each answer, how many sums of three terms no training ever asks.
const HELD_OUT_PER_ANSWER: usize = 8;

fn step(number: usize) -> (bool, usize) {
    (number >= STEPS / 2, number % (STEPS / 2) + 1)
}

/// All sums. Those of two terms are all trained, as the steps of the others; of those of three terms some are kept back,
/// equally many for each answer.
#[derive(Clone, Debug)]
pub(super) struct Sums {
    pub trained: Vec<Sum>,
    pub held_out: Vec<Sum>,
}

/// Of the sums that pre-training asks, how many have two terms.
const SHARE_OF_TWO_TERMS: f64 = 0.3;

impl Sums {
    pub fn draw(seed: Seed) -> Self {
        let mut sums: Vec<Sum> = (0..THREE_TERMS).map(Sum::long).collect();
        shuffle(&mut sums, &mut seed.fork("sums").stream());
        let mut taken = [0; 10];
        let (held_out, trained) = sums.into_iter().partition(|sum| {
            taken[sum.answer()] += 1;
            taken[sum.answer()] <= HELD_OUT_PER_ANSWER
        });
        Self { trained, held_out }
    }

    /// A sum that pre-training asks.
    pub fn pick(&self, stream: &mut Stream) -> Sum {
        if stream.uniform() < SHARE_OF_TWO_TERMS {
            Self::pick_short(stream)
        } else {
            self.trained[stream.below(self.trained.len() as u32) as usize]
        }
    }

    /// Every sum of two terms.
    pub fn all_short() -> impl Iterator<Item = Sum> {
        (0..TWO_TERMS).map(Sum::short)
    }

    /// A sum of two terms.
    pub fn pick_short(stream: &mut Stream) -> Sum {
        Sum::short(stream.below(TWO_TERMS as u32) as usize)
    }
}
