//! Parts of a matrix in an order, with several entries to a pixel where there are more of them than pixels.

use serde::{Deserialize, Serialize};

use super::matrix::Matrix;
use crate::error::{Problem, Problems};

/// What stands for the entries of one pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pooling {
    /// Their mean.
    Mean,
    /// The one farthest from 0.
    Farthest,
}

/// A rectangle of places in an order of rows and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    pub row: usize,
    pub rows: usize,
    pub column: usize,
    pub columns: usize,
}

/// Most pixels of a picture.
const MOST_PIXELS: usize = 1 << 23;

impl Window {
    /// What is seen of a matrix in a window, at most so many pixels high and wide, row by row: of a pixel the pooled
    /// entries, NaN where none of them is there. A window with fewer rows or columns than pixels has a pixel for each.
    ///
    /// # Shapes
    /// `orders`: the rows and the columns of the matrix by their numbers, first to last; the answer: `[height, width]`,
    /// with these two.
    ///
    /// # Errors
    /// A window that is empty or leaves the matrix, no pixel or too many.
    ///
    /// ```
    /// use lethe::associations::{Matrix, Pooling, Window};
    /// let matrix = Matrix::new(1, 4, vec![1.0, 2.0, f32::NAN, -5.0]).expect("three entries of four");
    /// let all = Window { row: 0, rows: 1, column: 0, columns: 4 };
    /// let seen = |by| all.pooled(&matrix, [&[0], &[3, 2, 1, 0]], [2, 2], by).expect("it lies inside");
    /// assert_eq!(seen(Pooling::Mean), ([1, 2], vec![-5.0, 1.5]));
    /// assert_eq!(seen(Pooling::Farthest), ([1, 2], vec![-5.0, 2.0]));
    /// ```
    pub fn pooled(
        &self,
        matrix: &Matrix,
        orders: [&[usize]; 2],
        pixels: [usize; 2],
        by: Pooling,
    ) -> Result<([usize; 2], Vec<f32>), Problems> {
        self.check(matrix, pixels)?;
        let [height, width] = [self.rows.min(pixels[0]), self.columns.min(pixels[1])];
        let rows = &orders[0][self.row..][..self.rows];
        let columns = &orders[1][self.column..][..self.columns];
        let mut seen = Vec::with_capacity(height * width);
        let (mut pooled, mut counts) = (vec![0.0f64; width], vec![0u32; width]);
        for line in 0..height {
            pooled.fill(0.0);
            counts.fill(0);
            for &row in &rows[share(line, height, self.rows)..share(line + 1, height, self.rows)] {
                let entries = matrix.row(row);
                for pixel in 0..width {
                    for &column in &columns[share(pixel, width, self.columns)..share(pixel + 1, width, self.columns)] {
                        let entry = entries[column];
                        if entry.is_nan() {
                            continue;
                        }
                        let entry = f64::from(entry);
                        counts[pixel] += 1;
                        match by {
                            Pooling::Mean => pooled[pixel] += entry,
                            Pooling::Farthest if entry.abs() > pooled[pixel].abs() => pooled[pixel] = entry,
                            Pooling::Farthest => {}
                        }
                    }
                }
            }
            seen.extend(pooled.iter().zip(&counts).map(|(&sum, &count)| match (by, count) {
                (_, 0) => f32::NAN,
                (Pooling::Mean, count) => (sum / f64::from(count)) as f32,
                (Pooling::Farthest, _) => sum as f32,
            }));
        }
        Ok(([height, width], seen))
    }

    fn check(&self, matrix: &Matrix, pixels: [usize; 2]) -> Result<(), Problems> {
        let mut problems = Vec::new();
        let mut side = |name: &str, first: usize, count: usize, most: usize| {
            if count == 0 || first.checked_add(count).is_none_or(|end| end > most) {
                let value = format!("{count} from place {first} on");
                problems.push(Problem::new(name, &value, format!("at least one of the {most} places from 0 on")));
            }
        };
        side("window, rows", self.row, self.rows, matrix.rows());
        side("window, columns", self.column, self.columns, matrix.columns());
        let [height, width] = pixels;
        if height == 0 || width == 0 || height.checked_mul(width).is_none_or(|count| count > MOST_PIXELS) {
            let accepted = format!("at least one, and at most {MOST_PIXELS} in all");
            problems.push(Problem::new("pixels", &format!("{height} x {width}"), accepted));
        }
        if problems.is_empty() { Ok(()) } else { Err(Problems(problems)) }
    }
}

/// Where the `index`-th of `parts` equal parts of `count` things begins.
fn share(index: usize, parts: usize, count: usize) -> usize {
    (index as u64 * count as u64 / parts as u64) as usize
}

/// The size that so great a share of all entries does not exceed, to about a thousandth: where colours end, so that a
/// few large entries do not leave all others pale. Of many entries every so manieth is looked at.
pub fn quantile_of_sizes(matrix: &Matrix, share: f64) -> f32 {
    let stride = (matrix.entries().len() / SAMPLED).max(1);
    let there = matrix.entries().iter().step_by(stride).filter(|entry| !entry.is_nan());
    let mut sizes: Vec<f32> = there.map(|entry| entry.abs()).collect();
    if sizes.is_empty() {
        return 0.0;
    }
    let place = ((sizes.len() - 1) as f64 * share.clamp(0.0, 1.0)) as usize;
    *sizes.select_nth_unstable_by(place, f32::total_cmp).1
}

/// Entries that are looked at, up to a factor of two.
const SAMPLED: usize = 1_000_003;
