//! Samples in tiles: what the pass reads, prepared once for many steps.

use super::super::examples::{Examples, Stop};

/// Samples in a tile. It changes the speed and no result: sums over samples run in their order.
pub const TILE: usize = 4;

/// Four samples.
#[derive(Clone, Copy, Debug)]
pub struct Tile {
    /// The first coordinate of each.
    pub x: [f32; TILE],
    pub y: [f32; TILE],
    /// 2 weight: the derivative of the loss with respect to f is this times f - y.
    pub pull: [f32; TILE],
    /// 1 for samples whose squared residual counts towards the stop rule, else 0.
    pub watch: [f32; TILE],
}

/// Tiles, with what points have beyond their first coordinate.
///
/// Coordinates are multiplied by the network's hidden scale here, once, instead of by every unit in every step.
#[derive(Clone, Debug)]
pub struct Tiles {
    pub tiles: Vec<Tile>,
    /// The coordinates from the second on, one after the other, tile by tile: `[tiles, inputs - 1]`.
    further: Vec<[f32; TILE]>,
    inputs: usize,
    scale: f32,
}

/// One sample on its way into a tile: x, y, pull and watch.
type Sample<'a> = (&'a [f32], f32, f32, f32);

impl Tiles {
    /// No samples, with room for some.
    pub fn new(inputs: usize, scale: f32, samples: usize) -> Self {
        let tiles = samples.div_ceil(TILE);
        let further = Vec::with_capacity(tiles * (inputs - 1));
        Self { tiles: Vec::with_capacity(tiles), further, inputs, scale }
    }

    /// Every example that matters: those with weight, and those that `stop` watches.
    pub fn of_all(mut self, examples: &Examples, stop: Option<Stop>) -> Self {
        let watched = stop.map_or(0, |stop| stop.examples);
        let points = examples.x.chunks_exact(self.inputs).enumerate();
        let rows = points.filter(|&(i, _)| i < watched || examples.weight[i] != 0.0).map(|(i, x)| {
            let watch = if i < watched { 1.0 } else { 0.0 };
            (x, examples.y[i], 2.0 * examples.weight[i], watch)
        });
        self.fill(rows);
        self
    }

    /// The examples of one batch, weight 1 / batch each.
    pub fn take_batch(&mut self, examples: &Examples, batch: &[u32]) {
        let (pull, inputs) = (2.0 / batch.len() as f32, self.inputs);
        let rows = batch.iter().map(|&i| {
            let i = i as usize;
            (&examples.x[i * inputs..][..inputs], examples.y[i], pull, 0.0)
        });
        self.fill(rows);
    }

    /// Bare points, for a forward pass.
    pub fn of_points(mut self, x: &[f32]) -> Self {
        let inputs = self.inputs;
        self.fill(x.chunks_exact(inputs).map(|x| (x, 0.0, 0.0, 0.0)));
        self
    }

    /// How many coordinates a point has beyond the first.
    pub fn more(&self) -> usize {
        self.inputs - 1
    }

    /// The coordinates of a tile's samples from the second on.
    #[inline(always)]
    pub fn further(&self, tile: usize) -> &[[f32; TILE]] {
        &self.further[tile * self.more()..][..self.more()]
    }

    /// The last tile is filled up with copies of the last sample that pull at nothing.
    fn fill<'a>(&mut self, rows: impl Iterator<Item = Sample<'a>>) {
        self.tiles.clear();
        self.further.clear();
        let scale = self.scale;
        for (i, (x, y, pull, watch)) in rows.enumerate() {
            let (first, more) = (scale * x[0], &x[1..]);
            if i % TILE == 0 {
                self.tiles.push(Tile { x: [first; TILE], y: [y; TILE], pull: [0.0; TILE], watch: [0.0; TILE] });
                self.further.extend(more.iter().map(|x| [scale * x; TILE]));
            }
            let start = self.further.len() - more.len();
            for (coordinate, x) in self.further[start..].iter_mut().zip(more) {
                coordinate[i % TILE..].fill(scale * x);
            }
            if let Some(tile) = self.tiles.last_mut() {
                for k in i % TILE..TILE {
                    tile.x[k] = first;
                    tile.y[k] = y;
                }
                tile.pull[i % TILE] = pull;
                tile.watch[i % TILE] = watch;
            }
        }
    }
}
