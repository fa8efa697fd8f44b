//! Whether two sets of texts hold the same.

use std::collections::{HashMap, HashSet};

/// Words in a row that two texts may not share: the rule by which GPT-3's evaluations were cleaned of its training
/// texts (arXiv 2005.14165, appendix C).
pub const SHARED_WORDS: usize = 13;

/// A stretch of words that a text shares with another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// Number of the text read.
    pub text: usize,
    /// Number of the text held against it.
    pub against: usize,
    /// The first such stretch.
    pub words: String,
}

/// Pairs that are kept of all that are found: large sets may have more of them than memory holds.
const KEPT: usize = 3;

/// How many pairs were found, and the first of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    pub count: u64,
    pub first: Vec<T>,
}

impl<T> Default for Found<T> {
    fn default() -> Self {
        Self { count: 0, first: Vec::new() }
    }
}

impl<T> Found<T> {
    fn add(&mut self, pair: impl FnOnce() -> T) {
        self.count += 1;
        if self.first.len() < KEPT {
            self.first.push(pair());
        }
    }
}

/// What two sets of texts have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overlaps {
    /// Texts that are the same but for case, punctuation and space: numbers of the text read and of the other.
    pub duplicates: Found<(usize, usize)>,
    /// Pairs of other texts that share [`SHARED_WORDS`] words in a row, each pair once.
    pub shared: Found<Shared>,
}

impl Overlaps {
    /// Whether they have nothing in common.
    pub fn is_empty(&self) -> bool {
        self.duplicates.count == 0 && self.shared.count == 0
    }
}

/// The words of a text in lower case, with one space between them: letters and digits are words, all else parts them.
pub fn normalised(text: &str) -> String {
    words(text).collect::<Vec<_>>().join(" ")
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// Holds each of `texts` against all of `against`. Keeps the latter and reads the former once: the smaller set is
/// `against`. A text of fewer than [`SHARED_WORDS`] words is held against equal ones alone.
///
/// # Errors
/// Those of reading `texts`.
pub fn overlaps<E>(texts: impl IntoIterator<Item = Result<String, E>>, against: &[String]) -> Result<Overlaps, E> {
    let index = Index::of(against);
    let mut found = Overlaps::default();
    for (number, text) in texts.into_iter().enumerate() {
        index.find(number, &text?, &mut found);
    }
    Ok(found)
}

/// Words by number, texts by their words, and texts by each stretch of them.
struct Index {
    words: HashMap<String, u32>,
    whole: HashMap<Vec<u32>, Vec<usize>>,
    stretches: HashMap<[u32; SHARED_WORDS], Vec<usize>>,
}

impl Index {
    fn of(texts: &[String]) -> Self {
        let mut index = Self { words: HashMap::new(), whole: HashMap::new(), stretches: HashMap::new() };
        for (number, text) in texts.iter().enumerate() {
            let numbers: Vec<u32> = words(text)
                .map(|word| {
                    let next = index.words.len() as u32;
                    *index.words.entry(word).or_insert(next)
                })
                .collect();
            for stretch in numbers.windows(SHARED_WORDS).filter_map(|stretch| stretch.try_into().ok()) {
                let texts = index.stretches.entry(stretch).or_default();
                if texts.last() != Some(&number) {
                    texts.push(number);
                }
            }
            if !numbers.is_empty() {
                index.whole.entry(numbers).or_default().push(number);
            }
        }
        index
    }

    fn find(&self, text: usize, read: &str, found: &mut Overlaps) {
        let spelled: Vec<String> = words(read).collect();
        // A word that no other text has is in no stretch of theirs.
        let numbers: Vec<u32> = spelled.iter().map(|word| self.words.get(word).copied().unwrap_or(u32::MAX)).collect();
        let mut known: HashSet<usize> = HashSet::new();
        for &against in self.whole.get(&numbers).into_iter().flatten() {
            found.duplicates.add(|| (text, against));
            known.insert(against);
        }
        for (place, stretch) in numbers.windows(SHARED_WORDS).enumerate() {
            let Ok(stretch) = <[u32; SHARED_WORDS]>::try_from(stretch) else { continue };
            for &against in self.stretches.get(&stretch).into_iter().flatten() {
                if known.insert(against) {
                    let words = || spelled[place..place + SHARED_WORDS].join(" ");
                    found.shared.add(|| Shared { text, against, words: words() });
                }
            }
        }
    }
}
