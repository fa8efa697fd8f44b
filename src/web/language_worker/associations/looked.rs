//! A matrix that is looked at: its decomposition and the orders in which it is drawn and told.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use wasm_bindgen::JsValue;

use super::answer::{BesideFactors, Entry, Held, Ordered, Overview, Sight, Together};
use super::ask::Pictured;
use super::gradual::Gradual;
use super::known::{Kinds, Said};
use crate::associations::{
    Ceiling, Decomposing, Matrix, Ordering, Properties, Reconstruction, Spectrum, Training, order_columns, order_rows,
    quantile_of_sizes,
};
use crate::error::Problem;
use crate::figure::Theme;
use crate::figure::diverging::picture;
use crate::platform::rest;
use crate::web::answering::object;

/// Columns that are decomposed between two looks at the clock.
const PIECE: usize = 2048;
/// The share of entries whose colours differ.
const COLOURED: f64 = 0.99;
/// Colours of a legend on either side of 0.
const LEGEND: u32 = 64;
/// Parts of columns of no kinds that an overview tells.
const PARTS: usize = 10;
/// Most kinds that an overview tells.
const MOST_KINDS: usize = 24;
/// Most factors that are compared with properties.
const MOST_FACTORS: usize = 20;

/// A matrix with what was made of it.
pub struct Looked {
    pub matrix: Arc<Matrix>,
    seeds: Vec<Arc<Matrix>>,
    /// Of several seeds.
    ceiling: Option<Ceiling>,
    pub is_binary: bool,
    kinds: Kinds,
    said: Said,
    spectrum: Gradual<Spectrum>,
    rows: Vec<usize>,
    columns: Vec<usize>,
}

impl Looked {
    /// As given, with what is known of its rows and columns.
    pub fn new((matrix, seeds): (Arc<Matrix>, Vec<Arc<Matrix>>), kinds: Kinds, properties: Arc<Properties>) -> Self {
        let (rows, columns) = ((0..matrix.rows()).collect(), (0..matrix.columns()).collect());
        let ceiling = Ceiling::of(&seeds.iter().map(Arc::as_ref).collect::<Vec<&Matrix>>()).ok().flatten();
        let is_binary = matrix.binary().is_ok();
        let said = Said::new(properties);
        Self { matrix, seeds, ceiling, is_binary, kinds, said, spectrum: Gradual::Not, rows, columns }
    }

    pub fn sight(&self) -> Sight {
        let (matrix, [numbers, groupings]) = (&self.matrix, self.said.counts());
        let there = || matrix.entries().iter().copied().filter(|entry| !entry.is_nan());
        Sight {
            rows: matrix.rows(),
            columns: matrix.columns(),
            missing: matrix.missing(),
            is_binary: self.is_binary,
            scale: if self.is_binary { 1.0 } else { quantile_of_sizes(matrix, COLOURED) },
            least: there().fold(f32::INFINITY, f32::min),
            greatest: there().fold(f32::NEG_INFINITY, f32::max),
            notes: matrix.notes(),
            is_decomposed: self.spectrum.done().is_some(),
            numbers,
            groupings,
        }
    }

    /// Works on the decomposition for about so long, and says which share of it is done.
    pub fn decompose(&mut self, millis: f64) -> f64 {
        self.spectrum.advance(millis, |share| decomposed(Arc::clone(&self.matrix), share))
    }

    fn spectrum(&mut self) -> &Spectrum {
        while self.spectrum.done().is_none() {
            self.decompose(f64::INFINITY);
        }
        self.spectrum.done().expect("the loop ends when it is")
    }

