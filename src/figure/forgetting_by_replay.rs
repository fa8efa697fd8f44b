//! Forgetting against the replay fraction: "none" in a column of its own, then a broken
//! logarithmic axis in percent.

use super::number::{percent, seeds, short};
use super::panel::*;
use super::range::{self, Spread, finite};
use super::{Cell, Column, Figure, Table};
use crate::stats::{sorted, sorted_by_key};

/// What the figure is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForgettingByReplay {
    /// Replay fraction p, 0 to 1, and forgetting over seeds; in any order.
    pub points: Vec<(f64, Spread)>,
    /// Median forgetting as the kernel predicts it; empty where it was not asked.
    pub predicted: Vec<(f64, f64)>,
    /// The p of the run that the other figures show.
    pub current: Option<f64>,
    /// Number of seeds behind each spread.
    pub seeds: usize,
    pub reference: bool,
}

/// The remark names the smallest p that removes this part of the forgetting.
const MOST: f64 = 0.9;

impl ForgettingByReplay {
    /// The figure `forgetting-by-replay`.
    pub fn figure(&self) -> Figure {
        let points = self.sorted();
        let known = self.predicted.iter().filter(|(p, f)| f.is_finite() && points.iter().any(|(q, _)| p == q));
        let predicted = sorted_by_key(known.copied().collect(), |(p, _)| *p);
        let said = predicted.iter().map(|&(_, f)| Spread::new(f, f, f));
        let y = range::from_zero(points.iter().map(|(_, spread)| *spread).chain(said));
        let (x, place) = self.x_axis(&points);
        let mut panel = Panel::new(x, Axis::plain("forgetting, squared error", Scale::Linear, y));
        let drawn: Vec<Point> = points
            .iter()
            .map(|(p, spread)| Point {
                at: place(*p),
                median: spread.median,
                band: spread.band(),
                marked: true,
                hollow: false,
            })
            .collect();
        if drawn.iter().all(|p| p.median.is_none()) {
            panel.empty = Some("no data".to_owned());
        }
        panel.axis_at_zero = true;
        panel.setting = self.current.and_then(finite).filter(|p| *p >= 0.0).map(&place);
        panel.remarks = self.remark(&points, &place).into_iter().collect();
        panel.series = vec![Series {
            name: "forgetting".to_owned(),
            detail: None,
            naming: Naming::Panel,
            role: Role::OldTask,
            dash: Dash::Solid,
            marker: Some(Marker::Circle),
            points: drawn,
        }];
        if !predicted.is_empty() {
            let point = |&(p, f): &(f64, f64)| Point {
                at: place(p),
                median: finite(f),
                band: None,
                marked: true,
                hollow: true,
            };
            panel.series.push(Series {
                name: "predicted".to_owned(),
                detail: None,
                naming: Naming::Panel,
                role: Role::OldTask,
                dash: Dash::Dotted,
                marker: Some(Marker::Triangle),
                points: predicted.iter().map(point).collect(),
            });
        }
        let mut notes = vec![format!("Line: medians; band: the middle half of {}.", seeds(self.seeds))];
        if !predicted.is_empty() {
            notes.push("Dotted, with triangles: predicted by the kernel.".to_owned());
        }
        Figure {
            id: "forgetting-by-replay".to_owned(),
            title: "Forgetting by replay".to_owned(),
            summary: summary(&points),
            reference: self.reference,
            panels: vec![panel],
            table: table(&points, &predicted),
            notes,
        }
    }

    /// Checked, by increasing p, each p once (the last one given stays).
    fn sorted(&self) -> Vec<(f64, Spread)> {
        let valid = self.points.iter().filter(|(p, _)| p.is_finite() && *p >= 0.0);
        let mut points = sorted_by_key(valid.map(|(p, s)| (*p, s.checked())).collect(), |(p, _)| *p);
        points.reverse();
        points.dedup_by(|a, b| a.0 == b.0);
        points.reverse();
        points
    }

