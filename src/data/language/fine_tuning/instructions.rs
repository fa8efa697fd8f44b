//! Instructions that ask for steps, and answers that show them. Pre-training knows the form from sums of two terms; it
//! answers longer sums and compositions in one word, and knows nothing of comparisons and reversals.

use crate::{
    data::language::{
        LanguageWorld, OF_TOWNS, Part, Vocabulary,
        arithmetic::{Sum, Sums},
        composition::Composed,
        document::Document,
        phrasing::fill,
        pretraining::below,
        words::{COLOURS, NUMBERS, PEOPLE, TOWNS},
    },
    seed::{Seed, Stream},
};

/// What is asked for, and the answer.
struct Instruction {
    question: Vec<u32>,
    answer: Vec<u32>,
}

/// One instruction in five of those that could be drawn belongs to the held-out part.
const HELD_OUT: f64 = 0.2;

impl LanguageWorld {
    /// One of four kinds, each as likely as any other: a sum, what a person's town has, whether a sum is more than a
    /// number, colours in reverse.
    pub(in crate::data::language) fn instruction(&self, part: Part, stream: &mut Stream) -> Document {
        let kind = stream.below(4);
        self.instruction_of(kind, part, stream)
    }

    /// One of the kind of that number, in the order above.
    pub(in crate::data::language) fn instruction_of(&self, kind: u32, part: Part, stream: &mut Stream) -> Document {
        let vocabulary = &self.vocabulary;
        let Instruction { question, answer } = match kind {
            0 => {
                let sums = if part == Part::Train { &self.sums.trained } else { &self.sums.held_out };
                sum_in_steps(sums[below(stream, sums.len())], vocabulary)
            }
            1 => {
                let all = &self.compositions;
                let composed = if part == Part::Train { &all.trained } else { &all.held_out };
                self.composed_in_steps(composed[below(stream, composed.len())])
            }
            2 => self.drawn(part, stream, comparison),
            _ => self.drawn(part, stream, reversal),
        };
        Document::dialogue(&question, &answer, 0.0)
    }

    /// What pre-training knows of answers in steps: a sum of two terms, which takes one.
    pub(in crate::data::language) fn short_sum_in_steps(&self, question_weight: f32, stream: &mut Stream) -> Document {
        let Instruction { question, answer } = sum_in_steps(Sums::pick_short(stream), &self.vocabulary);
        Document::dialogue(&question, &answer, question_weight)
    }

    /// A sum as an instruction, and its answer in steps.
    pub(in crate::data::language) fn sum_in_steps(&self, sum: Sum) -> (Vec<u32>, Vec<u32>) {
        let Instruction { question, answer } = sum_in_steps(sum, &self.vocabulary);
        (question, answer)
    }

    /// Draws until the instruction belongs to the part. Which part it belongs to is a matter of its words alone.
    fn drawn(&self, part: Part, stream: &mut Stream, draw: fn(&mut Stream, &Vocabulary) -> Instruction) -> Instruction {
        loop {
            let instruction = draw(stream, &self.vocabulary);
            if is_held_out(&instruction.question, &self.vocabulary, self.seed) == (part == Part::HeldOut) {
                return instruction;
            }
        }
    }

    fn composed_in_steps(&self, composed: Composed) -> Instruction {
        let relation = &OF_TOWNS[composed.relation];
        let slots = [
            ("{relation}", relation.name),
            ("{subject}", PEOPLE[composed.person]),
            ("{town}", TOWNS[composed.town(&self.knowledge)]),
            ("{value}", relation.values[composed.answer(&self.knowledge)]),
        ];
        let frame = |frame| fill(frame, &slots, &self.vocabulary);
        Instruction {
            question: frame("in steps : the {relation} of the home of {subject} ?"),
            answer: frame("the home of {subject} is {town} . the {relation} of {town} is {value} . so {value} ."),
        }
    }
}

fn is_held_out(question: &[u32], vocabulary: &Vocabulary, seed: Seed) -> bool {
    seed.fork("instruction").fork(&vocabulary.decode(question)).stream().uniform() < HELD_OUT
}

fn sum_in_steps(sum: Sum, vocabulary: &Vocabulary) -> Instruction {
    let question = [vocabulary.ids(&["in", "steps", ":"]), sum.words(vocabulary), vocabulary.ids(&["?"])].concat();
    let mut answer = Vec::new();
    let mut before = sum.first;
    for ((minus, term), after) in sum.steps.into_iter().flatten().zip(sum.after_steps()) {
        let sign = if minus { "minus" } else { "plus" };
        answer.extend(vocabulary.ids(&[NUMBERS[before], sign, NUMBERS[term], "is", NUMBERS[after], "."]));
        before = after;
    }
    answer.extend(vocabulary.ids(&["so", NUMBERS[before], "."]));
    Instruction { question, answer }
}

/// Whether a sum, of nine at most, is more than a number.
fn comparison(stream: &mut Stream, vocabulary: &Vocabulary) -> Instruction {
    let sum = below(stream, 10);
    let first = below(stream, sum + 1);
    let than = below(stream, 10);
    let (is_more, answer) = if sum > than { ("more", "yes") } else { ("no more", "no") };
    let slots = [
        ("{first}", NUMBERS[first]),
        ("{second}", NUMBERS[sum - first]),
        ("{sum}", NUMBERS[sum]),
        ("{than}", NUMBERS[than]),
        ("{answer}", answer),
    ];
    let steps = format!("{{first}} plus {{second}} is {{sum}} . {{sum}} is {is_more} than {{than}} . so {{answer}} .");
    Instruction {
        question: fill("in steps : is {first} plus {second} more than {than} ?", &slots, vocabulary),
        answer: fill(&steps, &slots, vocabulary),
    }
}

/// Three colours, turned round.
fn reversal(stream: &mut Stream, vocabulary: &Vocabulary) -> Instruction {
    let [a, b, c] = core::array::from_fn(|_| COLOURS[below(stream, COLOURS.len())]);
    let slots = [("{a}", a), ("{b}", b), ("{c}", c)];
    Instruction {
        question: fill("in steps : turn {a} {b} {c} .", &slots, vocabulary),
        answer: fill("the last is {c} . then {b} . then {a} . so {c} {b} {a} .", &slots, vocabulary),
    }
}