    /// Works for about so long on which groups of examples are forgotten together.
    pub fn together(&mut self, millis: f64) -> Together<'_> {
        let (share, groups) = self.said.together(&self.matrix, millis);
        Together { share, groups }
    }

    /// Works for about so long on what the first factors go with, at most so many.
    pub fn factors(&mut self, rank: usize, millis: f64) -> BesideFactors<'_> {
        let spectrum = self.spectrum().clone();
        let (share, correlations) = self.said.factors(&self.matrix, || spectrum, rank.clamp(1, MOST_FACTORS), millis);
        BesideFactors { share, correlations }
    }

    /// Puts rows and columns in an order.
    pub fn order(&mut self, rows: Ordering, columns: Ordering) -> Ordered {
        let matrix = Arc::clone(&self.matrix);
        let training = Training::all(&matrix);
        let spectrum = self.spectrum();
        let (rows, columns) = (order_rows(&training, spectrum, rows), order_columns(&training, spectrum, columns));
        let names = rows.iter().map(|&row| name(matrix.row_names(), row, "row")).collect();
        (self.rows, self.columns) = (rows.clone(), columns);
        Ordered { rows, names }
    }

    /// Picture elements of a window, and those of a legend from one end of the colours to the other.
    ///
    /// # Errors
    /// A window or a size that cannot be drawn.
    pub fn picture(&self, asked: &Pictured) -> Result<JsValue, String> {
        let orders = [self.rows.as_slice(), self.columns.as_slice()];
        let pixels = [asked.height, asked.width];
        let seen = asked.window.pooled(&self.matrix, orders, pixels, asked.pooling);
        let ([height, width], values) = seen.map_err(|problems| problems.to_string())?;
        let theme = if asked.dark { Theme::DARK } else { Theme::LIGHT };
        let bytes = |values: &[f32], scale: f32| js_sys::Uint8Array::from(picture(values, scale, &theme).as_slice());
        let legend: Vec<f32> = (0..=2 * LEGEND).map(|step| step as f32 / LEGEND as f32 - 1.0).collect();
        Ok(object(&[
            ("height", height.into()),
            ("width", width.into()),
            ("pixels", bytes(&values, asked.scale).into()),
            ("legend", bytes(&legend, 1.0).into()),
        ]))
    }

    /// The entry at a place.
    ///
    /// # Errors
    /// A place outside.
    pub fn entry(&self, row: usize, column: usize) -> Result<Entry, String> {
        let at = |name: &str, order: &[usize], place: usize| {
            let accepted = || format!("a place from 0 to {}", order.len() - 1);
            order.get(place).copied().ok_or_else(|| Problem::new(name, &place.to_string(), accepted()).to_string())
        };
        let (row, column) = (at("row", &self.rows, row)?, at("column", &self.columns, column)?);
        Ok(Entry {
            row,
            column,
            row_name: name(self.matrix.row_names(), row, "row"),
            column_name: name(self.matrix.column_names(), column, "column"),
            row_kind: self.kinds.rows.get(row).cloned(),
            column_kind: self.kinds.columns.get(column).cloned(),
            value: self.matrix.entry(row, column),
            seeds: self.seeds.iter().map(|seed| seed.entry(row, column)).collect(),
        })
    }

    /// Means of rows, and of their entries in each part of the columns: by kind, or tenths of the order.
    pub fn overview(&self) -> Overview {
        let (heads, part) = self.parts();
        let of_row = |&row: &usize| {
            let mut sums = vec![(0.0, 0u32); heads.len() + 1];
            for (column, entry) in self.matrix.present(row) {
                for place in [0, part[column] + 1] {
                    sums[place].0 += f64::from(entry);
                    sums[place].1 += 1;
                }
            }
            let means = sums.iter().map(|&(sum, count)| (count > 0).then(|| sum / f64::from(count)));
            (name(self.matrix.row_names(), row, "row"), means.collect())
        };
        let rows = self.rows.iter().map(of_row).collect();
        Overview { heads: [vec!["all columns".to_owned()], heads].concat(), rows }
    }

    /// The names of parts of the columns, and the part of each column.
    fn parts(&self) -> (Vec<String>, Vec<usize>) {
        let mut kinds: Vec<String> = self.kinds.columns.clone();
        kinds.sort_unstable();
        kinds.dedup();
        if (2..=MOST_KINDS).contains(&kinds.len()) {
            let part = self.kinds.columns.iter().map(|kind| kinds.binary_search(kind).unwrap_or_default()).collect();
            return (kinds, part);
        }
        let count = self.columns.len();
        let parts = count.min(PARTS);
        let mut part = vec![0; count];
        for (place, &column) in self.columns.iter().enumerate() {
            part[column] = (place as u64 * parts as u64 / count as u64) as usize;
        }
        let of = |end: usize| (end as u64 * count as u64).div_ceil(parts as u64);
        let heads = (0..parts).map(|own| match (of(own), of(own + 1)) {
            (first, last) if first + 1 == last => format!("column {first}"),
            (first, last) => format!("columns {first} to {}", last - 1),
        });
        (heads.collect(), part)
    }

    /// How much simple models hold, up to a rank.
    pub fn held(&mut self, rank: usize) -> Held {
        let matrix = Arc::clone(&self.matrix);
        let reconstruction = Reconstruction::of(&Training::all(&matrix), self.spectrum(), rank);
        Held { reconstruction, ceiling: self.ceiling, seeds: self.seeds.len() }
    }

    /// The root mean square error that the noise of seeds leaves, where this is their mean.
    pub fn noise(&self) -> Option<f64> {
        self.ceiling.map(|ceiling| ceiling.noise / (ceiling.seeds as f64).sqrt())
    }
}

/// A name, or a number where there is none.
fn name(names: &[String], index: usize, what: &str) -> String {
    names.get(index).cloned().unwrap_or_else(|| format!("{what} {index}"))
}

async fn decomposed(matrix: Arc<Matrix>, share: Rc<Cell<f64>>) -> Spectrum {
    let mut decomposing = Decomposing::new(Training::all(&matrix), None);
    while share.get() < 1.0 {
        share.set(decomposing.advance(PIECE));
        rest().await;
    }
    decomposing.finish()
}
