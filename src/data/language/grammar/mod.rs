//! A probabilistic context-free grammar: sampling, the exact probability of a sentence, the exact entropy.

mod rules;

pub(super) use rules::general;

use crate::seed::Stream;

/// A word, or a rule to go on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Symbol {
    Word(u32),
    Rule(usize),
}

/// One way to go on, and how likely it is.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub probability: f64,
    pub symbols: Vec<Symbol>,
}

/// A grammar in which every rule is a choice between ways; the last rule makes the sentence.
///
/// No way is empty and none begins with the rule that it belongs to, directly or not, so that reading ends.
#[derive(Clone, Debug)]
pub struct Grammar {
    rules: Vec<Vec<Way>>,
}

/// No sentence of more words is read: what is asked may come from a network.
const LONGEST: usize = 64;
/// Rounds in which expectations settle: rules come back to themselves with probability 0.15, so what is left
/// is far below the last bit.
const ROUNDS: usize = 64;

impl Grammar {
    /// A sentence.
    pub(super) fn sample(&self, stream: &mut Stream) -> Vec<u32> {
        let mut words = Vec::new();
        let mut open = vec![Symbol::Rule(self.rules.len() - 1)];
        while let Some(symbol) = open.pop() {
            match symbol {
                Symbol::Word(word) => words.push(word),
                Symbol::Rule(rule) => open.extend(pick(&self.rules[rule], stream).symbols.iter().rev()),
            }
        }
        words
    }

    /// The probability that a sentence reads exactly so, the sum over its derivations; 0 if it is none.
    pub fn probability(&self, sentence: &[u32]) -> f64 {
        if sentence.len() > LONGEST {
            return 0.0;
        }
        let ends = self.ends(Symbol::Rule(self.rules.len() - 1), sentence, 0);
        ends.iter().filter(|end| end.0 == sentence.len()).map(|end| end.1).sum()
    }

    /// Whether the grammar makes this sentence.
    pub fn accepts(&self, sentence: &[u32]) -> bool {
        self.probability(sentence) > 0.0
    }

    /// Where what the symbol makes from `start` on may end, and how likely it is to be made.
    fn ends(&self, symbol: Symbol, sentence: &[u32], start: usize) -> Vec<(usize, f64)> {
        match symbol {
            Symbol::Word(word) if sentence.get(start) == Some(&word) => vec![(start + 1, 1.0)],
            Symbol::Word(_) => Vec::new(),
            Symbol::Rule(rule) => {
                let mut found: Vec<(usize, f64)> = Vec::new();
                for way in &self.rules[rule] {
                    let mut reached = vec![(start, way.probability)];
                    for &symbol in &way.symbols {
                        let step = |&(at, before): &(usize, f64)| {
                            self.ends(symbol, sentence, at).into_iter().map(move |(end, p)| (end, before * p))
                        };
                        reached = reached.iter().flat_map(step).collect();
                    }
                    for (end, p) in reached {
                        match found.iter_mut().find(|known| known.0 == end) {
                            Some(known) => known.1 += p,
                            None => found.push((end, p)),
                        }
                    }
                }
                found
            }
        }
    }

    /// The entropy of a sentence in nats: that of its derivation, H(A) = sum_w p_w (-ln p_w + sum of H over w's
    /// symbols). The grammar of general text is unambiguous, so the two are the same.
    pub fn entropy(&self) -> f64 {
        self.expected(|way| -libm::log(way.probability), 0.0)
    }

    /// The expected number of words of a sentence, its full stop included.
    pub fn expected_length(&self) -> f64 {
        self.expected(|_| 0.0, 1.0)
    }

    /// The expected sum of what every way and every word of a derivation brings.
    fn expected(&self, of_way: impl Fn(&Way) -> f64, of_word: f64) -> f64 {
        let mut values = vec![0.0; self.rules.len()];
        for _ in 0..ROUNDS {
            for (rule, ways) in self.rules.iter().enumerate() {
                let of = |symbol: &Symbol| match *symbol {
                    Symbol::Word(_) => of_word,
                    Symbol::Rule(rule) => values[rule],
                };
                let value = ways
                    .iter()
                    .map(|way| way.probability * (of_way(way) + way.symbols.iter().map(of).sum::<f64>()))
                    .sum();
                values[rule] = value;
            }
        }
        values.last().copied().unwrap_or(0.0)
    }
}

/// A way by its probability.
fn pick<'a>(ways: &'a [Way], stream: &mut Stream) -> &'a Way {
    let mut left = stream.uniform();
    for way in &ways[..ways.len() - 1] {
        left -= way.probability;
        if left < 0.0 {
            return way;
        }
    }
    &ways[ways.len() - 1]
}
