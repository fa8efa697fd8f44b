//! The matrices of the runs of a link.

use std::sync::Arc;

use super::answer::Source;
use super::known::Kinds;
use crate::associations::Matrix;
use crate::error::Problem;
use crate::experiments::associations::{Results, World};

/// The matrices of the runs so far; none before the first row.
pub fn sources(results: &Results) -> Vec<Source> {
    if results.mean().is_none() {
        return Vec::new();
    }
    let rise = results.spec.world.unit();
    let seeds = &results.spec.seeds;
    let source = |id: String, title: String, unit| Source { id, title, unit };
    let mean = if seeds.len() > 1 { format!("Mean over {} seeds", seeds.len()) } else { "Rise of the loss".to_owned() };
    let mut all = vec![source("mean".to_owned(), mean, rise)];
    let of_seeds = seeds.iter().filter(|_| seeds.len() > 1);
    all.extend(of_seeds.map(|seed| source(format!("seed-{seed}"), format!("Seed {seed}"), rise)));
    let binary = |seed: &u32| {
        source(format!("binary-{seed}"), format!("Right before, wrong after: seed {seed}"), "1: forgotten")
    };
    all.extend(seeds.iter().filter(|&&seed| results.binary(seed).is_some()).map(binary));
    if results.predicted().is_some() {
        all.push(source("predicted".to_owned(), "Predicted before any step".to_owned(), rise));
    }
    let likeness = if results.spec.world == World::Language { "cosine of word counts" } else { "minus the distance" };
    all.push(source("similarity".to_owned(), "Likeness of task and example".to_owned(), likeness));
    all
}

/// A matrix by its name, with those of its seeds where it is their mean.
///
/// # Errors
/// A name that there is not, or a matrix without an entry yet.
pub fn matrix(results: &Results, source: &str) -> Result<(Arc<Matrix>, Vec<Arc<Matrix>>), String> {
    let seed = |prefix: &str| source.strip_prefix(prefix).and_then(|seed| seed.parse::<u32>().ok());
    let found = match source {
        "mean" => {
            let mut seeds = results.matrices();
            if seeds.len() < 2 {
                seeds.pop()
            } else {
                let mean = Matrix::mean(&seeds).map_err(|problems| problems.to_string())?;
                return Ok((Arc::new(mean), seeds.into_iter().map(Arc::new).collect()));
            }
        }
        "predicted" => results.predicted(),
        "similarity" => Matrix::new(results.tasks.len(), results.examples.len(), results.similarity.clone())
            .and_then(|matrix| {
                let rows = results.tasks.iter().map(|task| task.name.clone()).collect();
                matrix.named(rows, results.examples.iter().map(|example| example.name.clone()).collect())
            })
            .ok(),
        _ => match (seed("seed-"), seed("binary-")) {
            (Some(seed), _) => results.matrix(seed),
            (_, Some(seed)) => results.binary(seed),
            _ => return Err(Problem::new("source", source, "the name of a matrix").to_string()),
        },
    };
    let found = found.ok_or_else(|| "No run has ended yet".to_owned())?;
    Ok((Arc::new(found), Vec::new()))
}

/// The kinds of the rows and columns of a matrix.
pub fn kinds(results: &Results, source: &str) -> Kinds {
    let of_example = |column: usize| results.examples[column].kind.clone();
    let columns = if source.starts_with("binary-") { results.known() } else { (0..results.examples.len()).collect() };
    Kinds {
        rows: results.tasks.iter().map(|task| task.kind.clone()).collect(),
        columns: columns.into_iter().map(of_example).collect(),
    }
}
