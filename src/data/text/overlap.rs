//! Whether two sets of texts hold the same.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// Words in a row that two texts may not share: the rule by which GPT-3's evaluations were cleaned of its training
/// texts (arXiv 2005.14165, appendix C).
pub const SHARED_WORDS: usize = 13;

/// Words of the shortest text that is looked for within longer ones: fewer come together by chance.
pub const FEWEST_WORDS: usize = 4;

/// How a text and another overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// They are the same but for case, punctuation, space and markup.
    Same,
    /// The other, of [`FEWEST_WORDS`] words or more and fewer than [`SHARED_WORDS`], stands within the text.
    Holds,
    /// The text, of as many words, stands within the other.
    Within,
    /// They share [`SHARED_WORDS`] words in a row.
    Shared,
}

/// A text that overlaps with another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Number of the text read.
    pub text: usize,
    /// Number of the first text held against it with which it overlaps.
    pub against: usize,
    pub overlap: Overlap,
    /// The words that both have.
    pub words: String,
}

/// Overlaps that are kept of all that are found: large sets may have more of them than memory holds.
const KEPT: usize = 3;

/// What two sets of texts have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overlaps {
    /// Texts that overlap with any other, each counted once.
    pub count: u64,
    /// The first of them.
    pub first: Vec<Found>,
}

impl Overlaps {
    /// Whether they have nothing in common.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// The words of a text in lower case, with one space between them: letters and digits are words, all else parts them.
pub fn normalised(text: &str) -> String {
    words(text).collect::<Vec<_>>().join(" ")
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// Markup of chats that tokenizers need not name, as texts have it: Llama 2's, and the ends of texts.
const MARKUP: [&str; 6] = ["<<SYS>>", "<</SYS>>", "[INST]", "[/INST]", "<s>", "</s>"];

/// Openings of turns behind which the speaker is named, and what ends the name.
const SPEAKERS: [(&str, &str); 2] = [("<|start_header_id|>", "<|end_header_id|>"), ("<|im_start|>", "\n")];

/// A text without special tokens and the markup of chats: those of `special` that are no words, Llama 2's marks, and
/// whatever stands as `<|name|>`, with the speaker's name behind it.
fn unmarked<'a>(text: &'a str, special: &[String]) -> Cow<'a, str> {
    let mut text = Cow::Borrowed(text);
    for (opening, end) in SPEAKERS {
        while let Some(from) = text.find(opening) {
            let speaker = from + opening.len();
            let rest = &text[speaker..];
            let name = rest.find(end).filter(|&at| rest[..at].chars().all(char::is_alphanumeric));
            let to = name.map_or(speaker, |at| speaker + at + end.len());
            text.to_mut().replace_range(from..to, " ");
        }
    }
    let marks = special.iter().map(String::as_str).chain(MARKUP);
    for mark in marks.filter(|mark| mark.chars().any(|c| !c.is_alphanumeric())) {
        if text.contains(mark) {
            text = Cow::Owned(text.replace(mark, " "));
        }
    }
    let mut from = 0;
    while let Some(at) = text[from..].find("<|").map(|at| from + at) {
        let name = &text[at + 2..];
        let end = name.find("|>").filter(|&end| name[..end].chars().all(|c| c.is_alphanumeric() || c == '_'));
        match end {
            Some(end) => text.to_mut().replace_range(at..at + end + 4, " "),
            None => from = at + 2,
        }
    }
    text
}

/// Holds each of `texts` against all of `against`, both without the `special` tokens of a tokenizer and the markup of
/// chats. Keeps the latter and reads the former once: the smaller set is `against`.
///
/// # Errors
/// Those of reading `texts`.
pub fn overlaps<E>(
    texts: impl IntoIterator<Item = Result<String, E>>,
    against: &[String],
    special: &[String],
) -> Result<Overlaps, E> {
    let index = Index::of(against, special);
    let mut overlaps = Overlaps::default();
    for (number, text) in texts.into_iter().enumerate() {
        let text = text?;
        let words: Vec<String> = words(&unmarked(&text, special)).collect();
        let Some((against, overlap, from, to)) = index.find(&words) else { continue };
        overlaps.count += 1;
        if overlaps.first.len() < KEPT {
            overlaps.first.push(Found { text: number, against, overlap, words: words[from..to].join(" ") });
        }
    }
    Ok(overlaps)
}

