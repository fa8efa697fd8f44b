//! A band of rows of the kernel: all layers' products of one block before the next block, so that nothing of the
//! kernel's size is kept but the kernel.

use ndarray::ArrayViewMut2;

use super::number::Number;
use super::pass::Panel;
use super::tile::{LANES, Row, Tile, add_products, zeros};

/// Column panels in a block.
const COLUMNS: usize = 8;

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
    for (block, panels) in columns.panels.chunks(COLUMNS).enumerate() {
        let place = |column: usize| block * COLUMNS + column;
        let below = |row: usize, column: usize| diagonal.is_none_or(|first| place(column) <= first + row);
        let pairs = (0..panels.len()).flat_map(|column| (0..rows.len()).map(move |row| (row, column)));
        let pairs: Vec<(usize, usize)> = pairs.filter(|&(row, column)| below(row, column)).collect();
        let entries = entries(factors, rows, panels, &pairs);
        for (&(row, column), tiles) in pairs.iter().zip(entries.chunks(per_point * per_point)) {
            let first_row: usize = rows[..row].iter().map(|panel| panel.points * per_point).sum();
            let first_column = columns.starts[place(column)];
            for (point, pair) in (0..rows[row].points).flat_map(|point| (0..tiles.len()).map(move |pair| (point, pair)))
            {
                let (output, other) = (pair / per_point, pair % per_point);
                for (lane, &entry) in tiles[pair][point].0[..panels[column].points].iter().enumerate() {
                    to[[first_row + point * per_point + output, first_column + lane * per_point + other]] = entry;
                }
            }
        }
    }
}

/// The entries between pairs of row and column panels: for each pair of panels a tile for every pair of outputs.
fn entries<F: Number>(
    factors: &[(F, F)],
    rows: &[Panel<F>],
    columns: &[Panel<F>],
    pairs: &[(usize, usize)],
) -> Vec<Tile<F>> {
    let per_point = rows[0].outputs.len();
    let mut entries = vec![[zeros(); LANES]; pairs.len() * per_point * per_point];
    for (layer, &(weight_factor, bias_factor)) in factors.iter().enumerate() {
        if weight_factor == F::ZERO && bias_factor == F::ZERO {
            continue;
        }
        let mut taken = vec![[zeros(); LANES]; pairs.len()];
        if weight_factor != F::ZERO {
            let lefts = each(rows, |panel| &panel.taken[layer]);
            let rights = each(columns, |panel| &panel.taken[layer]);
            add_products(&lefts, &rights, pairs, &mut taken);
        }
        for sum in taken.iter_mut().flatten().flat_map(|row| &mut row.0) {
            *sum = weight_factor * *sum + bias_factor;
        }
        for output in 0..per_point {
            for other in 0..per_point {
                let mut deltas = vec![[zeros(); LANES]; pairs.len()];
                if layer + 1 < factors.len() {
                    let lefts = each(rows, |panel| &panel.deltas[layer][output]);
                    let rights = each(columns, |panel| &panel.deltas[layer][other]);
                    add_products(&lefts, &rights, pairs, &mut deltas);
                } else if output == other {
                    // The last layer's derivatives are 1 for its own output and 0 for others.
                    deltas.fill([Row([F::ONE; LANES]); LANES]);
                } else {
                    continue;
                }
                let tiles = entries.iter_mut().skip(output * per_point + other).step_by(per_point * per_point);
                for ((entries, taken), deltas) in tiles.zip(&taken).zip(&deltas) {
                    for ((entries, taken), deltas) in entries.iter_mut().zip(taken).zip(deltas) {
                        for ((entry, &taken), &delta) in entries.0.iter_mut().zip(&taken.0).zip(&deltas.0) {
                            *entry += taken * delta;
                        }
                    }
                }
            }
        }
    }
    entries
}

/// One factor of each panel.
fn each<F>(panels: &[Panel<F>], of: impl Fn(&Panel<F>) -> &Vec<Row<F>>) -> Vec<&[Row<F>]> {
    panels.iter().map(|panel| &of(panel)[..]).collect()
}
