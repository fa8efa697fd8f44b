//! Forgetting against the loss on the new task: the front that early stopping traces, and what mitigations make of it.

use super::number::{seeds, short};
use super::panel::*;
use super::range;
use super::{Cell, Column, Figure, Spread, Table};

/// One way of fine-tuning along the levels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrontLine {
    /// As links write it, e.g. "ewc@0.1".
    pub name: String,
    /// Forgetting at each level, over the seeds that reach it.
    pub forgetting: Vec<Spread>,
    /// Whether nine in ten seeds reach the level.
    pub reached: Vec<bool>,
    /// Whether the line is one of those that are named in the plot.
    pub named: bool,
}

/// What the figure is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MitigationFront {
    /// Levels of the ID loss, rising.
    pub levels: Vec<f64>,
    pub plain: FrontLine,
    pub mitigations: Vec<FrontLine>,
    /// The level that the sentence speaks of.
    pub telling: Option<f64>,
    pub seeds: usize,
    pub reference: bool,
}

/// Forgetting below this is drawn at it.
const FLOOR: f64 = 1e-6;

impl MitigationFront {
    /// The figure `mitigation-front`.
    pub fn figure(&self) -> Figure {
        Figure {
            id: "mitigation-front".to_owned(),
            title: "What escapes the front of early stopping".to_owned(),
            summary: self.summary(),
            reference: self.reference,
            panels: vec![self.panel()],
            table: self.table(),
            notes: vec![
                format!(
                    "Thick: plain fine-tuning stopped where it first reaches a new-task loss, with the middle half of {}. \
                     Other lines: mitigations at the same loss; below the thick line they escape the front.",
                    seeds(self.seeds)
                ),
                "A line ends where fewer than nine seeds in ten reach the loss. Gains and forgetting below 1e-6 are drawn \
                 there; the table has every number."
                    .to_owned(),
            ],
        }
    }

    fn lines(&self) -> impl Iterator<Item = &FrontLine> + Clone {
        self.mitigations.iter().chain([&self.plain])
    }

    fn panel(&self) -> Panel {
        let known = || self.lines().flat_map(|line| &line.forgetting).filter_map(|spread| spread.median);
        let y = range::decades(known().map(|value| value.max(FLOOR)), FLOOR);
        let (low, high) = match (self.levels.first(), self.levels.last()) {
            (Some(&low), Some(&high)) if low > 0.0 && low < high => (low, high),
            _ => (1e-3, 1.0),
        };
        let x = Axis::plain("loss on the new task", Scale::Log, [low, high]);
        let mut panel = Panel::new(x, Axis::plain("forgetting", Scale::Log, y));
        panel.setting = self.telling.map(|x| Place { segment: 0, x });
        panel.series = self.lines().map(|line| self.series(line, y)).collect();
        panel.series.retain(|series| series.points.iter().any(|point| point.median.is_some()));
        if panel.series.is_empty() {
            panel.empty = Some("nothing measured yet".to_owned());
        }
        panel
    }

    fn series(&self, line: &FrontLine, y: [f64; 2]) -> Series {
        let is_plain = line.name == self.plain.name;
        let clamp = |value: f64| value.clamp(y[0], y[1]);
        let point = |(k, &x): (usize, &f64)| {
            let spread = line.forgetting.get(k).copied().unwrap_or(Spread::MISSING).checked();
            let there = line.reached.get(k) == Some(&true);
            Point {
                at: Place { segment: 0, x },
                median: spread.median.filter(|_| there).map(clamp),
                band: spread.band().filter(|_| is_plain && there).map(|band| band.map(clamp)),
                marked: is_plain,
                hollow: false,
            }
        };
        Series {
            name: line.name.clone(),
            detail: None,
            naming: if is_plain || line.named { Naming::End } else { Naming::Panel },
            role: match (is_plain, line.named) {
                (true, _) => Role::Now,
                (_, true) => Role::OldTask,
                _ => Role::Before,
            },
            dash: if is_plain { Dash::Solid } else { Dash::Dashed },
            marker: is_plain.then_some(Marker::Circle),
            points: self.levels.iter().enumerate().map(point).collect(),
        }
    }

    fn summary(&self) -> String {
        let Some(level) = self.telling.and_then(|telling| self.levels.iter().position(|&level| level == telling))
        else {
            return "No mitigation has been compared yet.".to_owned();
        };
        let at = |line: &FrontLine| line.forgetting.get(level).and_then(|spread| spread.median);
        let below =
            self.mitigations.iter().filter(|line| line.reached.get(level) == Some(&true) && at(line) < at(&self.plain));
        format!(
            "At a new-task loss of {}, plain fine-tuning forgets {}; {} of {} mitigations that get there have a lower median.",
            short(self.levels[level]),
            at(&self.plain).map_or_else(|| "an unknown amount".to_owned(), short),
            below.count(),
            self.mitigations.iter().filter(|line| line.reached.get(level) == Some(&true)).count(),
        )
    }

    fn table(&self) -> Table {
        let columns = [
            ("way", "way"),
            ("id_loss", "ID loss"),
            ("forgetting", "forgetting"),
            ("q25", "q25"),
            ("q75", "q75"),
            ("reached", "reached by nine in ten"),
        ];
        let rows = [&self.plain].into_iter().chain(&self.mitigations).flat_map(|line| {
            self.levels.iter().enumerate().map(|(k, &level)| {
                let spread = line.forgetting.get(k).copied().unwrap_or(Spread::MISSING).checked();
                let reached = if line.reached.get(k) == Some(&true) { "yes" } else { "no" };
                let numbers = [Some(level), spread.median, spread.q25, spread.q75].map(Cell::from);
                [Cell::from(line.name.as_str())].into_iter().chain(numbers).chain([Cell::from(reached)]).collect()
            })
        });
        Table { columns: columns.map(|(key, title)| Column::new(key, title)).to_vec(), rows: rows.collect() }
    }
}