/// Between two texts; no word has this number.
const BORDER: u32 = u32::MAX - 1;
/// A word that no text of the index has.
const UNKNOWN: u32 = u32::MAX;

/// Words by number, texts by their words, and texts by each stretch of them.
struct Index {
    words: HashMap<String, u32>,
    whole: HashMap<Vec<u32>, usize>,
    /// The first words of short texts.
    openings: HashSet<[u32; FEWEST_WORDS]>,
    stretches: HashMap<[u32; SHARED_WORDS], usize>,
    /// The words of all texts, one text after the other.
    all: Vec<u32>,
    /// Where each text begins in them.
    starts: Vec<usize>,
    /// Places in them, by the words that follow.
    sorted: Vec<u32>,
}

/// Whether a text of so many words is looked for within longer ones.
fn is_short(words: usize) -> bool {
    (FEWEST_WORDS..SHARED_WORDS).contains(&words)
}

impl Index {
    fn of(texts: &[String], special: &[String]) -> Self {
        let mut index = Self {
            words: HashMap::new(),
            whole: HashMap::new(),
            openings: HashSet::new(),
            stretches: HashMap::new(),
            all: Vec::new(),
            starts: Vec::new(),
            sorted: Vec::new(),
        };
        for (number, text) in texts.iter().enumerate() {
            let numbers: Vec<u32> = words(&unmarked(text, special))
                .map(|word| {
                    let next = index.words.len() as u32;
                    *index.words.entry(word).or_insert(next)
                })
                .collect();
            for stretch in numbers.windows(SHARED_WORDS).filter_map(|stretch| stretch.try_into().ok()) {
                index.stretches.entry(stretch).or_insert(number);
            }
            if is_short(numbers.len()) {
                index.openings.extend(numbers.first_chunk::<FEWEST_WORDS>());
            }
            index.starts.push(index.all.len());
            index.all.extend(&numbers);
            index.all.push(BORDER);
            if !numbers.is_empty() {
                index.whole.entry(numbers).or_insert(number);
            }
        }
        index.sorted = (0..index.all.len() as u32).collect();
        let all = &index.all;
        index.sorted.sort_unstable_by_key(|&place| (following(all, place, SHARED_WORDS), place));
        index
    }

    /// The first overlap of a text that is found: with which other, and which of the text's words both have.
    fn find(&self, words: &[String]) -> Option<(usize, Overlap, usize, usize)> {
        let numbers: Vec<u32> = words.iter().map(|word| self.words.get(word).copied().unwrap_or(UNKNOWN)).collect();
        let count = numbers.len();
        if let Some(&against) = self.whole.get(&numbers) {
            return Some((against, Overlap::Same, 0, count));
        }
        for (place, stretch) in numbers.windows(SHARED_WORDS).enumerate() {
            let Ok(stretch) = <[u32; SHARED_WORDS]>::try_from(stretch) else { continue };
            if let Some(&against) = self.stretches.get(&stretch) {
                return Some((against, Overlap::Shared, place, place + SHARED_WORDS));
            }
        }
        for (place, opening) in numbers.windows(FEWEST_WORDS).enumerate() {
            let Some(opening) = opening.first_chunk::<FEWEST_WORDS>() else { continue };
            if !self.openings.contains(opening) {
                continue;
            }
            let ends = place + FEWEST_WORDS..(place + SHARED_WORDS).min(count + 1);
            let held = ends.rev().find_map(|end| Some((*self.whole.get(&numbers[place..end])?, end)));
            if let Some((against, end)) = held {
                return Some((against, Overlap::Holds, place, end));
            }
        }
        let within = is_short(count) && !numbers.contains(&UNKNOWN);
        within.then(|| self.around(&numbers)).flatten().map(|against| (against, Overlap::Within, 0, count))
    }

    /// A text within which these words stand.
    fn around(&self, numbers: &[u32]) -> Option<usize> {
        let at = self.sorted.partition_point(|&place| following(&self.all, place, numbers.len()) < numbers);
        let place = *self.sorted.get(at)?;
        let is_there = following(&self.all, place, numbers.len()) == numbers;
        is_there.then(|| self.starts.partition_point(|&start| start <= place as usize) - 1)
    }
}

/// So many words from a place on, fewer at the end.
fn following(all: &[u32], place: u32, count: usize) -> &[u32] {
    let from = place as usize;
    &all[from..all.len().min(from + count)]
}
