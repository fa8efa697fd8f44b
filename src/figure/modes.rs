//! Which modes of the kernel do the forgetting: each mode's share of it, and the modes in a table.

use super::number::{count, percent, signed};
use super::panel::*;
use super::range::finite;
use super::spectrum::decades;
use super::{Cell, Column, Figure, Table};

/// One mode.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ModeRow {
    /// From 1, the fastest.
    pub number: usize,
    pub eigenvalue: f64,
    /// Share of the mode that one step learns, 2 eta a.
    pub rate: f64,
    /// Steps that halve what is left of it.
    pub steps_to_half: Option<f64>,
    /// How much of it is to be learned.
    pub excitation: f64,
    /// Its part of the forgetting, in units of the loss.
    pub forgetting: f64,
    /// The same over the whole.
    pub share: Option<f64>,
}

/// What the figure is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Modes {
    /// From the fastest.
    pub modes: Vec<ModeRow>,
    /// Replay fraction p, 0 to 1.
    pub replay: f64,
    /// Predicted forgetting, of which each mode has its share.
    pub forgetting: f64,
    /// Modes that make the old task's outputs within 10 % and within 1 % of their change.
    pub needed: [usize; 2],
    pub reference: bool,
}

impl Modes {
    /// The figure `modes`.
    pub fn figure(&self) -> Figure {
        let last = self.modes.last().map_or(2, |mode| mode.number.max(2));
        let mut x = Axis::plain("number of the mode, fastest first", Scale::Log, [1.0, last as f64]);
        x.segments[0].ticks = decades(last);
        x.segments[0].inset = [0.8, 0.8];
        let shares: Vec<Option<f64>> = self.modes.iter().map(|mode| mode.share.and_then(finite)).collect();
        let mut sum = 0.0;
        let sums: Vec<Option<f64>> = shares
            .iter()
            .map(|share| {
                sum += share.unwrap_or_default();
                share.map(|_| sum)
            })
            .collect();
        let known = || shares.iter().chain(&sums).flatten().copied();
        let (low, high) = (known().fold(0.0, f64::min), known().fold(1.0, f64::max));
        let margin = 0.08 * (high - low);
        let y = [if low < 0.0 { 100.0 * (low - margin) } else { 0.0 }, 100.0 * (high + margin)];
        let mut panel = Panel::new(x, Axis::plain("share of the forgetting, %", Scale::Linear, y));
        panel.axis_at_zero = true;
        if known().next().is_none() {
            panel.empty = Some("nothing is forgotten".to_owned());
        } else {
            panel.series = vec![self.together(&sums), self.each(&shares)];
        }
        Figure {
            id: "modes".to_owned(),
            title: "Who does the forgetting".to_owned(),
            summary: self.summary(),
            reference: self.reference,
            panels: vec![panel],
            table: self.table(),
            notes: vec![format!(
                "Modes of the kernel at p = {}: shares of the predicted old-task loss at the end less that at the start. A \
                 mode below zero lowers the loss.",
                percent(self.replay)
            )],
        }
    }

    /// Points by themselves: a line between modes would say that there is something between them.
    fn each(&self, shares: &[Option<f64>]) -> Series {
        let gap = |number: f64| point(number, None, false);
        let alone = |(mode, share): (&ModeRow, &Option<f64>)| {
            let number = mode.number as f64;
            [point(number, *share, true), gap(number)]
        };
        Series {
            name: "each mode".to_owned(),
            detail: None,
            naming: Naming::Above,
            role: Role::OldTask,
            dash: Dash::Solid,
            marker: Some(Marker::Circle),
            points: self.modes.iter().zip(shares).flat_map(alone).collect(),
        }
    }

    fn together(&self, sums: &[Option<f64>]) -> Series {
        Series {
            name: "so far together".to_owned(),
            detail: None,
            naming: Naming::Below,
            role: Role::Before,
            dash: Dash::Dashed,
            marker: None,
            points: self.modes.iter().zip(sums).map(|(mode, sum)| point(mode.number as f64, *sum, false)).collect(),
        }
    }

    fn summary(&self) -> String {
        let share = |mode: &ModeRow| Some((mode.number, mode.share.and_then(finite)?));
        let largest = self.modes.iter().filter_map(share).max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
        let (Some((number, share)), Some(forgetting)) = (largest, finite(self.forgetting)) else {
            return "No mode of the kernel forgets anything.".to_owned();
        };
        let [most, nearly_all] = self.needed;
        let noun = if most == 1 { "mode moves" } else { "modes move" };
        format!(
            "Mode {number} has {} of the predicted forgetting of {}; {} {noun} the old task’s outputs to within 10\u{a0}%, {} \
             to within 1\u{a0}%.",
            percent(share),
            signed(forgetting),
            count(most),
            count(nearly_all)
        )
    }

    fn table(&self) -> Table {
        let columns = [
            ("mode", "mode"),
            ("eigenvalue", "eigenvalue"),
            ("rate_per_step", "rate per step"),
            ("steps_to_half", "steps to half"),
            ("excitation", "excitation"),
            ("forgetting", "forgetting"),
            ("share_of_forgetting", "share"),
        ];
        let row = |mode: &ModeRow| {
            let mut row = vec![Cell::from(mode.number)];
            row.extend([mode.eigenvalue, mode.rate].map(Cell::from));
            row.push(mode.steps_to_half.into());
            row.extend([mode.excitation, mode.forgetting].map(Cell::from));
            row.push(mode.share.into());
            row
        };
        Table {
            columns: columns.map(|(key, title)| Column::new(key, title)).to_vec(),
            rows: self.modes.iter().map(row).collect(),
        }
    }
}

fn point(number: f64, share: Option<f64>, marked: bool) -> Point {
    let at = Place { segment: 0, x: number };
    Point { at, median: share.map(|share| 100.0 * share), band: None, marked, hollow: false }
}