    /// The axis, and where a p lies on it.
    fn x_axis(&self, points: &[(f64, Spread)]) -> (Axis, impl Fn(f64) -> Place + use<>) {
        let current = self.current.and_then(finite).filter(|p| *p >= 0.0);
        let mut all = sorted(points.iter().map(|(p, _)| *p).chain(current).collect());
        all.dedup();
        let is_current = |p: f64| current == Some(p);
        let positive: Vec<f64> = all.iter().copied().filter(|p| *p > 0.0).collect();
        let with_none = all.first() == Some(&0.0) || positive.is_empty();
        let mut segments = Vec::new();
        if with_none {
            let tick = Tick { value: 0.0, label: "none".to_owned(), strong: is_current(0.0) };
            segments.push(Segment {
                share: if positive.is_empty() { 1.0 } else { 0.1 },
                ticks: vec![tick],
                inset: [1.2, 1.2],
                ..Segment::new(Scale::Place, [0.0, 0.0])
            });
        }
        if let (Some(low), Some(high)) = (positive.first(), positive.last()) {
            let label = |p: f64| if p == *high { percent(p) } else { short(p * 100.0) };
            let ticks = positive.iter().map(|p| Tick { value: p * 100.0, label: label(*p), strong: is_current(*p) });
            segments.push(Segment {
                share: if with_none { 0.9 } else { 1.0 },
                ticks: ticks.collect(),
                inset: [1.2, 1.2],
                ..Segment::new(Scale::Log, [low * 100.0, high * 100.0])
            });
        }
        let label = if positive.len() > 1 { "replay fraction p, log axis" } else { "replay fraction p" };
        let label = label.to_owned();
        let log = segments.len() - 1;
        let place = move |p: f64| {
            let segment = if p > 0.0 { log } else { 0 };
            Place { segment, x: p * 100.0 }
        };
        (Axis { label, segments, join: Join::Break }, place)
    }

    fn remark(&self, points: &[(f64, Spread)], place: &impl Fn(f64) -> Place) -> Option<Remark> {
        let (p, removed) = best(points)?;
        let (_, spread) = points.iter().find(|(q, _)| *q == p)?;
        Some(Remark {
            role: Role::OldTask,
            at: place(p),
            y: spread.median?,
            head: if removed < 1.0 {
                format!("{}: {} less", percent(p), percent(removed))
            } else {
                format!("{}: none left", percent(p))
            },
            detail: None,
            above: true,
        })
    }
}

/// The smallest p that removes most of the forgetting, or the one that removes the largest
/// part of it; with that part (of the medians). `None` where nothing was forgotten at p = 0,
/// or replay removes nothing.
fn best(points: &[(f64, Spread)]) -> Option<(f64, f64)> {
    let without = points.iter().find(|(p, _)| *p == 0.0)?.1.median.filter(|f| *f > 0.0)?;
    let removed = points
        .iter()
        .filter(|(p, _)| *p > 0.0)
        .filter_map(|(p, spread)| Some((*p, 1.0 - spread.median? / without)).filter(|(_, part)| *part > 0.0));
    let most = removed.clone().max_by(|a, b| a.1.total_cmp(&b.1));
    removed.clone().find(|(_, part)| *part >= MOST).or(most)
}

fn summary(points: &[(f64, Spread)]) -> String {
    if let Some((p, removed)) = best(points) {
        let part = if removed < 1.0 { percent(removed) } else { "all".to_owned() };
        return format!("Replaying {} of the weight removes {part} of the forgetting.", percent(p));
    }
    let measured: Vec<String> =
        points.iter().filter_map(|(p, s)| Some(format!("{} at {}", short(s.median?), percent(*p)))).collect();
    if measured.is_empty() {
        return "Forgetting has not been measured at any replay fraction yet.".to_owned();
    }
    format!("Forgetting by replay fraction: {}.", measured.join(", "))
}

fn table(points: &[(f64, Spread)], predicted: &[(f64, f64)]) -> Table {
    let keys = [
        ("replay_fraction", "p"),
        ("forgetting_median", "median"),
        ("forgetting_q25", "q25"),
        ("forgetting_q75", "q75"),
        ("forgetting_predicted", "predicted"),
    ];
    let columns = &keys[..if predicted.is_empty() { 4 } else { 5 }];
    let row = |(p, spread): &(f64, Spread)| {
        let said = predicted.iter().find(|(at, _)| at == p).map(|(_, f)| *f);
        let all = [Some(*p), spread.median, spread.q25, spread.q75, said];
        all[..columns.len()].iter().map(|&value| Cell::from(value)).collect()
    };
    Table {
        columns: columns.iter().map(|&(key, title)| Column::new(key, title)).collect(),
        rows: points.iter().map(row).collect(),
    }
}
