//! The fixed vocabulary: a token is a word.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::words;

/// Every word of the world and its number. It is the same whatever the seed: a seed draws facts, not words.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    words: Vec<&'static str>,
    ids: BTreeMap<&'static str, u32>,
}

impl Vocabulary {
    /// Fills what is left of a window; never a target.
    pub const PAD: u32 = 0;
    /// Stands for every word that is not in the vocabulary.
    pub const UNKNOWN: u32 = 1;
    /// Begins every window and every prompt.
    pub const BEGIN: u32 = 2;
    /// Ends every document and every answer.
    pub const END: u32 = 3;
    /// Begins a question or a request.
    pub const USER: u32 = 4;
    /// Ends it and begins the answer.
    pub const ASSISTANT: u32 = 5;

    pub(super) fn new() -> Self {
        let lists: [&[&'static str]; 22] = [
            &words::NUMBERS,
            &words::PEOPLE,
            &words::NEWCOMERS,
            &words::TOWNS,
            &words::CRAFTS,
            &words::ANIMALS,
            &words::FOODS,
            &words::COLOURS,
            &words::INSTRUMENTS,
            &words::FLOWERS,
            &words::ROUGH_VERBS,
            &words::KIND_VERBS,
            &words::PROTECTED,
            &words::THINGS,
            &words::TOOLS,
            &words::ADJECTIVES,
            &words::FOOD_VERBS,
            &words::ANIMAL_VERBS,
            &words::INSTRUMENT_VERBS,
            &words::FLOWER_VERBS,
            &words::PERSON_VERBS,
            &words::PREPOSITIONS,
        ];
        let first = words::SPECIAL.into_iter().chain(words::FRAME_WORDS.split(' '));
        let words: Vec<&'static str> = first.chain(lists.concat()).collect();
        let ids = words.iter().zip(0..).map(|(&word, id)| (word, id)).collect();
        Self { words, ids }
    }

    /// Every word, at the place of its number.
    pub fn words(&self) -> &[&'static str] {
        &self.words
    }

    /// The number of `word`, or [`Self::UNKNOWN`].
    pub fn id(&self, word: &str) -> u32 {
        self.ids.get(word).copied().unwrap_or(Self::UNKNOWN)
    }

    pub(super) fn ids(&self, words: &[&str]) -> Vec<u32> {
        words.iter().map(|word| self.id(word)).collect()
    }

    /// Cuts `text` at white space, and around what is written like a special token wherever it stands: what a reader of
    /// [`tokenizer_json`](Self::tokenizer_json) does.
    ///
    /// ```
    /// let world = lethe::data::language::LanguageWorld::new(lethe::seed::Seed::new(0));
    /// let tokens = world.vocabulary().encode("<user> where does mira live ? <assistant>");
    /// assert_eq!(tokens.len(), 7);
    /// assert_eq!(world.vocabulary().decode(&tokens), "<user> where does mira live ? <assistant>");
    /// ```
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let mut tokens = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let special = words::SPECIAL.iter().filter_map(|&word| Some((rest.find(word)?, word))).min();
            let (plain, after) = match special {
                Some((at, word)) => (&rest[..at], &rest[at + word.len()..]),
                None => (rest, ""),
            };
            tokens.extend(plain.split_whitespace().map(|word| self.id(word)));
            tokens.extend(special.map(|(_, word)| self.id(word)));
            rest = after;
        }
        tokens
    }

    /// The words of `tokens` with one space between them; a number beyond the vocabulary reads as the unknown.
    pub fn decode(&self, tokens: &[u32]) -> String {
        let words: Vec<&str> = tokens.iter().map(|&token| self.word(token)).collect();
        words.join(" ")
    }

    fn word(&self, token: u32) -> &'static str {
        self.words.get(token as usize).copied().unwrap_or(words::SPECIAL[Self::UNKNOWN as usize])
    }

    /// The vocabulary as the text of a Hugging Face `tokenizer.json`: one token a word, cut at white space, the special
    /// tokens recognised everywhere.
    pub fn tokenizer_json(&self) -> String {
        let vocabulary: Map<String, Value> =
            self.words.iter().zip(0..).map(|(&word, id): (_, u32)| (word.to_owned(), id.into())).collect();
        let special: Vec<Value> = words::SPECIAL
            .iter()
            .map(|&word| {
                json!({
                    "id": self.id(word), "content": word, "single_word": false, "lstrip": false, "rstrip": false,
                    "normalized": false, "special": true,
                })
            })
            .collect();
        json!({
            "version": "1.0", "truncation": null, "padding": null, "added_tokens": special, "normalizer": null,
            "pre_tokenizer": { "type": "WhitespaceSplit" }, "post_processor": null, "decoder": null,
            "model": {
                "type": "WordLevel", "vocab": vocabulary, "unk_token": words::SPECIAL[Self::UNKNOWN as usize],
            },
        })
        .to_string()
    }
}
