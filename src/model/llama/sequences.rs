//! What a model is asked: texts of equal length, side by side.

use std::sync::Arc;

use super::config::Config;
use super::rope::turns;
use crate::engine::operations::Sight;

/// The number of padding among the texts of a sequence.
const NO_TEXT: u32 = u32::MAX;

/// Tokens and what each of them sees.
#[derive(Clone, Debug)]
pub struct Sequences {
    /// `[sequences * time]`
    pub tokens: Vec<u32>,
    /// Shared by all batches of one pattern.
    pub sight: Arc<Sight>,
}

impl Config {
    /// The sight of `sequences` texts of `time` tokens each.
    pub fn whole(&self, sequences: usize, time: usize) -> Arc<Sight> {
        let positions: Vec<u32> = (0..sequences).flat_map(|_| 0..time as u32).collect();
        Arc::new(Sight { sequences, time, turns: turns(self, &positions, time), segments: None })
    }

    /// The sight of sequences in which texts of these lengths follow one another; what is left at an end is padding,
    /// which sees padding and is seen by no text. `before` puts the padding before the texts.
    ///
    /// # Panics
    /// If the texts of a sequence are longer than it.
    pub fn packed(&self, lengths: &[Vec<usize>], time: usize, before: bool) -> Arc<Sight> {
        let (mut positions, mut segments) = (Vec::new(), Vec::new());
        for texts in lengths {
            let padding = time.checked_sub(texts.iter().sum()).expect("the texts of a sequence fit into it");
            let pad = |positions: &mut Vec<u32>, segments: &mut Vec<u32>| {
                positions.extend((0..padding).map(|_| 0));
                segments.extend((0..padding).map(|_| NO_TEXT));
            };
            if before {
                pad(&mut positions, &mut segments);
            }
            for (text, &length) in texts.iter().enumerate() {
                positions.extend(0..length as u32);
                segments.extend((0..length).map(|_| text as u32));
            }
            if !before {
                pad(&mut positions, &mut segments);
            }
        }
        let longest = lengths.iter().flatten().copied().max().unwrap_or(1);
        Arc::new(Sight {
            sequences: lengths.len(),
            time,
            turns: turns(self, &positions, longest),
            segments: Some(segments),
        })
    }
}
