//! The figures of an association matrix.

use super::{Factors, replay, share};
use crate::associations::{Ceiling, Matrix, Reconstruction};
use crate::experiments::associations::{Completion, Findings, Results, Split};
use crate::figure::number::{count, seeds, short, significant};
use crate::figure::panel::{Dash, Marker, Role, Scale};
use crate::figure::{Curve, CurvePanel, Curves, Figure, MethodMatrix, Points, Spread};
use crate::stats::Quartiles;

/// Singular values that are drawn.
const MOST_DRAWN: usize = 20;
/// Parts into which predictions are cut, by size.
const PARTS: usize = 20;
/// R2 of rank 1 to 5 of OLMo-7B's matrix.
///
/// Source: Jin & Ren 2024 (arXiv 2406.14026), section 3, by their code.
const PUBLISHED: [f64; 5] = [0.5123, 0.6328, 0.7151, 0.7615, 0.7904];

/// The figures of results, complete or not; what was not measured or compared has none.
pub fn figures(results: &Results, findings: &Findings, completion: &[Completion]) -> Vec<Figure> {
    let mean = results.mean();
    let mut figures = vec![ranks(results, findings)];
    figures.extend(mean.as_ref().map(|mean| spectrum(mean, findings)));
    figures.extend(mean.as_ref().and_then(|mean| predicted(results, mean)));
    figures.extend([false, true].into_iter().filter_map(|is_binary| errors(results, completion, is_binary)));
    figures.extend(findings.replay.as_ref().map(|found| replay::figure(results, found)));
    figures
}

fn exact(value: f64) -> Spread {
    Spread::new(value, f64::NAN, f64::NAN)
}

fn curve(name: &str, role: Role, dash: Dash, marker: Option<Marker>, points: Vec<(f64, Spread)>) -> Curve {
    Curve { name: name.to_owned(), role, dash, marker, is_named: true, points }
}

fn panel(title: &str, x: &str, y: &str, curves: Vec<Curve>) -> CurvePanel {
    let (x, y) = (x.to_owned(), y.to_owned());
    CurvePanel { title: Some(title.to_owned()), x, x_scale: Scale::Linear, y, y_range: None, curves }
}

/// R2 by rank beside that of effects, and under the ceiling.
fn ranks(results: &Results, findings: &Findings) -> Figure {
    let of = |found: &Reconstruction, ceiling: Option<f64>, is_rise: bool| {
        let last = found.ranks.last().map_or(1.0, |own| own.rank as f64);
        let level = |name: &str, value: f64, role, dash| {
            curve(name, role, dash, None, vec![(1.0, exact(value)), (last, exact(value))])
        };
        let points = found.ranks.iter().map(|own| (own.rank as f64, exact(own.r2))).collect();
        let mut curves = vec![
            curve("rank r", Role::OldTask, Dash::Solid, Some(Marker::Circle), points),
            level("both", found.additive, Role::NewTask, Dash::Dashed),
            level("tasks", found.rows, Role::NewTask, Dash::Dotted),
            level("examples", found.columns, Role::Overwritten, Dash::Dotted),
        ];
        curves.extend(ceiling.map(|ceiling| level("ceiling", ceiling, Role::Now, Dash::Dashed)));
        if is_rise {
            let published = PUBLISHED.iter().zip(1..).map(|(&r2, rank)| (f64::from(rank), exact(r2))).collect();
            curves.push(curve("OLMo-7B", Role::Before, Dash::Dotted, Some(Marker::Square), published));
        }
        curves
    };
    let mut panels = Vec::new();
    let rises = findings.reconstruction.as_ref();
    let mean = |ceiling: Ceiling| ceiling.of_mean;
    let curves = rises.map_or_else(Vec::new, |found| of(found, findings.ceiling.map(mean), true));
    panels.push(CurvePanel { y_range: Some([0.0, 1.05]), ..panel("rise of the loss", "rank", "R2", curves) });
    if let Some(binary) = &findings.binary
        && let Some(found) = &binary.reconstruction
    {
        let curves = of(found, binary.ceiling.map(|ceiling| ceiling.reliability), false);
        panels.push(CurvePanel { y_range: Some([0.0, 1.05]), ..panel("answers lost", "rank", "R2", curves) });
    }
    let summary = match rises {
        Some(found) => {
            let held: Vec<String> = found.ranks.iter().map(|own| significant(own.r2, 3)).collect();
            format!(
                "R2 by rank from 1: {}; effects of tasks and examples {}.",
                held.join(", "),
                significant(found.additive, 3)
            )
        }
        None => "All entries are equal; there is no variance to explain.".to_owned(),
    };
    Curves {
        id: "associations-ranks".to_owned(),
        title: "How much few factors hold".to_owned(),
        summary,
        notes: vec![
            format!(
                "Left: the mean of {}, under the ceiling of that mean. A fit: it exceeds no ceiling by knowing, only by fitting \
                 noise. Levels: effects of tasks, of examples, of both.",
                seeds(results.spec.seeds.len())
            ),
            "Squares: OLMo-7B, 85 tasks x 9,998 texts (Jin & Ren 2024, arXiv 2406.14026).".to_owned(),
        ],
        panels,
        points: Points::Estimates,
    }
    .figure()
}

