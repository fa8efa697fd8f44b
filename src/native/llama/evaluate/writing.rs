//! What a model writes, up to where it ends by itself.

use crate::model::llama::{Llama, Mode, greedy};

/// Prompts that are written after side by side.
const TOGETHER: usize = 64;
/// Tokens after which those that have ended leave.
const STRETCH: usize = 64;

/// The likeliest tokens after each prompt, one after the other, up to a token of `stops` or `most` of them. `told` hears
/// how many more prompts are done.
///
/// # Shapes
/// `[prompts]`
pub fn written(
    model: &Llama,
    mode: &Mode,
    prompts: &[Vec<u32>],
    most: usize,
    stops: &[u32],
    told: &mut dyn FnMut(usize),
) -> Vec<Vec<u32>> {
    let mut places: Vec<usize> = (0..prompts.len()).collect();
    places.sort_by_key(|&place| prompts[place].len());
    let mut texts = vec![Vec::new(); prompts.len()];
    for together in places.chunks(TOGETHER) {
        let mut open = together.to_vec();
        let mut done = 0;
        while done < most && !open.is_empty() {
            let stretch = STRETCH.min(most - done);
            let so_far: Vec<Vec<u32>> =
                open.iter().map(|&place| [&prompts[place][..], &texts[place]].concat()).collect();
            let more = greedy(model, mode, &so_far, stretch);
            let mut going = Vec::new();
            for (&place, more) in open.iter().zip(more) {
                let end = more.iter().position(|token| stops.contains(token));
                texts[place].extend_from_slice(&more[..end.unwrap_or(more.len())]);
                if end.is_none() {
                    going.push(place);
                }
            }
            open = going;
            done += stretch;
        }
        told(together.len());
    }
    texts
}
