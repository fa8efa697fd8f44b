//! The visitor's own matrices: one, or those of several seeds.

use std::sync::Arc;

use super::answer::{Imported, Source};
use crate::associations::{Matrix, import};
use crate::error::Problem;

/// What has been imported so far.
#[derive(Default)]
pub struct Own {
    seeds: Vec<(String, Arc<Matrix>)>,
    /// Of several.
    mean: Option<Arc<Matrix>>,
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
