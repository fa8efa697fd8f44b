//! The figures of a sweep.

use super::{Equal, Found, Matrix, Sizes, Sweep};
use crate::figure::number::{short, significant};
use crate::figure::panel::{Dash, Marker, Role, Scale};
use crate::figure::{Change, ChangeMatrix, Curve, CurvePanel, Curves, Figure, Points, Spread};
use crate::report::scaling::figures_of;

/// All figures: by size, by data, and of the laws, the published curves once.
pub fn figures(sweep: &Sweep, found: &Found) -> Vec<Figure> {
    let mut figures: Vec<Figure> = Vec::new();
    for (place, pair) in found.sizes.chunks(2).enumerate() {
        figures.extend(by_size(sweep, pair, place));
    }
    figures.extend(found.matrix.as_ref().map(by_data));
    for (place, laws) in found.laws.iter().enumerate() {
        for mut figure in figures_of(&laws.fitted) {
            let is_published = figure.id.ends_with("published");
            if is_published && place + 1 < found.laws.len() {
                continue;
            }
            if !is_published && !laws.of.is_empty() {
                figure.title = format!("{}, {}", figure.title, laws.of);
            }
            figure.id = format!("{}-{}", figure.id, place + 1);
            figures.push(figure);
        }
    }
    figures
}

/// KL over what was learned, a curve for each model; then KL at equal loss and at equal gain over size.
fn by_size(sweep: &Sweep, pair: &[Sizes], place: usize) -> [Figure; 2] {
    let titled = |title: &str| match pair[0].of.as_str() {
        "" => title.to_owned(),
        of => format!("{title}, {of}"),
    };
    let summary = match pair[0].medians().as_slice() {
        [first, .., last] => format!(
            "At equal fine-tuning loss KL is {} for the smallest model and {} for the largest.",
            significant(first.1, 3),
            significant(last.1, 3)
        ),
        _ => "There is no fine-tuning loss at which sizes can be compared.".to_owned(),
    };
    let learning = Curves {
        id: format!("sizes-learning-{}", place + 1),
        title: titled("Forgetting as it is learned, by size of the model"),
        summary: "KL to the base on general text against the fine-tuning loss.".to_owned(),
        notes: vec!["The first run of each model. Training goes from right to left.".to_owned()],
        points: Points::Estimates,
        panels: vec![courses(sweep, &pair[0])],
    };
    let equal = Curves {
        id: format!("sizes-{}", place + 1),
        title: titled("Forgetting by size of the model"),
        summary,
        notes: vec![
            "Medians over seeds where a run first comes to the loss, or to the gain, that all come to; bands span all seeds."
                .to_owned(),
        ],
        points: Points::Estimates,
        panels: pair.iter().map(at_equal).collect(),
    };
    [learning.figure(), equal.figure()]
}

fn courses(sweep: &Sweep, sizes: &Sizes) -> CurvePanel {
    let dashes = [Dash::Solid, Dash::Dashed, Dash::Dotted];
    let markers = [Marker::Circle, Marker::Square, Marker::Triangle];
    let group = sweep.groups(|role| !matches!(role, super::Role::Model | super::Role::Seed));
    let runs: Vec<_> = group.into_iter().filter(|group| group.label == sizes.of).flat_map(|group| group.runs).collect();
    let curve = |(place, size): (usize, &super::AtSize)| {
        let run = runs.iter().find(|run| {
            run.record.model.parameters == size.parameters && super::plain(&run.record.model.name) == size.name
        });
        let points = run.iter().flat_map(|run| &run.record.points).filter_map(|point| {
            let kl = point.measures.forgetting.as_ref()?.kl;
            Some((point.fine_tuning_loss?, Spread { median: Some(kl), q25: None, q75: None }))
        });
        let mut points: Vec<(f64, Spread)> = points.collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        Curve {
            name: size.name.clone(),
            role: if place == 0 { Role::Before } else { Role::OldTask },
            dash: dashes[place % dashes.len()],
            marker: Some(markers[place % markers.len()]),
            is_named: true,
            points,
        }
    };
    CurvePanel {
        title: None,
        x: "L_ft, nats".to_owned(),
        x_scale: Scale::Linear,
        y: "KL, nats".to_owned(),
        y_range: None,
        curves: sizes.sizes.iter().enumerate().map(curve).collect(),
    }
}

fn at_equal(sizes: &Sizes) -> CurvePanel {
    let (title, level) = match sizes.equal {
        Equal::Loss => ("equal loss", sizes.level),
        Equal::Gain => ("equal gain", sizes.level),
    };
    let points = sizes.sizes.iter().filter_map(|size| {
        let known: Vec<f64> = size.forgetting.iter().copied().flatten().collect();
        let low = known.iter().copied().fold(f64::INFINITY, f64::min);
        let high = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Some((size.parameters as f64, Spread::new(size.median()?, low, high)))
    });
    let curve = Curve {
        name: "KL".to_owned(),
        role: Role::OldTask,
        dash: Dash::Solid,
        marker: Some(Marker::Circle),
        is_named: false,
        points: points.collect(),
    };
    CurvePanel {
        title: Some(format!("{title}, {}", short(level))),
        x: "parameters, log axis".to_owned(),
        x_scale: Scale::Log,
        y: "KL, nats".to_owned(),
        y_range: None,
        curves: vec![curve],
    }
}

fn by_data(matrix: &Matrix) -> Figure {
    let cell = |cell: &Option<super::MatrixCell>| {
        cell.map(|cell| Change {
            change: 100.0 * cell.change,
            interval: cell.range.map(|end| 100.0 * end),
            is_sure: cell.verdict != super::Verdict::Unsure,
        })
    };
    ChangeMatrix {
        id: "matrix".to_owned(),
        title: "What each data set does to each benchmark".to_owned(),
        rows: matrix.data.clone(),
        columns: matrix.benchmarks.clone(),
        cells: matrix.cells.iter().map(|row| row.iter().map(cell).collect()).collect(),
    }
    .figure()
}
