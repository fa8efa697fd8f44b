//! Texts side by side.

use std::collections::VecDeque;

use super::tokens::Tokens;

/// Sequences of equal length: in each, whole texts one after the other, then padding.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Positions of a sequence.
    pub time: usize,
    /// `[sequences * time]`; 0 where there is none.
    pub tokens: Vec<u32>,
    /// The lengths of the texts of each sequence, as `Config::packed` takes them.
    pub lengths: Vec<Vec<usize>>,
    /// `[sequences * time]`: the token after each of the same text; 0 where there is none.
    pub targets: Vec<u32>,
    /// `[sequences * time]`: 1 where the target is learned, 0 elsewhere.
    pub weights: Vec<f32>,
}

impl Batch {
    /// These texts, sequence by sequence.
    ///
    /// # Panics
    /// If the texts of a sequence are longer than `time`.
    pub fn of(sequences: &[Vec<Tokens>], time: usize) -> Self {
        let mut batch =
            Self { time, tokens: Vec::new(), lengths: Vec::new(), targets: Vec::new(), weights: Vec::new() };
        for texts in sequences {
            for text in texts {
                batch.tokens.extend(&text.tokens);
                batch.targets.extend(text.tokens.iter().skip(1).chain([&0]));
                let weight = |&learned: &bool| if learned { 1.0 } else { 0.0 };
                batch.weights.extend(text.learned.iter().skip(1).map(weight).chain([0.0]));
            }
            batch.lengths.push(texts.iter().map(Tokens::len).collect());
            let end = batch.lengths.len() * time;
            assert!(batch.tokens.len() <= end, "the texts of a sequence fit into it");
            batch.tokens.resize(end, 0);
            batch.targets.resize(end, 0);
            batch.weights.resize(end, 0.0);
        }
        batch
    }

    /// How many sequences.
    pub fn sequences(&self) -> usize {
        self.lengths.len()
    }

    /// The sequences from one to before another, for a part of a step.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn part(&self, from: usize, to: usize) -> Self {
        let places = from * self.time..to * self.time;
        Self {
            time: self.time,
            tokens: self.tokens[places.clone()].to_vec(),
            lengths: self.lengths[from..to].to_vec(),
            targets: self.targets[places.clone()].to_vec(),
            weights: self.weights[places].to_vec(),
        }
    }

    /// Tokens of texts, padding left out.
    pub fn token_count(&self) -> usize {
        self.lengths.iter().flatten().sum()
    }

    /// How many targets are learned.
    pub fn learned(&self) -> usize {
        self.weights.iter().filter(|&&weight| weight > 0.0).count()
    }
}

/// How texts are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packing {
    /// Tokens that a sequence has room for.
    pub sequence: usize,
    /// Sequences of a batch.
    pub sequences: usize,
    /// Whether a sequence holds as many texts as it has room for, or one.
    pub packed: bool,
}

impl Packing {
    /// The next batch. Each text goes into the first sequence with room for it; the first for which there is none ends
    /// the batch and waits in `pending`. `next` gives the pieces of one more example, `None` at the end. Packed
    /// sequences are `sequence` long, others as long as the longest text of the batch. `None` where no text is left.
    ///
    /// # Errors
    /// Those of `next`.
    pub fn batch<E>(
        &self,
        pending: &mut VecDeque<Tokens>,
        mut next: impl FnMut() -> Result<Option<Vec<Tokens>>, E>,
    ) -> Result<Option<Batch>, E> {
        let mut sequences: Vec<Vec<Tokens>> = vec![Vec::new(); self.sequences];
        let mut room = vec![self.sequence; self.sequences];
        'texts: loop {
            while pending.is_empty() {
                match next()? {
                    Some(pieces) => pending.extend(pieces),
                    None => break 'texts,
                }
            }
            let Some(text) = pending.front() else { break };
            let Some(place) = room.iter().position(|&room| room >= text.len()) else { break };
            room[place] = if self.packed { room[place] - text.len() } else { 0 };
            sequences[place].extend(pending.pop_front());
        }
        sequences.retain(|texts| !texts.is_empty());
        let longest = sequences.iter().flatten().map(Tokens::len).max();
        Ok(longest.map(|longest| Batch::of(&sequences, if self.packed { self.sequence } else { longest })))
    }
}