/// Share of squares by singular value, beside the noise.
fn spectrum(mean: &Matrix, findings: &Findings) -> Figure {
    let found = Factors::of(mean, findings);
    let drawn = found.shares.iter().take(MOST_DRAWN).zip(1..);
    let points: Vec<(f64, Spread)> = drawn.map(|(share, number)| (f64::from(number), exact(100.0 * share))).collect();
    let last = points.len() as f64;
    let mut curves = vec![curve("factors", Role::OldTask, Dash::Solid, Some(Marker::Circle), points)];
    curves.extend(found.noise.map(|noise| {
        let level = exact(100.0 * noise);
        curve("noise", Role::Now, Dash::Dashed, None, vec![(1.0, level), (last, level)])
    }));
    let above = found.above().map_or_else(String::new, |above| format!("; {} stand out of the noise", count(above)));
    let first = found.shares.first().copied().unwrap_or(0.0);
    Curves {
        id: "associations-spectrum".to_owned(),
        title: "The factors of forgetting".to_owned(),
        summary: format!("The first of {} factors holds {} of all squares{above}.", count(found.shares.len()), share(first)),
        notes: vec![
            "Squared singular values of the mean matrix, not centred, as in the paper. Noise: what the largest singular value \
             of the seeds' noise alone would hold."
                .to_owned(),
        ],
        panels: vec![panel("the mean of all seeds", "number of the factor", "% of all squares", curves)],
        points: Points::Estimates,
    }
    .figure()
}

/// What came, by what was predicted before any step and by likeness.
fn predicted(results: &Results, mean: &Matrix) -> Option<Figure> {
    let likeness = Matrix::new(results.tasks.len(), results.examples.len(), results.similarity.clone()).ok();
    let predicted = results.predicted();
    let of = |title: &str, other: &Matrix| {
        let (points, each) = parts(mean, other);
        let by = curve(title, Role::OldTask, Dash::Solid, Some(Marker::Circle), points);
        (panel(title, "place among all, %", "rise of the loss", vec![Curve { is_named: false, ..by }]), each)
    };
    let known = [
        ("predicted before any step", predicted),
        ("with AdamW's steps", results.preconditioned()),
        ("likeness", likeness),
    ];
    let panels: Vec<_> = known.iter().filter_map(|(title, other)| Some(of(title, other.as_ref()?))).collect();
    let (first, _) = panels.first()?;
    let middle = |at: Option<&(f64, Spread)>| at.and_then(|(_, spread)| spread.median).map_or_else(String::new, short);
    let points = &first.curves[0].points;
    Some(
        Curves {
            id: "associations-predicted".to_owned(),
            title: "Predicted and measured".to_owned(),
            summary: format!(
                "Where least is predicted the rise is {}, where most is predicted {} (medians).",
                middle(points.first()),
                middle(points.last())
            ),
            notes: vec![format!(
                "All entries by how large they were predicted, in {PARTS} parts of about {}; medians of what came, bands hold the \
                 middle half. Predictions are of a pattern, not of a size.",
                count(panels[0].1)
            )],
            panels: panels.into_iter().map(|(panel, _)| panel).collect(),
            points: Points::Medians,
        }
        .figure(),
    )
}

/// The entries of a matrix in parts of equal number by those of another, and how many are in a part.
fn parts(matrix: &Matrix, by: &Matrix) -> (Vec<(f64, Spread)>, usize) {
    let pairs = by.entries().iter().zip(matrix.entries()).filter(|(a, b)| !a.is_nan() && !b.is_nan());
    let mut pairs: Vec<(f32, f32)> = pairs.map(|(&a, &b)| (a, b)).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let each = pairs.len().div_ceil(PARTS).max(1);
    let count = pairs.chunks(each).len() as f64;
    let of = |(place, own): (usize, &[(f32, f32)])| {
        let values: Vec<f64> = own.iter().map(|(_, value)| f64::from(*value)).collect();
        let spread = Quartiles::of(&values).map_or(Spread::MISSING, |q| Spread::new(q.median, q.q25, q.q75));
        (100.0 * (place as f64 + 0.5) / count, spread)
    };
    (pairs.chunks(each).enumerate().map(of).collect(), each)
}

/// The errors of methods; of answers their F1.
fn errors(results: &Results, completion: &[Completion], is_binary: bool) -> Option<Figure> {
    let own: Vec<&Completion> = completion.iter().filter(|own| own.is_binary == is_binary).collect();
    let methods: Vec<String> = own.first()?.methods.iter().map(|method| method.name.clone()).collect();
    let cell = |completion: &Completion, name: &str| {
        let Some(score) = completion.method(name) else { return Spread::MISSING };
        let spread = score.binary.as_ref().map_or(&score.rmse, |binary| &binary.f1);
        let [low, high] = spread.interval.map_or([f64::NAN; 2], |interval| [interval.low, interval.high]);
        Spread::new(spread.mean, low, high)
    };
    let cells = methods.iter().map(|name| own.iter().map(|completion| cell(completion, name)).collect()).collect();
    let rows = |split: Split| split.words().to_owned();
    let (id, title, measure) = match is_binary {
        false => ("associations-errors", "What a few entries tell of a row", "RMSE"),
        true => ("associations-errors-of-answers", "What a few entries tell of answers lost", "F1"),
    };
    let first = own[0];
    let last = if is_binary { "the first seed's answers" } else { "the mean of all seeds" };
    Some(
        MethodMatrix {
            id: id.to_owned(),
            title: title.to_owned(),
            measure: measure.to_owned(),
            methods,
            questions: own.iter().map(|completion| rows(completion.split)).collect(),
            cells,
            is_more_better: is_binary,
            notes: vec![format!(
                "The paper's protocol on {last}: {} columns drawn of each test row, the rest predicted. {}: {} of {} rows, every \
                 fourth; {}: the last quarter. Outlined: the best.",
                first.observed,
                rows(Split::Inside),
                first.test.len(),
                results.tasks.len(),
                rows(Split::Outside)
            )],
        }
        .figure(),
    )
}
