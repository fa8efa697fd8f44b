//! Through the network and back, for some panels of sixteen points at a time.

use super::network::{Network, Packed};
use super::number::Number;
use super::tile::{LANES, Row, add_products, zeros};

/// Numbers of each of sixteen points, side by side.
pub type Numbers<F> = Vec<Row<F>>;

/// Activations and derivatives at up to sixteen points.
pub struct Panel<F> {
    /// How many of the sixteen are points; the others are padding.
    pub points: usize,
    /// a_0 = x, a_1, ..: what each layer takes. `[layer][input]`.
    pub taken: Vec<Numbers<F>>,
    /// delta_l of all layers but the last, whose is 1 for its own output and 0 for others. `[layer][output][unit]`.
    pub deltas: Vec<Vec<Numbers<F>>>,
    /// f. `[output]`.
    pub outputs: Numbers<F>,
}

/// Everything about the points `x`: for each panel how many of them are points, and their `[inputs]`. Weights are
/// fetched once for all panels.
pub fn pass<F: Number>(network: &Network<F>, x: Vec<(usize, Numbers<F>)>) -> Vec<Panel<F>> {
    let mut panels: Vec<Panel<F>> = x
        .into_iter()
        .map(|(points, x)| Panel { points, taken: vec![x], deltas: Vec::new(), outputs: Vec::new() })
        .collect();
    // [layer][panel][unit]
    let mut slopes: Vec<Vec<Numbers<F>>> = Vec::new();
    for (index, layer) in network.layers.iter().enumerate() {
        let taken: Vec<&[Row<F>]> = panels.iter().map(|panel| &panel.taken[index][..]).collect();
        let mut all = products(&layer.by_unit, &taken, layer.bias.len());
        for (z, &bias) in all.iter_mut().flat_map(|z| z.iter_mut().zip(&layer.bias)) {
            for z in &mut z.0 {
                *z += bias;
            }
        }
        if index + 1 == network.layers.len() {
            for (panel, z) in panels.iter_mut().zip(all) {
                panel.outputs = z;
            }
        } else {
            let mut of_layer = Vec::with_capacity(panels.len());
            for (panel, mut z) in panels.iter_mut().zip(all) {
                let mut slope = vec![zeros(); z.len()];
                (network.unit.apply)(&mut z, &mut slope);
                panel.taken.push(z);
                of_layer.push(slope);
            }
            slopes.push(of_layer);
        }
    }
    deltas(network, slopes, &mut panels);
    panels
}

/// delta_l of all layers but the last, into the panels.
fn deltas<F: Number>(network: &Network<F>, slopes: Vec<Vec<Numbers<F>>>, panels: &mut [Panel<F>]) {
    let outputs = network.output_count();
    // [output][panel][unit] of the layer after.
    let mut before: Option<Vec<Vec<Numbers<F>>>> = None;
    for (index, mut slopes) in slopes.into_iter().enumerate().rev() {
        let after = &network.layers[index + 1];
        let of_output = |output: usize| {
            // The last output takes the slopes' own memory.
            let mut deltas = if output + 1 == outputs { core::mem::take(&mut slopes) } else { slopes.clone() };
            match &before {
                None => deltas.iter_mut().for_each(|delta| times_weights(delta, after, output)),
                Some(before) => {
                    let before: Vec<&[Row<F>]> = before[output].iter().map(|delta| &delta[..]).collect();
                    let back = products(&after.by_input, &before, after.inputs);
                    for (delta, back) in deltas.iter_mut().flatten().zip(back.iter().flatten()) {
                        for (delta, &back) in delta.0.iter_mut().zip(&back.0) {
                            *delta = *delta * back;
                        }
                    }
                }
            }
            deltas
        };
        let now = (0..outputs).map(of_output).collect();
        if let Some(before) = before.replace(now) {
            keep(panels, before);
        }
    }
    if let Some(first) = before {
        keep(panels, first);
    }
    for panel in panels {
        panel.deltas.reverse();
    }
}

/// Gives each panel the derivatives of one more layer: `[output][panel][unit]`.
fn keep<F>(panels: &mut [Panel<F>], deltas: Vec<Vec<Numbers<F>>>) {
    for panel in panels.iter_mut() {
        panel.deltas.push(Vec::with_capacity(deltas.len()));
    }
    for deltas in deltas {
        for (panel, delta) in panels.iter_mut().zip(deltas) {
            if let Some(layer) = panel.deltas.last_mut() {
                layer.push(delta);
            }
        }
    }
}

/// Multiplies by the last layer's weights to one output, the same for all points.
fn times_weights<F: Number>(slopes: &mut [Row<F>], last: &Packed<F>, output: usize) {
    for (slopes, weights) in slopes.iter_mut().zip(&last.by_unit[output / LANES]) {
        for slope in &mut slopes.0 {
            *slope = *slope * weights.0[output % LANES];
        }
    }
}

/// A matrix, its rows side by side, times the numbers of each panel: the first `count` rows of the products.
fn products<F: Number>(matrix: &[Numbers<F>], panels: &[&[Row<F>]], count: usize) -> Vec<Numbers<F>> {
    let mut products = vec![Vec::with_capacity(matrix.len() * LANES); panels.len()];
    let pairs: Vec<(usize, usize)> = (0..panels.len()).map(|panel| (0, panel)).collect();
    for rows in matrix {
        let mut sums = vec![[zeros(); LANES]; panels.len()];
        add_products(&[rows], panels, &pairs, &mut sums);
        for (product, sums) in products.iter_mut().zip(&sums) {
            product.extend_from_slice(sums);
        }
    }
    for product in &mut products {
        product.truncate(count);
    }
    products
}
