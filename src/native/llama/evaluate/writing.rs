//! What a model writes, up to where it ends by itself.

use crate::model::llama::{Llama, Mode, greedy};

/// Prompts between two looks at how far it is.
const TOGETHER: usize = 64;

/// The likeliest tokens after each prompt, one after the other, up to a token of `stops` or `most` of them. `told` hears
/// how many more prompts are done, and answers whether to go on; `None` if not.
///
/// # Shapes
/// `[prompts]`
pub fn written(
    model: &Llama,
    mode: &Mode,
    prompts: &[Vec<u32>],
    most: usize,
    stops: &[u32],
    told: &mut dyn FnMut(usize) -> bool,
) -> Option<Vec<Vec<u32>>> {
    let mut places: Vec<usize> = (0..prompts.len()).collect();
    places.sort_by_key(|&place| prompts[place].len());
    let mut texts = vec![Vec::new(); prompts.len()];
    for together in places.chunks(TOGETHER) {
        let asked: Vec<Vec<u32>> = together.iter().map(|&place| prompts[place].clone()).collect();
        for (&place, text) in together.iter().zip(greedy(model, mode, &asked, most, stops)) {
            texts[place] = text;
        }
        if !told(together.len()) {
            return None;
        }
    }
    Some(texts)
}
