//! A band of rows of the kernel: all layers' products of one tile before the next tile, so that nothing of the
//! kernel's size is kept but the kernel.

use ndarray::ArrayViewMut2;

use super::number::Number;
use super::pass::Panel;
use super::tile::{LANES, Row, Tile, add_products, zeros};

/// The panels that make a band's columns, and the first column of each.
pub struct Columns<'a, F> {
    pub panels: &'a [Panel<F>],
    pub starts: &'a [usize],
}

/// Writes the entries between `rows` and `columns`. With `diagonal`, the place of the first row panel among the
/// columns, tiles above the diagonal are left out.
pub fn fill<F: Number>(
    factors: &[(F, F)],
    rows: &[Panel<F>],
    columns: Columns<F>,
    diagonal: Option<usize>,
    mut to: ArrayViewMut2<F>,
) {
    let per_point = rows[0].outputs.len();
    for (place, column) in columns.panels.iter().enumerate() {
        let above = diagonal.map_or(0, |first| place.saturating_sub(first));
        let below = &rows[above..];
        let tiles = tiles(factors, below, column, per_point);
        let mut row: usize = rows[..above].iter().map(|panel| panel.points * per_point).sum();
        for (panel, tiles) in below.iter().zip(tiles.chunks(per_point * per_point)) {
            for (point, pair) in (0..panel.points).flat_map(|point| (0..tiles.len()).map(move |pair| (point, pair))) {
                let (output, other) = (pair / per_point, pair % per_point);
                for (lane, &entry) in tiles[pair][point].0[..column.points].iter().enumerate() {
                    to[[row + point * per_point + output, columns.starts[place] + lane * per_point + other]] = entry;
                }
            }
            row += panel.points * per_point;
        }
    }
}

/// The entries between each of `rows` and `column`: for each row panel a tile for every pair of outputs.
fn tiles<F: Number>(factors: &[(F, F)], rows: &[Panel<F>], column: &Panel<F>, per_point: usize) -> Vec<Tile<F>> {
    let pairs = per_point * per_point;
    let mut entries = vec![[zeros(); LANES]; rows.len() * pairs];
    for (layer, &(weight_factor, bias_factor)) in factors.iter().enumerate() {
        if weight_factor == F::ZERO && bias_factor == F::ZERO {
            continue;
        }
        let mut taken = vec![[zeros(); LANES]; rows.len()];
        if weight_factor != F::ZERO {
            let lefts: Vec<&[Row<F>]> = rows.iter().map(|row| &row.taken[layer][..]).collect();
            add_products(&lefts, &column.taken[layer], &mut taken);
        }
        for sum in taken.iter_mut().flatten().flat_map(|row| &mut row.0) {
            *sum = weight_factor * *sum + bias_factor;
        }
        for pair in 0..pairs {
            let (output, other) = (pair / per_point, pair % per_point);
            let mut deltas = vec![[zeros(); LANES]; rows.len()];
            match column.deltas.get(layer) {
                Some(right) => {
                    let lefts: Vec<&[Row<F>]> = rows.iter().map(|row| &row.deltas[layer][output][..]).collect();
                    add_products(&lefts, &right[other], &mut deltas);
                }
                // The last layer's derivatives are 1 for its own output and 0 for others.
                None if output == other => deltas.fill([Row([F::ONE; LANES]); LANES]),
                None => continue,
            }
            for ((entries, taken), deltas) in entries.chunks_exact_mut(pairs).zip(&taken).zip(&deltas) {
                for ((entries, taken), deltas) in entries[pair].iter_mut().zip(taken).zip(deltas) {
                    for ((entry, &taken), &delta) in entries.0.iter_mut().zip(&taken.0).zip(&deltas.0) {
                        *entry += taken * delta;
                    }
                }
            }
        }
    }
    entries
}
