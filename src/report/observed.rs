//! How the error of predicting a row of an association matrix falls as more of its entries are measured.

use std::collections::BTreeMap;

use crate::associations::MethodScore;
use crate::figure::panel::{Dash, Marker, Role, Scale};
use crate::figure::range::Spread;
use crate::figure::{Curve, CurvePanel, Curves, Figure, Points};

/// Scores of methods by the number of columns that were drawn of each test row.
pub type ScoresByObserved = BTreeMap<usize, Vec<MethodScore>>;

/// The figure `observed`: root mean square error by columns drawn, a curve for each method; where there is noise of
/// seeds, a line at what it alone would leave.
pub fn error_by_observed(scores: &ScoresByObserved, noise: Option<f64>, unit: &str) -> Figure {
    let mut names: Vec<&str> = Vec::new();
    for score in scores.values().flatten() {
        if !names.contains(&score.name.as_str()) {
            names.push(&score.name);
        }
    }
    let mut curves: Vec<Curve> = names.iter().map(|name| curve(scores, name)).collect();
    let ends = || scores.keys().map(|&observed| observed as f64);
    if let Some(noise) = noise {
        let at = |observed| (observed, Spread { median: Some(noise), q25: None, q75: None });
        curves.push(Curve {
            name: "noise of seeds".to_owned(),
            role: Role::Before,
            dash: Dash::Dotted,
            marker: None,
            is_named: true,
            points: ends().map(at).collect(),
        });
    }
    let seeds = scores.values().flatten().map(|score| score.rmse.n).max();
    let mut notes: Vec<String> = Vec::new();
    notes.extend(
        seeds.map(|seeds| format!("Means over up to {seeds} draws of the columns shown; bands are 95 % intervals.")),
    );
    notes.extend(
        noise.map(|_| "Dotted grey: what is left where everything but the noise of seeds is known.".to_owned()),
    );
    Curves {
        id: "observed".to_owned(),
        title: "Error by entries measured".to_owned(),
        summary: said(scores).unwrap_or_else(|| "Nothing has been predicted yet.".to_owned()),
        notes,
        points: Points::Estimates,
        panels: vec![CurvePanel {
            title: None,
            x: "columns drawn of a new row, log axis".to_owned(),
            x_scale: Scale::Log,
            y: format!("root mean square error, {unit}"),
            y_range: None,
            curves,
        }],
    }
    .figure()
}

fn curve(scores: &ScoresByObserved, name: &str) -> Curve {
    let found = scores.iter().filter_map(|(&observed, scores)| {
        let rmse = scores.iter().find(|score| score.name == name)?.rmse;
        let [low, high] = rmse.interval.map_or([None; 2], |interval| [Some(interval.low), Some(interval.high)]);
        Some((observed as f64, Spread { median: Some(rmse.mean), q25: low, q75: high }))
    });
    let (role, dash, marker) = mark(name);
    Curve { name: name.replace('_', " "), role, dash, marker: Some(marker), is_named: true, points: found.collect() }
}

/// How the curve of a method looks.
fn mark(name: &str) -> (Role, Dash, Marker) {
    match name {
        "random" => (Role::Overwritten, Dash::Dotted, Marker::Circle),
        "additive" => (Role::Now, Dash::Dashed, Marker::Square),
        "neighbours" => (Role::Now, Dash::Dotted, Marker::Triangle),
        "factorisation" => (Role::OldTask, Dash::Solid, Marker::Circle),
        "soft_impute" => (Role::OldTask, Dash::Dashed, Marker::Square),
        "logistic_additive" => (Role::NewTask, Dash::Dotted, Marker::Triangle),
        "logistic_factorisation" => (Role::NewTask, Dash::Dashed, Marker::Circle),
        _ => (Role::Before, Dash::Solid, Marker::Circle),
    }
}

/// The best method at the largest number of columns.
fn said(scores: &ScoresByObserved) -> Option<String> {
    let (observed, scores) = scores.last_key_value()?;
    let best = scores.iter().min_by(|a, b| a.rmse.mean.total_cmp(&b.rmse.mean))?;
    let name = best.name.replace('_', " ");
    Some(format!("With {observed} columns drawn, {name} has the smallest error, {:.4}.", best.rmse.mean))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::associations::Spread as OverSeeds;

    #[test]
    fn every_method_has_a_curve_and_noise_a_line() {
        let score = |name: &str, values: &[f64]| MethodScore {
            name: name.to_owned(),
            rmse: OverSeeds::of(values),
            binary: None,
            scored: 100,
        };
        let at = |k: f64| vec![score("random", &[0.9; 6]), score("soft_impute", &[0.5 / k, 0.6 / k])];
        let scores = BTreeMap::from([(1, at(1.0)), (10, at(2.0))]);
        let figure = error_by_observed(&scores, Some(0.1), "nats");
        let names: Vec<&str> = figure.panels[0].series.iter().map(|series| series.name.as_str()).collect();
        assert_eq!(names, ["random", "soft impute", "noise of seeds"]);
        assert_eq!(figure.summary, "With 10 columns drawn, soft impute has the smallest error, 0.2750.");
        assert_eq!(figure.table.rows.len(), 6);
        assert_eq!(error_by_observed(&BTreeMap::new(), None, "nats").summary, "Nothing has been predicted yet.");
    }
}
