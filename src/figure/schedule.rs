//! A schedule of replay, and the losses predicted under it beside uniform replay.

use super::number::{percent, short};
use super::panel::*;
use super::range;
use super::{Cell, Column, Figure, Table};

/// Losses predicted under one schedule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScheduleCourse {
    pub old_task: Vec<f64>,
    pub new_task: Vec<f64>,
}

/// What the figure is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schedule {
    /// First step, last step and replay fraction of each segment, in order.
    pub segments: Vec<(usize, usize, f64)>,
    /// The mean fraction over time.
    pub mean: f64,
    /// Steps at which the losses are known, rising; a course that ends early has fewer losses.
    pub steps: Vec<usize>,
    pub scheduled: ScheduleCourse,
    /// The same budget spent evenly.
    pub uniform: ScheduleCourse,
    pub reference: bool,
}

/// Losses below this are drawn at it, and those above its inverse there.
const FLOOR: f64 = 1e-12;

impl Schedule {
    /// The figure `schedule`.
    pub fn figure(&self) -> Figure {
        let panels = vec![self.fractions(), self.losses()];
        Figure {
            id: "schedule".to_owned(),
            title: "Schedule of replay".to_owned(),
            summary: self.summary(),
            reference: self.reference,
            panels,
            table: self.table(),
            notes: vec![format!(
                "Predicted by the kernel before the first step. Dotted: {} of replay all the time, the same budget.",
                percent(self.mean)
            )],
        }
    }

    fn x_axis(&self) -> Axis {
        let last = self.segments.iter().map(|(_, to, _)| *to).chain(self.steps.iter().copied()).max();
        Axis::plain("step of fine-tuning", Scale::Linear, [0.0, last.unwrap_or_default().max(1) as f64])
    }

    fn fractions(&self) -> Panel {
        let highest = self.segments.iter().map(|(_, _, p)| 100.0 * p).fold(100.0 * self.mean, f64::max);
        let y = Axis::plain("", Scale::Linear, [0.0, if highest > 0.0 { 1.08 * highest } else { 1.0 }]);
        let mut panel = Panel::new(self.x_axis(), y);
        panel.title = Some("replay p, %".to_owned());
        let point = |step: usize, p: f64| point(step, Some(100.0 * p));
        let steps = self.segments.iter().flat_map(|&(from, to, p)| [point(from, p), point(to, p)]).collect();
        let ends = self.segments.first().zip(self.segments.last());
        let even =
            ends.map_or_else(Vec::new, |(first, last)| vec![point(first.0, self.mean), point(last.1, self.mean)]);
        panel.series = vec![
            series("uniform", Naming::Panel, Role::Before, Dash::Dotted, even),
            series("schedule", Naming::Panel, Role::Now, Dash::Solid, steps),
        ];
        if self.segments.is_empty() {
            panel.empty = Some("no schedule".to_owned());
        }
        panel
    }

    fn losses(&self) -> Panel {
        let told = [&self.scheduled.old_task, &self.uniform.old_task, &self.scheduled.new_task, &self.uniform.new_task];
        let known = told.iter().flat_map(|losses| losses.iter().copied()).filter(|loss| loss.is_finite());
        let y = range::decades(known.map(|loss| loss.min(1.0 / FLOOR)), FLOOR);
        let mut panel = Panel::new(self.x_axis(), Axis::plain("", Scale::Log, y));
        panel.title = Some("loss".to_owned());
        let line = |losses: &[f64]| {
            let inside = |loss: &f64| loss.is_finite().then_some(loss.clamp(y[0], y[1]));
            self.steps.iter().zip(losses).map(|(&step, loss)| point(step, inside(loss))).collect()
        };
        panel.series = vec![
            series("old task, uniform", Naming::Panel, Role::OldTask, Dash::Dotted, line(told[1])),
            series("new task, uniform", Naming::Panel, Role::NewTask, Dash::Dotted, line(told[3])),
            series("old task", Naming::End, Role::OldTask, Dash::Solid, line(told[0])),
            series("new task", Naming::End, Role::NewTask, Dash::Dashed, line(told[2])),
        ];
        panel.series.retain(|series| series.points.iter().any(|point| point.median.is_some()));
        if panel.series.is_empty() {
            panel.empty = Some("nothing predicted".to_owned());
        }
        panel
    }

    fn summary(&self) -> String {
        let last = |losses: &[f64]| losses.last().copied().filter(|loss| loss.is_finite()).map(short);
        let (Some(own), Some(uniform)) = (last(&self.scheduled.old_task), last(&self.uniform.old_task)) else {
            return "Nothing has been predicted for this schedule.".to_owned();
        };
        format!(
            "The schedule spends {} of replay; the old task’s loss at its end is predicted as {own}, and as {uniform} with the \
             same budget spent evenly.",
            percent(self.mean)
        )
    }

    fn table(&self) -> Table {
        let columns = [
            ("step", "step"),
            ("replay", "p"),
            ("old_task", "old task"),
            ("new_task", "new task"),
            ("old_task_uniform", "old task, uniform"),
            ("new_task_uniform", "new task, uniform"),
        ];
        let row = |(place, &step): (usize, &usize)| {
            let at = |losses: &[f64]| Cell::from(losses.get(place).copied());
            let p = self.segments.iter().find(|(from, to, _)| (*from..*to).contains(&step)).or(self.segments.last());
            vec![
                Cell::from(step),
                Cell::from(p.map(|(_, _, p)| *p)),
                at(&self.scheduled.old_task),
                at(&self.scheduled.new_task),
                at(&self.uniform.old_task),
                at(&self.uniform.new_task),
            ]
        };
        Table {
            columns: columns.map(|(key, title)| Column::new(key, title)).to_vec(),
            rows: self.steps.iter().enumerate().map(row).collect(),
        }
    }
}

fn point(step: usize, median: Option<f64>) -> Point {
    Point { at: Place { segment: 0, x: step as f64 }, median, band: None, marked: false, hollow: false }
}

fn series(name: &str, naming: Naming, role: Role, dash: Dash, points: Vec<Point>) -> Series {
    Series { name: name.to_owned(), detail: None, naming, role, dash, marker: None, points }
}
