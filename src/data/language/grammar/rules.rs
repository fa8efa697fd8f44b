//! The grammar of general text: people who do things to what can be done with them.

use super::{Grammar, Symbol, Way};
use crate::{
    data::language::{Vocabulary, knowledge::shuffle, words},
    seed::Seed,
};

/// Which words are frequent is drawn by the seed; the k-th most frequent of a list has probability proportional to 1 / k.
///
/// ```text
/// sentence  -> subject does "." | opener subject does "."
/// opener    -> "today" | "now" | "then" | "so" | "yes" | "we hear that" | "it is said that" | "the news is that"
///            | "more than that"
/// subject   -> name | "the" person | "the" person "who" does
/// person    -> craft | adjective craft
/// does      -> action | action place | action "and" does
/// action    -> food-verb food | animal-verb article animal | instrument-verb article instrument
///            | flower-verb article flower | person-verb whom
/// whom      -> name | "the" person
/// article   -> "a" | "the" | "no" | "the" colour | "a" colour
/// place     -> ("in" | "near" | "behind") town
/// ```
pub(in crate::data::language) fn general(vocabulary: &Vocabulary, seed: Seed) -> Grammar {
    let mut rules = Rules { vocabulary, rules: Vec::new(), seed: seed.fork("grammar") };
    let people = [words::PEOPLE.as_slice(), &words::NEWCOMERS].concat();
    let name = rules.phrases(&people);
    let adjective = rules.ranked("adjective", &words::ADJECTIVES);
    let craft = rules.ranked("craft", &words::CRAFTS);
    let colour = rules.ranked("colour", &words::COLOURS);
    let town = rules.ranked("town", &words::TOWNS);
    let preposition = rules.phrases(&words::PREPOSITIONS);
    let person = rules.ways(&[(0.6, &[craft]), (0.4, &[adjective, craft])]);
    let [a, the, no] = ["a", "the", "no"].map(|word| rules.word(word));
    let article =
        rules.ways(&[(0.35, &[a]), (0.3, &[the]), (0.05, &[no]), (0.15, &[a, colour]), (0.15, &[the, colour])]);
    let whom = rules.ways(&[(0.5, &[name]), (0.5, &[the, person])]);
    let verbs = |rules: &mut Rules, kind: &str, verbs: &[&'static str], objects: &[&'static str]| {
        [rules.ranked(&format!("{kind} verb"), verbs), rules.ranked(kind, objects)]
    };
    let [cooks, food] = verbs(&mut rules, "food", &words::FOOD_VERBS, &words::FOODS);
    let [feeds, animal] = verbs(&mut rules, "animal", &words::ANIMAL_VERBS, &words::ANIMALS);
    let [mends, instrument] = verbs(&mut rules, "instrument", &words::INSTRUMENT_VERBS, &words::INSTRUMENTS);
    let [waters, flower] = verbs(&mut rules, "flower", &words::FLOWER_VERBS, &words::FLOWERS);
    let helps = rules.ranked("person verb", &words::PERSON_VERBS);
    let action = rules.ways(&[
        (0.2, &[cooks, food]),
        (0.2, &[feeds, article, animal]),
        (0.2, &[mends, article, instrument]),
        (0.2, &[waters, article, flower]),
        (0.2, &[helps, whom]),
    ]);
    let place = rules.ways(&[(1.0, &[preposition, town])]);
    let (who, and) = (rules.word("who"), rules.word("and"));
    let does = Symbol::Rule(rules.rules.len());
    let does = rules.ways(&[(0.6, &[action]), (0.25, &[action, place]), (0.15, &[action, and, does])]);
    let subject = rules.ways(&[(0.3, &[name]), (0.6, &[the, person]), (0.1, &[the, person, who, does])]);
    let openers = ["today", "now", "then", "so", "yes", "we hear that", "it is said that", "the news is that"];
    let opener = rules.phrases(&[openers.as_slice(), &["more than that"]].concat());
    let stop = rules.word(".");
    rules.ways(&[(0.8, &[subject, does, stop]), (0.2, &[opener, subject, does, stop])]);
    Grammar { rules: rules.rules }
}

/// A grammar in the making.
struct Rules<'a> {
    vocabulary: &'a Vocabulary,
    rules: Vec<Vec<Way>>,
    seed: Seed,
}

impl Rules<'_> {
    fn word(&self, word: &str) -> Symbol {
        Symbol::Word(self.vocabulary.id(word))
    }

    fn add(&mut self, ways: Vec<Way>) -> Symbol {
        self.rules.push(ways);
        Symbol::Rule(self.rules.len() - 1)
    }

    fn ways(&mut self, ways: &[(f64, &[Symbol])]) -> Symbol {
        self.add(ways.iter().map(|&(probability, symbols)| Way { probability, symbols: symbols.to_vec() }).collect())
    }

    /// One of the phrases, each as likely as any other.
    fn phrases(&mut self, phrases: &[&str]) -> Symbol {
        let symbols = |phrase: &&str| phrase.split(' ').map(|word| self.word(word)).collect();
        let probability = 1.0 / phrases.len() as f64;
        let ways = phrases.iter().map(|phrase| Way { probability, symbols: symbols(phrase) }).collect();
        self.add(ways)
    }

    /// One of the words, their order of frequency drawn.
    fn ranked(&mut self, label: &str, words: &[&str]) -> Symbol {
        let mut ranks: Vec<usize> = (1..=words.len()).collect();
        shuffle(&mut ranks, &mut self.seed.fork(label).stream());
        let total: f64 = (1..=words.len()).map(|rank| 1.0 / rank as f64).sum();
        let way = |(&word, rank): (&&str, usize)| Way {
            probability: 1.0 / (rank as f64 * total),
            symbols: vec![self.word(word)],
        };
        let ways = words.iter().zip(ranks).map(way).collect();
        self.add(ways)
    }
}
