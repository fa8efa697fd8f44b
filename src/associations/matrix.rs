//! The matrix of who forgets what.

use crate::error::{Problem, Problems};

/// Largest number of entries: 512 MiB of them.
pub const MOST_ENTRIES: usize = 1 << 27;

/// Most rows: what is computed grows with the cube of their number. A matrix with tasks as columns is to be turned.
pub const MOST_ROWS: usize = 1000;

/// Largest size of an entry, far beyond any rise in log-perplexity, and far from where squares overflow.
pub const MOST_SIZE: f32 = 1e15;

/// An association matrix: what fine-tuning on a task (row) did to an upstream example (column).
///
/// Continuous matrices hold the rise in log-perplexity, in nats for each token; binary ones hold 1 where an answer was
/// right before and is wrong after, and 0 elsewhere. Entries may be missing.
///
/// # Shapes
/// `[rows, columns]`, row by row in single precision; a missing entry is a NaN.
///
/// Source: Jin & Ren 2024 (arXiv 2406.14026), section 2.
#[derive(Clone, Debug)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    entries: Vec<f32>,
    missing: usize,
    row_names: Vec<String>,
    column_names: Vec<String>,
}

impl Matrix {
    /// A matrix of entries row by row; NaN is missing.
    ///
    /// # Errors
    /// No row or no column, more than [`MOST_ROWS`] rows, another number of entries than the shape says, infinite or
    /// huge entries, or no entry at all.
    ///
    /// ```
    /// use lethe::associations::Matrix;
    /// let matrix = Matrix::new(2, 2, vec![0.1, f32::NAN, 0.3, 0.2]).expect("three entries of four");
    /// assert_eq!((matrix.entry(0, 1), matrix.missing()), (None, 1));
    /// assert!(Matrix::new(1, 1, vec![f32::INFINITY]).is_err());
    /// ```
    pub fn new(rows: usize, columns: usize, entries: Vec<f32>) -> Result<Self, Problems> {
        let shape = format!("{rows} x {columns}");
        let wrong = |value: &str, accepted: String| Err(Problems(vec![Problem::new("matrix", value, accepted)]));
        if rows == 0 || columns == 0 {
            return wrong(&shape, "at least one row and one column".to_owned());
        }
        if rows > MOST_ROWS {
            return wrong(&shape, format!("at most {MOST_ROWS} rows: rows are tasks, columns are upstream examples"));
        }
        if rows.checked_mul(columns) != Some(entries.len()) {
            return wrong(&format!("{} entries", entries.len()), format!("{shape} of them"));
        }
        if let Some(at) = entries.iter().position(|entry| entry.abs() > MOST_SIZE) {
            let place = format!("row {}, column {}", at / columns, at % columns);
            let value = entries[at].to_string();
            let accepted = "a number from -1e15 to 1e15, or a missing one";
            return Err(Problems(vec![Problem::new(&place, &value, accepted)]));
        }
        let missing = entries.iter().filter(|entry| entry.is_nan()).count();
        if missing == entries.len() {
            return wrong("all missing", "at least one entry that is not".to_owned());
        }
        Ok(Self { rows, columns, entries, missing, row_names: Vec::new(), column_names: Vec::new() })
    }

