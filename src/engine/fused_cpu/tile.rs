//! Samples in tiles: what the pass reads, prepared once for many steps.

use super::super::examples::{Examples, Stop};

/// Samples in a tile. It changes the speed and no result: sums over samples run in their order.
pub const TILE: usize = 4;

/// Four samples.
#[derive(Clone, Copy, Debug)]
pub struct Tile {
    pub x: [f32; TILE],
    pub y: [f32; TILE],
    /// 2 weight: the derivative of the loss with respect to f is this times f - y.
    pub pull: [f32; TILE],
    /// 1 for samples whose squared residual counts towards the stop rule, else 0.
    pub watch: [f32; TILE],
}

/// Every example that matters: those with weight, and those that `stop` watches.
pub fn tile_all(examples: &Examples, stop: Option<Stop>) -> Vec<Tile> {
    let watched = stop.map_or(0, |stop| stop.examples);
    let rows = (0..examples.x.len()).filter(|&i| i < watched || examples.weight[i] != 0.0).map(|i| {
        let watch = if i < watched { 1.0 } else { 0.0 };
        (examples.x[i], examples.y[i], 2.0 * examples.weight[i], watch)
    });
    let mut tiles = Vec::with_capacity(examples.x.len().div_ceil(TILE));
    fill(&mut tiles, rows);
    tiles
}

/// The examples of one batch, weight 1 / batch each.
pub fn tile_batch(tiles: &mut Vec<Tile>, examples: &Examples, batch: &[u32]) {
    let pull = 2.0 / batch.len() as f32;
    let rows = batch.iter().map(|&i| (examples.x[i as usize], examples.y[i as usize], pull, 0.0));
    fill(tiles, rows);
}

/// Bare inputs, for a forward pass.
pub fn tile_inputs(x: &[f32]) -> Vec<Tile> {
    let mut tiles = Vec::with_capacity(x.len().div_ceil(TILE));
    fill(&mut tiles, x.iter().map(|&x| (x, 0.0, 0.0, 0.0)));
    tiles
}

/// The last tile is filled up with copies of the last sample that pull at nothing.
fn fill(tiles: &mut Vec<Tile>, rows: impl Iterator<Item = (f32, f32, f32, f32)>) {
    tiles.clear();
    for (i, (x, y, pull, watch)) in rows.enumerate() {
        if i % TILE == 0 {
            tiles.push(Tile { x: [x; TILE], y: [y; TILE], pull: [0.0; TILE], watch: [0.0; TILE] });
        }
        if let Some(tile) = tiles.last_mut() {
            for k in i % TILE..TILE {
                tile.x[k] = x;
                tile.y[k] = y;
            }
            tile.pull[i % TILE] = pull;
            tile.watch[i % TILE] = watch;
        }
    }
}
