//! Where forgetting shows: data sets by benchmarks.

use serde::Serialize;

use super::{Compared, Role, Run, Sweep, Verdict};

/// The changes of every benchmark by every data set.
#[derive(Clone, Debug, Serialize)]
pub struct Matrix {
    pub data: Vec<String>,
    pub benchmarks: Vec<String>,
    /// `[data][benchmarks]`; `None` where it was not measured.
    pub cells: Vec<Vec<Option<MatrixCell>>>,
    /// KL to the base on general text after the last step, nats a token; least and largest over runs.
    pub moved: Vec<Option<[f64; 2]>>,
}

/// One benchmark after tuning on one data set.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MatrixCell {
    /// Mean change of the share over runs.
    pub change: f64,
    /// Of a single run, Newcombe's interval at 95 %; of several, the least and the largest change.
    pub range: [f64; 2],
    pub runs: usize,
    /// What all runs are sure of.
    pub verdict: Verdict,
}

impl Matrix {
    /// Of a sweep that varies data and has benchmarks.
    pub fn of(sweep: &Sweep, compared: &[Vec<Compared>]) -> Option<Self> {
        let axes: Vec<usize> = (0..sweep.axes.len()).filter(|&axis| sweep.axes[axis].role == Role::Data).collect();
        let name = |run: &Run| axes.iter().map(|&axis| sweep.value(run, axis)).collect::<Vec<_>>().join(", ");
        let runs = || sweep.runs.iter().zip(compared).filter(|(run, _)| run.diverged().is_none());
        let data = distinct(runs().map(|(run, _)| name(run)));
        let benchmarks = distinct(compared.iter().flatten().map(|compared| compared.benchmark.clone()));
        if axes.is_empty() || data.len() < 2 || benchmarks.is_empty() {
            return None;
        }
        let of_data = |data: &String| runs().filter(|(run, _)| name(run) == *data).collect::<Vec<_>>();
        let cell = |data: &String, benchmark: &String| {
            let own = of_data(data).into_iter().flat_map(|(_, compared)| compared);
            MatrixCell::of(&own.filter(|compared| compared.benchmark == *benchmark).collect::<Vec<_>>())
        };
        let row = |data: &String| benchmarks.iter().map(|benchmark| cell(data, benchmark)).collect();
        let moved = |data: &String| {
            let all = of_data(data);
            let kl = all.iter().filter_map(|(run, _)| Some(run.record.points.last()?.measures.forgetting.as_ref()?.kl));
            ends(kl)
        };
        Some(Self {
            cells: data.iter().map(row).collect(),
            moved: data.iter().map(moved).collect(),
            data: data.clone(),
            benchmarks,
        })
    }

    /// All cells that were measured.
    pub fn measured(&self) -> impl Iterator<Item = &MatrixCell> {
        self.cells.iter().flatten().flatten()
    }
}

impl MatrixCell {
    fn of(runs: &[&Compared]) -> Option<Self> {
        let first = runs.first()?;
        let changes = || runs.iter().map(|compared| compared.change());
        let range = match runs {
            [one] => one.tuned.change_since(one.base),
            _ => ends(changes())?,
        };
        let same = runs.iter().all(|compared| compared.verdict == first.verdict);
        Some(Self {
            change: changes().sum::<f64>() / runs.len() as f64,
            range,
            runs: runs.len(),
            verdict: if same { first.verdict } else { Verdict::Unsure },
        })
    }
}

/// The least and the largest.
fn ends(values: impl Iterator<Item = f64>) -> Option<[f64; 2]> {
    values.fold(None, |ends: Option<[f64; 2]>, value| {
        let [low, high] = ends.unwrap_or([value; 2]);
        Some([low.min(value), high.max(value)])
    })
}

/// Each once, in the order in which they first appear.
fn distinct(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in names {
        if !found.contains(&name) {
            found.push(name);
        }
    }
    found
}
