//! Whether a rerun agrees with the results of a record, number by number.

use crate::experiments::associations::{Example, Job, Predicted, Replayed, Results};
use crate::record::Agreement;
use crate::record::verdict::{TOLERANCE, largest_difference};

/// Answers of one fine-tuning that rounding may turn from right to wrong or back.
const TURNED: usize = 3;

/// Compares results of one spec: rows and columns, then column losses, likeness, predictions and rises, each relative to
/// the largest number beside it.
pub(super) fn agreement(own: &Results, rerun: &Results) -> Agreement {
    let differs = |place: &str, largest| Agreement::Differs { place: place.to_owned(), series: None, largest };
    let known = |example: &Example| (example.name.clone(), example.kind.clone(), example.relation.clone());
    if own.tasks != rerun.tasks || !own.examples.iter().map(known).eq(rerun.examples.iter().map(known)) {
        return differs("the names of rows and columns", None);
    }
    let mut largest = 0.0f64;
    for (place, a, b) in numbers(own, rerun) {
        if a.len() != b.len() {
            return differs(&place, None);
        }
        match largest_difference(&a, &b) {
            found if found <= TOLERANCE => largest = largest.max(found),
            found => return differs(&place, Some(found).filter(|found| found.is_finite())),
        }
    }
    for (place, a, b) in answers(own, rerun) {
        if a.len() != b.len() || a.iter().zip(&b).filter(|(a, b)| a != b).count() > TURNED {
            return differs(&place, None);
        }
    }
    Agreement::Within(largest)
}

/// Every list of numbers of both, with its place.
fn numbers(own: &Results, rerun: &Results) -> Vec<(String, Vec<f32>, Vec<f32>)> {
    let losses = |results: &Results| results.examples.iter().map(|example| example.base_loss).collect();
    let mut all = vec![
        ("the base's losses".to_owned(), losses(own), losses(rerun)),
        ("the likeness".to_owned(), own.similarity.clone(), rerun.similarity.clone()),
    ];
    let features = |results: &Results| match &results.features {
        Some(features) => [features.rows().0.to_vec(), features.columns().0.to_vec()],
        None => [Vec::new(), Vec::new()],
    };
    for (place, (a, b)) in ["tasks", "examples"].iter().zip(features(own).into_iter().zip(features(rerun))) {
        all.push((format!("the features of {place}"), a, b));
    }
    for &seed in &own.spec.seeds {
        for (ways, of) in [("gradients", plain as fn(&Predicted) -> Vec<f32>), ("AdamW's steps", preconditioned)] {
            let predicted = |results: &Results| results.prediction(seed).map_or_else(Vec::new, of);
            all.push((format!("what {ways} say of seed {seed}"), predicted(own), predicted(rerun)));
        }
        all.extend((0..own.tasks.len()).map(|task| {
            let rise = |results: &Results| results.row(task, seed).map_or_else(Vec::new, |row| row.rise.clone());
            (place(own, task, seed), rise(own), rise(rerun))
        }));
        let told = |results: &Results| {
            let of = |(replayed, _): (&Replayed, Job)| [&replayed.row.rise[..], &[replayed.task_loss]].concat();
            results.replays(seed).map(of).collect::<Vec<_>>()
        };
        let names = own.replays(seed).map(|(_, job)| format!("the run with replay {job:?}"));
        all.extend(names.zip(told(own).into_iter().zip(told(rerun))).map(|(name, (a, b))| (name, a, b)));
    }
    all
}

fn plain(predicted: &Predicted) -> Vec<f32> {
    predicted.rise.clone()
}

fn preconditioned(predicted: &Predicted) -> Vec<f32> {
    predicted.preconditioned.clone().unwrap_or_default()
}

/// Every list of answers of both, with its place.
fn answers(own: &Results, rerun: &Results) -> Vec<(String, Vec<bool>, Vec<bool>)> {
    let base = |results: &Results| results.examples.iter().map(|example| example.base_is_right).collect();
    let mut all = vec![("the base's answers".to_owned(), base(own), base(rerun))];
    for &seed in &own.spec.seeds {
        all.extend((0..own.tasks.len()).map(|task| {
            let right = |results: &Results| results.row(task, seed).map_or_else(Vec::new, |row| row.is_right.clone());
            (place(own, task, seed), right(own), right(rerun))
        }));
    }
    all
}

fn place(results: &Results, task: usize, seed: u32) -> String {
    format!("the task {}, seed {seed}", results.tasks[task].name)
}
