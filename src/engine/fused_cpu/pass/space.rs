//! The pass over points of several coordinates.
//!
//! z takes one product for each coordinate, so nothing is computed twice: activations and slopes of a tile are
//! both kept from its forward to its backward half, behind a gate or not.

use super::super::activation::Activate;
use super::super::lanes::Lanes;
use super::super::measure::reached;
use super::super::tile::TILE;
use super::{Found, Pass};

impl Pass<'_> {
    #[inline(always)]
    pub(super) fn in_space<L: Lanes, A: Activate>(&mut self) -> Found {
        let (parameters, tiles, more) = (self.parameters, self.tiles, self.tiles.more());
        let mut found = Found { watched: 0.0, bounded: true };
        for (i, tile) in tiles.tiles.iter().enumerate() {
            let coordinates = tiles.further(i);
            let mut sums = [L::splat(0.0); TILE];
            let kept = self.kept.iter_mut().zip(self.slopes.iter_mut());
            for ((j, unit), (kept, slopes)) in parameters.units.iter().enumerate().zip(kept) {
                let w2 = L::load(&unit.w2);
                let z = reached::<L>(unit, parameters.further(j, more), tile, coordinates);
                for k in 0..TILE {
                    let a = A::value(z[k]);
                    a.store(&mut kept[k]);
                    A::slope(z[k], a).store(&mut slopes[k]);
                    sums[k] = sums[k] + w2 * a;
                }
            }
            let r = self.residuals(tile, sums, &mut found);
            let kept = self.kept.iter().zip(self.slopes.iter());
            for ((j, sum), (kept, slopes)) in self.gradient.units.iter_mut().enumerate().zip(kept) {
                let (mut g1, mut g0, mut g2) = (L::load(&sum.w1), L::load(&sum.b1), L::load(&sum.w2));
                let mut rd = [L::splat(0.0); TILE];
                for k in 0..TILE {
                    let r = L::splat(r[k]);
                    rd[k] = r * L::load(&slopes[k]);
                    g2 = g2 + r * L::load(&kept[k]);
                    g0 = g0 + rd[k];
                    g1 = g1 + rd[k] * L::splat(tile.x[k]);
                }
                g1.store(&mut sum.w1);
                g0.store(&mut sum.b1);
                g2.store(&mut sum.w2);
                for (sum, x) in self.gradient.further[j * more..].iter_mut().zip(coordinates) {
                    let mut g = L::load(sum);
                    for k in 0..TILE {
                        g = g + rd[k] * L::splat(x[k]);
                    }
                    g.store(sum);
                }
            }
        }
        for (j, unit) in parameters.units.iter().enumerate() {
            let w2 = L::load(&unit.w2);
            let sum = &mut self.gradient.units[j];
            (L::load(&sum.w1) * w2).store(&mut sum.w1);
            (L::load(&sum.b1) * w2).store(&mut sum.b1);
            for sum in &mut self.gradient.further[j * more..][..more] {
                (L::load(sum) * w2).store(sum);
            }
        }
        found
    }
}
