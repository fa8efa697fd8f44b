//! What a budget of replay buys: the least predicted old-task loss by budget, beside the usual schedules.

use super::number::{percent, short};
use super::panel::*;
use super::range;
use super::{Cell, Column, Figure, Table};

/// What one budget comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bought {
    /// Mean replay fraction allowed, above 0 up to 1.
    pub budget: f64,
    /// The objective under the best schedule; `None` where none keeps the bound on the new task.
    pub best: Option<f64>,
    /// New-task loss at the end, and replay spent, of that schedule.
    pub id_end: Option<f64>,
    pub spent: Option<f64>,
    /// The objective under uniform replay.
    pub uniform: Option<f64>,
}

/// One objective over budgets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParetoFront {
    /// E.g. "at the end"; short, because panels are narrow.
    pub objective: String,
    /// Key in the table, e.g. `end`.
    pub key: String,
    /// By rising budget.
    pub budgets: Vec<Bought>,
    /// Front-loaded, back-loaded and periodic replay at the chosen budget.
    pub references: [Option<f64>; 3],
}

/// What the figure is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pareto {
    pub fronts: Vec<ParetoFront>,
    /// The budget of the reference schedules.
    pub budget: f64,
    pub reference: bool,
}

/// Losses below this are drawn at it.
const FLOOR: f64 = 1e-12;

const REFERENCES: [(&str, &str, Marker, bool); 3] = [
    ("front-loaded", "front_loaded", Marker::Square, true),
    ("back-loaded", "back_loaded", Marker::Triangle, true),
    ("periodic", "periodic", Marker::Square, false),
];

impl Pareto {
    /// The figure `pareto`.
    pub fn figure(&self) -> Figure {
        let panels: Vec<Panel> = self.fronts.iter().map(|front| self.panel(front)).collect();
        Figure {
            id: "pareto".to_owned(),
            title: "What a budget of replay buys".to_owned(),
            summary: self.summary(),
            reference: self.reference,
            panels: if panels.is_empty() { vec![self.panel(&ParetoFront::default())] } else { panels },
            table: self.table(),
            notes: vec![
                "Solid: the least old-task loss that the kernel predicts under each budget; dashed: uniform replay."
                    .to_owned(),
                format!(
                    "At {}: hollow square front-loaded, hollow triangle back-loaded, full square periodic; these keep no \
                     bound on the new task.",
                    percent(self.budget)
                ),
            ],
        }
    }

    fn known(&self) -> impl Iterator<Item = f64> + Clone + '_ {
        let of = |front: &'_ ParetoFront| {
            let budgets: Vec<f64> = front.budgets.iter().flat_map(|b| [b.best, b.uniform]).flatten().collect();
            budgets.into_iter().chain(front.references.into_iter().flatten())
        };
        self.fronts.iter().flat_map(of).filter(|value| value.is_finite())
    }

    fn budgets(&self) -> impl Iterator<Item = f64> + Clone + '_ {
        let of = |front: &'_ ParetoFront| front.budgets.iter().map(|bought| bought.budget).collect::<Vec<f64>>();
        self.fronts.iter().flat_map(of).chain([self.budget]).filter(|budget| *budget > 0.0 && budget.is_finite())
    }

    fn panel(&self, front: &ParetoFront) -> Panel {
        let y = range::decades(self.known(), FLOOR);
        let (low, high) = (self.budgets().fold(f64::INFINITY, f64::min), self.budgets().fold(0.0, f64::max));
        let (low, high) = if low < high { (low, high) } else { (1e-3, 1.0) };
        let mut x = Axis::plain("mean replay fraction allowed, %", Scale::Log, [100.0 * low, 100.0 * high]);
        x.segments[0].ticks = front
            .budgets
            .iter()
            .filter(|bought| bought.budget > 0.0)
            .map(|bought| Tick {
                value: 100.0 * bought.budget,
                label: short(100.0 * bought.budget),
                strong: bought.budget == self.budget,
            })
            .collect();
        x.segments[0].inset = [0.8, 0.8];
        let mut panel = Panel::new(x, Axis::plain("predicted old-task loss", Scale::Log, y));
        panel.title = Some(front.objective.clone());
        let place = |budget: f64| Place { segment: 0, x: 100.0 * budget };
        panel.setting = Some(self.budget).filter(|budget| *budget > 0.0).map(place);
        let point = |budget: f64, value: Option<f64>, marked: bool, hollow: bool| Point {
            at: place(budget),
            median: value.filter(|value| value.is_finite()).map(|value| value.clamp(y[0], y[1])),
            band: None,
            marked,
            hollow,
        };
        let series = |name: &str, role, dash, marker, points: Vec<Point>| Series {
            name: name.to_owned(),
            detail: None,
            naming: Naming::Panel,
            role,
            dash,
            marker: Some(marker),
            points,
        };
        // No replay at all has no place on a logarithmic axis; the table has it.
        let drawn = || front.budgets.iter().filter(|bought| bought.budget > 0.0);
        let best = drawn().map(|b| point(b.budget, b.best, true, false)).collect();
        let uniform = drawn().map(|b| point(b.budget, b.uniform, false, false)).collect();
        panel.series.push(series("uniform", Role::Before, Dash::Dashed, Marker::Circle, uniform));
        panel.series.push(series("prescribed", Role::OldTask, Dash::Solid, Marker::Circle, best));
        for ((name, _, marker, hollow), value) in REFERENCES.into_iter().zip(front.references) {
            let value = value.filter(|_| self.budget > 0.0);
            let points = vec![point(self.budget, value, true, hollow)];
            panel.series.push(series(name, Role::Now, Dash::Solid, marker, points));
        }
        panel.series.retain(|series| series.points.iter().any(|point| point.median.is_some()));
        if panel.series.is_empty() {
            panel.empty = Some("no schedule found".to_owned());
        }
        panel
    }

    fn summary(&self) -> String {
        let at = |front: &ParetoFront| {
            let bought = front.budgets.iter().find(|bought| bought.budget == self.budget)?;
            Some(format!("{}, {} against {}", front.objective, short(bought.best?), short(bought.uniform?)))
        };
        let said: Vec<String> = self.fronts.iter().filter_map(at).collect();
        if said.is_empty() {
            return "No schedule has been prescribed yet.".to_owned();
        }
        format!(
            "With {} of replay, the prescribed schedule’s predicted old-task loss against that of uniform replay: {}.",
            percent(self.budget),
            said.join("; ")
        )
    }

    fn table(&self) -> Table {
        let columns = [
            ("objective", "objective"),
            ("way", "way"),
            ("budget", "budget"),
            ("old_task_loss", "old-task loss"),
            ("id_loss_at_end", "ID loss at the end"),
            ("replay_spent", "replay spent"),
        ];
        let mut rows = Vec::new();
        for front in &self.fronts {
            let mut row = |way: &str, budget: f64, rest: [Option<f64>; 3]| {
                let mut row = vec![Cell::from(front.key.as_str()), Cell::from(way), Cell::from(budget)];
                row.extend(rest.map(Cell::from));
                rows.push(row);
            };
            for bought in &front.budgets {
                row("prescribed", bought.budget, [bought.best, bought.id_end, bought.spent]);
                row("uniform", bought.budget, [bought.uniform, None, Some(bought.budget)]);
            }
            for ((_, key, ..), value) in REFERENCES.into_iter().zip(front.references) {
                row(key, self.budget, [value, None, Some(self.budget)]);
            }
        }
        Table { columns: columns.map(|(key, title)| Column::new(key, title)).to_vec(), rows }
    }
}
