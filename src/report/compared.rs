//! Two answers to a prompt, word by word.

use serde::Serialize;

/// Most words of each answer, between what both begin and end with, that are compared one by one.
const MOST_WORDS: usize = 1500;

/// A prompt with two answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// What the prompt asks for, or its number.
    pub kind: String,
    pub prompt: String,
    pub base: Vec<Word>,
    pub tuned: Vec<Word>,
}

/// One word of an answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Word {
    /// What stands between it and the word before: nothing, a space, one line feed or two.
    pub before: &'static str,
    pub word: String,
    pub differs: bool,
}

impl Compared {
    /// The words of both, those marked that are not part of what the answers have in common: a longest common
    /// subsequence, of very long answers their beginning and end.
    ///
    /// ```
    /// use lethe::report::Compared;
    /// let compared = Compared::new("a fact", "Ann lives in", "Oslo .", "the city of Oslo .");
    /// let differing: Vec<&str> = compared.tuned.iter().filter(|word| word.differs).map(|word| &*word.word).collect();
    /// assert_eq!(differing, ["the", "city", "of"]);
    /// ```
    pub fn new(kind: &str, prompt: &str, base: &str, tuned: &str) -> Self {
        let [mut base, mut tuned] = [words(base), words(tuned)];
        mark(&mut base, &mut tuned);
        Self { kind: kind.to_owned(), prompt: prompt.to_owned(), base, tuned }
    }
}

/// The words of a text, all of which differ until told otherwise.
fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let start = rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len());
        let (space, more) = rest.split_at(start);
        let (word, after) = more.split_at(more.find(char::is_whitespace).unwrap_or(more.len()));
        let before = match (words.is_empty(), space.matches('\n').count()) {
            (true, _) => "",
            (_, 0) => " ",
            (_, 1) => "\n",
            _ => "\n\n",
        };
        words.push(Word { before, word: word.to_owned(), differs: true });
        rest = after;
    }
    words
}

fn mark(base: &mut [Word], tuned: &mut [Word]) {
    let same = |a: &Word, b: &Word| a.word == b.word;
    let begin = base.iter().zip(&*tuned).take_while(|(a, b)| same(a, b)).count();
    let (mut a, mut b) = (&mut base[begin..], &mut tuned[begin..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| same(a, b)).count();
    (a, b) = {
        let (until, to) = (a.len() - end, b.len() - end);
        (&mut a[..until], &mut b[..to])
    };
    if a.len().max(b.len()) <= MOST_WORDS {
        common(a, b).into_iter().for_each(|(i, j)| (a[i].differs, b[j].differs) = (false, false));
    }
    let (longer, shorter) = (base.len(), tuned.len());
    for words in [&mut base[..begin], &mut tuned[..begin]] {
        words.iter_mut().for_each(|word| word.differs = false);
    }
    for words in [&mut base[longer - end..], &mut tuned[shorter - end..]] {
        words.iter_mut().for_each(|word| word.differs = false);
    }
}

/// The places of a longest common subsequence of words.
fn common(a: &[Word], b: &[Word]) -> Vec<(usize, usize)> {
    let mut longest = vec![vec![0u16; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i][j] = match a[i].word == b[j].word {
                true => longest[i + 1][j + 1] + 1,
                false => longest[i + 1][j].max(longest[i][j + 1]),
            };
        }
    }
    let (mut i, mut j, mut found) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        if a[i].word == b[j].word {
            found.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if longest[i + 1][j] >= longest[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    found
}
