//! The visitor's own matrices: one, or those of several seeds.

use std::sync::Arc;

use super::answer::{Described, Imported, Source};
use crate::associations::import::{Property, Values, read_properties};
use crate::associations::{Matrix, Properties, Side, import};
use crate::error::{Problem, Problems};

/// What has been imported so far.
#[derive(Default)]
pub struct Own {
    seeds: Vec<(String, Arc<Matrix>)>,
    /// Of several.
    mean: Option<Arc<Matrix>>,
    /// Of its tasks and examples.
    pub properties: Arc<Properties>,
}

impl Own {
    /// Reads a file beside those that were read before.
    ///
    /// # Errors
    /// Whatever keeps it from being a matrix, or from being another seed of the same one.
    pub fn import(&mut self, name: String, bytes: &[u8], array: Option<&str>) -> Result<Imported, String> {
        let matrix = import::read(bytes, array).map_err(|problems| problems.to_string())?;
        if let Some((_, first)) = self.seeds.first() {
            let shape = |matrix: &Matrix| format!("{} x {}", matrix.rows(), matrix.columns());
            if shape(first) != shape(&matrix) {
                let accepted = format!("{}, as the file before; remove that to look at another matrix", shape(first));
                return Err(Problem::new(&name, &shape(&matrix), accepted).to_string());
            }
            let all: Vec<Matrix> =
                self.seeds.iter().map(|(_, seed)| Matrix::clone(seed)).chain([matrix.clone()]).collect();
            self.mean = Some(Arc::new(Matrix::mean(&all).map_err(|problems| problems.to_string())?));
        }
        let told = Imported {
            rows: matrix.rows(),
            columns: matrix.columns(),
            missing: matrix.missing(),
            notes: matrix.notes(),
        };
        self.seeds.push((name, Arc::new(matrix)));
        Ok(told)
    }

    /// Reads what is known of the tasks or examples of the matrices that were read before, instead of what was.
    ///
    /// # Errors
    /// Whatever keeps it from being properties of theirs.
    pub fn describe(&mut self, of: Side, name: &str, bytes: &[u8]) -> Result<Described, String> {
        let (_, matrix) =
            self.seeds.first().ok_or("There is no matrix yet whose tasks and examples it could describe")?;
        let (names, count) = match of {
            Side::Tasks => (matrix.row_names(), matrix.rows()),
            Side::Examples => (matrix.column_names(), matrix.columns()),
        };
        let words = |problems: Problems| problems.to_string();
        let mut properties = Properties::clone(&self.properties);
        let own = match of {
            Side::Tasks => &mut properties.tasks,
            Side::Examples => &mut properties.examples,
        };
        *own = read_properties(name, bytes, names, count).map_err(words)?;
        for grouping in properties.groupings() {
            grouping.check([matrix.rows(), matrix.columns()]).map_err(words)?;
        }
        let (numbers, labels) = properties.of(of).iter().partition(|own| matches!(own.values, Values::Numbers(_)));
        let named = |all: Vec<&Property>| all.into_iter().map(|own| own.name.clone()).collect();
        let notes = if of == Side::Tasks { properties.notes() } else { Vec::new() };
        let told = Described { numbers: named(numbers), labels: named(labels), notes };
        self.properties = Arc::new(properties);
        Ok(told)
    }

    /// The matrices that there are.
    pub fn sources(&self) -> Vec<Source> {
        let source = |id: String, title: String| Source { id, title, unit: "units of the file" };
        let first = match self.seeds.as_slice() {
            [] => return Vec::new(),
            [(name, _)] => return vec![source("own".to_owned(), name.clone())],
            seeds => source("own".to_owned(), format!("Mean over {} files", seeds.len())),
        };
        let seeds = self.seeds.iter().enumerate();
        [first]
            .into_iter()
            .chain(seeds.map(|(place, (name, _))| source(format!("own-{place}"), name.clone())))
            .collect()
    }

    /// A matrix by its name, with those of its seeds where it is their mean; `None` where there is none of that name.
    pub fn matrix(&self, source: &str) -> Option<(Arc<Matrix>, Vec<Arc<Matrix>>)> {
        let place = source.strip_prefix("own-").and_then(|place| place.parse::<usize>().ok());
        if let Some(place) = place {
            return Some((Arc::clone(&self.seeds.get(place)?.1), Vec::new()));
        }
        let seeds = || self.seeds.iter().map(|(_, seed)| Arc::clone(seed));
        match &self.mean {
            _ if source != "own" => None,
            Some(mean) => Some((Arc::clone(mean), seeds().collect())),
            None => Some((seeds().next()?, Vec::new())),
        }
    }
}
