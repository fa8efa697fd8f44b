//! What each of several arms comes to less a common one, pair by pair: a forest plot.

use super::forgetting_map::categories;
use super::number::{short, signed};
use super::panel::{Axis, Cloud, Dash, Marker, Naming, Panel, Place, Point, Role, Scale, Series, Trace};
use super::{Cell, Column, Figure, Table, curves, range};
use crate::stats::Paired;

/// One arm.
#[derive(Clone, Debug, PartialEq)]
pub struct ArmDifference {
    pub name: String,
    /// What it comes to by itself.
    pub value: f64,
    /// Its differences from the common arm, one for each pair.
    pub pairs: Vec<f64>,
    pub difference: Paired,
    /// The p-value, corrected for all arms that are compared; `None` of one that is not.
    pub corrected: Option<f64>,
}

/// What the figure is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PairedDifferences {
    pub id: String,
    pub title: String,
    /// Quantity of the arms' values, and its unit.
    pub measure: String,
    pub unit: String,
    /// The arm from which all differ, and what it comes to; `None` before it was measured.
    pub common: Option<(String, f64)>,
    /// From the top.
    pub arms: Vec<ArmDifference>,
    pub notes: Vec<String>,
}

/// A p-value up to this is told as more than chance.
const LEVEL: f64 = 0.05;

impl PairedDifferences {
    /// The figure: pairs as dots, means as squares, their intervals as lines, the common arm as the line at 0. The squares of
    /// arms whose difference may be chance are hollow.
    pub fn figure(&self) -> Figure {
        let all =
            || self.arms.iter().flat_map(|arm| arm.pairs.iter().copied().chain(ends(arm))).filter_map(range::finite);
        let names = self.arms.iter().rev().map(|arm| (arm.name.clone(), false)).collect();
        let common = self.common.as_ref().map_or("", |(name, _)| name);
        let label = format!("difference from {common}, {}", self.unit);
        let x = Axis::plain(&label, Scale::Linear, curves::padded(all().chain([0.0])));
        let mut panel = Panel::new(x, categories("arm", names));
        panel.setting = Some(at(0.0));
        for (height, arm) in self.arms.iter().rev().enumerate() {
            let y = height as f64;
            panel.clouds.push(Cloud { role: Role::OldTask, xs: arm.pairs.clone(), y });
            panel.series.push(mean(arm, y));
            panel.traces.extend(interval(arm, y));
        }
        if self.arms.is_empty() {
            panel.empty = Some("nothing compared yet".to_owned());
        }
        Figure {
            id: self.id.clone(),
            title: self.title.clone(),
            summary: self.summary(),
            reference: false,
            panels: vec![panel],
            table: self.table(),
            notes: self.notes.clone(),
        }
    }

    fn summary(&self) -> String {
        let Some((common, value)) = self.common.as_ref().filter(|_| !self.arms.is_empty()) else {
            return "Nothing has been compared yet.".to_owned();
        };
        let of_common = format!("{}, {}: {} of {common}", self.measure, self.unit, short(*value));
        let beyond = self.arms.iter().filter(|arm| is_beyond_chance(arm));
        let told: Vec<String> = beyond.map(|arm| format!("{} by {}", arm.name, signed(arm.difference.mean))).collect();
        match told.is_empty() {
            true => format!("{of_common}; no other differs from it by more than chance."),
            false => format!("{of_common}; others differ by more than chance: {}.", told.join(", ")),
        }
    }

    fn table(&self) -> Table {
        let measure = format!("{}, {}", self.measure, self.unit);
        let columns = [
            ("arm", "arm"),
            ("value", measure.as_str()),
            ("difference", "mean difference"),
            ("low", "from (95 %)"),
            ("high", "to (95 %)"),
            ("pairs", "pairs"),
            ("p", "p"),
            ("p_corrected", "p, corrected"),
        ];
        let of_common = self.common.iter().map(|(name, value)| {
            let mut row = vec![Cell::from(name.as_str()), Cell::from(*value)];
            row.resize(columns.len(), Cell::Missing);
            row
        });
        let of_arm = self.arms.iter().map(|arm| {
            let Paired { mean, interval, p_value, n } = arm.difference;
            let [low, high] = [interval.map(|own| own.low), interval.map(|own| own.high)].map(Cell::from);
            let (pairs, corrected) = (Cell::from(n), Cell::from(arm.corrected));
            vec![arm.name.as_str().into(), arm.value.into(), mean.into(), low, high, pairs, p_value.into(), corrected]
        });
        let rows = of_common.chain(of_arm).collect();
        Table { columns: columns.into_iter().map(|(key, title)| Column::new(key, title)).collect(), rows }
    }
}

fn is_beyond_chance(arm: &ArmDifference) -> bool {
    arm.corrected.is_some_and(|p| p <= LEVEL)
}

fn at(x: f64) -> Place {
    Place { segment: 0, x }
}

/// The mean, and the ends of its interval.
fn ends(arm: &ArmDifference) -> impl Iterator<Item = f64> + Clone + use<> {
    let interval = arm.difference.interval;
    [Some(arm.difference.mean), interval.map(|own| own.low), interval.map(|own| own.high)].into_iter().flatten()
}

fn mean(arm: &ArmDifference, y: f64) -> Series {
    let median = range::finite(arm.difference.mean).map(|_| y);
    Series {
        name: arm.name.clone(),
        detail: None,
        naming: Naming::Panel,
        role: Role::Now,
        dash: Dash::Solid,
        marker: Some(Marker::Square),
        points: vec![Point {
            at: at(arm.difference.mean),
            median,
            band: None,
            marked: true,
            hollow: !is_beyond_chance(arm),
        }],
    }
}

fn interval(arm: &ArmDifference, y: f64) -> Option<Trace> {
    let own = arm.difference.interval?;
    let points = vec![(at(own.low), y), (at(own.high), y)];
    // Its arm is named by the axis.
    Some(Trace { name: String::new(), role: Role::Now, faint: false, points })
}
