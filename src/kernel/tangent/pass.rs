//! Through the network and back, for sixteen points at a time.

use super::network::{Network, Packed};
use super::number::Number;
use super::tile::{LANES, Row, add_products, zeros};

/// Activations and derivatives at up to sixteen points, side by side.
pub struct Panel<F> {
    /// How many of the sixteen are points; the others are padding.
    pub points: usize,
    /// a_0 = x, a_1, ..: what each layer takes. `[layer][input]`.
    pub taken: Vec<Vec<Row<F>>>,
    /// delta_l of all layers but the last, whose is 1 for its own output and 0 for others. `[layer][output][unit]`.
    pub deltas: Vec<Vec<Vec<Row<F>>>>,
    /// f. `[output]`.
    pub outputs: Vec<Row<F>>,
}

/// Everything about the points `x`: `[inputs]`.
pub fn pass<F: Number>(network: &Network<F>, points: usize, x: Vec<Row<F>>) -> Panel<F> {
    let mut taken = vec![x];
    let mut slopes = Vec::new();
    let mut outputs = Vec::new();
    for (index, layer) in network.layers.iter().enumerate() {
        let mut z = products(&layer.by_unit, &taken[index], layer.bias.len());
        for (z, &bias) in z.iter_mut().zip(&layer.bias) {
            for z in &mut z.0 {
                *z += bias;
            }
        }
        if index + 1 == network.layers.len() {
            outputs = z;
        } else {
            let mut slope = vec![zeros(); z.len()];
            (network.unit.apply)(&mut z, &mut slope);
            slopes.push(slope);
            taken.push(z);
        }
    }
    let deltas = deltas(network, &slopes, outputs.len());
    Panel { points, taken, deltas, outputs }
}

/// delta_l of all layers but the last.
fn deltas<F: Number>(network: &Network<F>, slopes: &[Vec<Row<F>>], outputs: usize) -> Vec<Vec<Vec<Row<F>>>> {
    let mut found = Vec::with_capacity(slopes.len());
    for (index, slopes) in slopes.iter().enumerate().rev() {
        let after: &Packed<F> = &network.layers[index + 1];
        let back = |output: usize| {
            let mut delta = match found.last() {
                None => weights_of(after, output),
                Some(deltas) => {
                    let deltas: &Vec<Vec<Row<F>>> = deltas;
                    products(&after.by_input, &deltas[output], after.inputs)
                }
            };
            for (delta, slope) in delta.iter_mut().zip(slopes) {
                for (delta, &slope) in delta.0.iter_mut().zip(&slope.0) {
                    *delta = *delta * slope;
                }
            }
            delta
        };
        let deltas: Vec<_> = (0..outputs).map(back).collect();
        found.push(deltas);
    }
    found.reverse();
    found
}

/// The last layer's weights to one output, the same for all points.
fn weights_of<F: Number>(last: &Packed<F>, output: usize) -> Vec<Row<F>> {
    last.by_unit[output / LANES].iter().map(|weights| Row([weights.0[output % LANES]; LANES])).collect()
}

/// A matrix, its rows side by side, times the numbers of sixteen points: the first `count` rows of the product.
fn products<F: Number>(matrix: &[Vec<Row<F>>], points: &[Row<F>], count: usize) -> Vec<Row<F>> {
    let mut product = Vec::with_capacity(matrix.len() * LANES);
    for rows in matrix {
        let mut sums = [[zeros(); LANES]];
        add_products(&[rows], points, &mut sums);
        product.extend_from_slice(&sums[0]);
    }
    product.truncate(count);
    product
}