    /// The same matrix with names; an empty list names nothing.
    ///
    /// # Errors
    /// Another number of names than rows or columns, or a name twice.
    pub fn named(mut self, row_names: Vec<String>, column_names: Vec<String>) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        for (what, names, count) in [("row", &row_names, self.rows), ("column", &column_names, self.columns)] {
            if !names.is_empty() && names.len() != count {
                let value = format!("{} names", names.len());
                problems.push(Problem::new(&format!("names of {what}s"), &value, format!("{count} names, or none")));
            }
            let mut sorted: Vec<&String> = names.iter().collect();
            sorted.sort_unstable();
            if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
                problems.push(Problem::new(&format!("names of {what}s"), twice[0], "every name once"));
            }
        }
        if !problems.is_empty() {
            return Err(Problems(problems));
        }
        (self.row_names, self.column_names) = (row_names, column_names);
        Ok(self)
    }

    /// Tasks.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Upstream examples.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// How many entries are missing.
    pub fn missing(&self) -> usize {
        self.missing
    }

    /// The entries of a row, NaN where one is missing.
    pub fn row(&self, row: usize) -> &[f32] {
        &self.entries[row * self.columns..][..self.columns]
    }

    /// An entry; `None` where it is missing.
    pub fn entry(&self, row: usize, column: usize) -> Option<f32> {
        Some(self.row(row)[column]).filter(|entry| !entry.is_nan())
    }

    /// The entries of a row that are there, with their columns.
    pub fn present(&self, row: usize) -> impl Iterator<Item = (usize, f32)> + '_ {
        self.row(row).iter().copied().enumerate().filter(|(_, entry)| !entry.is_nan())
    }

    /// All entries row by row, NaN where one is missing.
    pub fn entries(&self) -> &[f32] {
        &self.entries
    }

    /// All entries row by row, NaN where one is missing, given away.
    pub fn into_entries(self) -> Vec<f32> {
        self.entries
    }

    /// Names of the rows; empty where there are none.
    pub fn row_names(&self) -> &[String] {
        &self.row_names
    }

    /// The mean of several seeds' matrices, with the names of the first; an entry is missing where no seed has it.
    ///
    /// # Errors
    /// No matrix, or matrices of different shapes or names.
    pub fn mean(seeds: &[Self]) -> Result<Self, Problems> {
        let wrong = |value: String, accepted: &str| Problems(vec![Problem::new("seeds", &value, accepted)]);
        let (first, others) =
            seeds.split_first().ok_or_else(|| wrong("none".to_owned(), "the matrix of at least one seed"))?;
        for (place, other) in others.iter().enumerate() {
            if (other.rows, other.columns) != (first.rows, first.columns) {
                let shape = format!("matrix {} of {} x {}", place + 2, other.rows, other.columns);
                return Err(wrong(shape, &format!("{} x {}, as the first", first.rows, first.columns)));
            }
            let names = |own: &Self| (own.row_names.clone(), own.column_names.clone());
            if names(other) != names(first) {
                return Err(wrong(format!("matrix {} of other names", place + 2), "names as those of the first"));
            }
        }
        let (mut sums, mut counts) = (vec![0.0f64; first.entries.len()], vec![0u32; first.entries.len()]);
        for (at, &entry) in seeds.iter().flat_map(|seed| seed.entries.iter().enumerate()) {
            if !entry.is_nan() {
                sums[at] += f64::from(entry);
                counts[at] += 1;
            }
        }
        // 0 / 0 is what a missing entry is.
        let entries = sums.iter().zip(&counts).map(|(sum, &count)| (sum / f64::from(count)) as f32).collect();
        Self::new(first.rows, first.columns, entries)?.named(first.row_names.clone(), first.column_names.clone())
    }

    /// Names of the columns; empty where there are none.
    pub fn column_names(&self) -> &[String] {
        &self.column_names
    }

    /// That every entry is 0 or 1.
    ///
    /// # Errors
    /// The first that is neither.
    pub fn binary(&self) -> Result<(), Problems> {
        let Some(at) = self.entries.iter().position(|&entry| !(entry.is_nan() || entry == 0.0 || entry == 1.0)) else {
            return Ok(());
        };
        let place = format!("row {}, column {}", at / self.columns, at % self.columns);
        let accepted = "0 or 1, or a missing one, in a binary matrix";
        Err(Problems(vec![Problem::new(&place, &self.entries[at].to_string(), accepted)]))
    }

    /// What is odd about the matrix though it can be used, as sentences: rows and columns without an entry, and those
    /// whose entries are all equal.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let mut lows = vec![f32::INFINITY; self.columns];
        let mut highs = vec![f32::NEG_INFINITY; self.columns];
        let (mut empty, mut constant) = ([0; 2], [0; 2]);
        for row in 0..self.rows {
            let (mut least, mut most) = (f32::INFINITY, f32::NEG_INFINITY);
            for (column, entry) in self.present(row) {
                (least, most) = (least.min(entry), most.max(entry));
                lows[column] = lows[column].min(entry);
                highs[column] = highs[column].max(entry);
            }
            empty[0] += usize::from(least > most);
            constant[0] += usize::from(least == most && self.columns > 1);
        }
        for (low, high) in lows.iter().zip(&highs) {
            empty[1] += usize::from(low > high);
            constant[1] += usize::from(low == high && self.rows > 1);
        }
        if self.missing > 0 {
            let share = 100.0 * self.missing as f64 / self.entries.len() as f64;
            notes.push(format!("{} entries are missing ({share:.3} %).", self.missing));
        }
        for (place, what) in ["rows", "columns"].iter().enumerate() {
            if empty[place] > 0 {
                notes.push(format!("{} {what} have no entry: only averages can be said of them.", empty[place]));
            }
            if constant[place] > 0 {
                notes.push(format!("{} {what} hold one and the same value throughout.", constant[place]));
            }
        }
        notes
    }
}
