//! Eigenvalues of the weighted kernel against their rank.

use super::number::{count, percent, short};
use super::panel::*;
use super::range;
use super::{Cell, Column, Figure, Table};

/// The eigenvalues at one replay fraction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpectrumAt {
    /// Replay fraction p, 0 to 1.
    pub replay: f64,
    /// From the largest down, without those that are rounding.
    pub eigenvalues: Vec<f64>,
    /// How many equal eigenvalues have the same entropy.
    pub effective_rank: f64,
}

/// What the figure is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spectrum {
    /// By rising p.
    pub fractions: Vec<SpectrumAt>,
    /// The p that the other figures show.
    pub current: Option<f64>,
    /// Examples, with weight or without.
    pub examples: usize,
    pub reference: bool,
}

/// Eigenvalues below this are drawn at it.
const FLOOR: f64 = 1e-18;
const DASHES: [Dash; 2] = [Dash::Dotted, Dash::Dashed];

impl Spectrum {
    /// The figure `spectrum`.
    pub fn figure(&self) -> Figure {
        let all = self.fractions.iter().flat_map(|at| at.eigenvalues.iter().copied().filter(|a| a.is_finite()));
        let y = range::decades(all, FLOOR);
        let longest = self.fractions.iter().map(|at| at.eigenvalues.len()).max().unwrap_or_default();
        let mut x = Axis::plain("number of the eigenvalue", Scale::Log, [1.0, longest.max(2) as f64]);
        x.segments[0].ticks = decades(longest.max(2));
        let mut panel = Panel::new(x, Axis::plain("eigenvalue", Scale::Log, y));
        let mut others = 0;
        for at in self.fractions.iter().filter(|at| !at.eigenvalues.is_empty()) {
            let is_current = self.current == Some(at.replay);
            others += usize::from(!is_current);
            let point = |(place, &a): (usize, &f64)| Point {
                at: Place { segment: 0, x: (place + 1) as f64 },
                median: Some(a).filter(|a| a.is_finite()).map(|a| a.max(y[0])),
                band: None,
                marked: false,
                hollow: false,
            };
            panel.series.push(Series {
                name: format!("p = {}", percent(at.replay)),
                detail: None,
                naming: Naming::End,
                role: if is_current { Role::OldTask } else { Role::Before },
                dash: if is_current { Dash::Solid } else { DASHES[(others - 1) % DASHES.len()] },
                marker: None,
                points: at.eigenvalues.iter().enumerate().map(point).collect(),
            });
        }
        if panel.series.is_empty() {
            panel.empty = Some("no eigenvalue above rounding".to_owned());
        }
        Figure {
            id: "spectrum".to_owned(),
            title: "Spectrum of the kernel".to_owned(),
            summary: self.summary(),
            reference: self.reference,
            panels: vec![panel],
            table: self.table(),
            notes: vec![
                "Eigenvalues of W^½ K W^½, W the weights that p gives the examples; each is the speed of one mode. Those \
                 within rounding of zero are left out."
                    .to_owned(),
            ],
        }
    }

    fn summary(&self) -> String {
        let chosen = self.fractions.iter().find(|at| self.current == Some(at.replay)).or(self.fractions.first());
        let known = chosen.and_then(|at| Some((at, at.eigenvalues.first()?, at.eigenvalues.last()?)));
        let Some((at, first, last)) = known else {
            return "The kernel has no eigenvalue above rounding.".to_owned();
        };
        format!(
            "At p = {}, {} of {} eigenvalues are above rounding, from {} down to {}; their sum is spread as over {} equal \
             ones.",
            percent(at.replay),
            count(at.eigenvalues.len()),
            count(self.examples),
            short(*first),
            short(*last),
            short(at.effective_rank)
        )
    }

    fn table(&self) -> Table {
        let mut columns = vec![Column::new("number", "number")];
        let named = |at: &SpectrumAt| Column::new(format!("eigenvalue_at_{}", at.replay), percent(at.replay));
        columns.extend(self.fractions.iter().map(named));
        let longest = self.fractions.iter().map(|at| at.eigenvalues.len()).max().unwrap_or_default();
        let row = |place: usize| {
            let values = self.fractions.iter().map(|at| Cell::from(at.eigenvalues.get(place).copied()));
            [Cell::from(place + 1)].into_iter().chain(values).collect()
        };
        Table { columns, rows: (0..longest).map(row).collect() }
    }
}

/// Ticks at 1, 10, 100, ... and at the last.
pub(super) fn decades(last: usize) -> Vec<Tick> {
    let powers = (0..).map_while(|d| 10usize.checked_pow(d)).take_while(|power| *power < last);
    let tick = |value: usize| Tick { value: value as f64, label: count(value), strong: false };
    powers.chain([last]).map(tick).collect()
}
