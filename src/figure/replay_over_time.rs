//! Old-task loss over the steps of fine-tuning at several replay fractions: predicted beside trained.

use super::number::{percent, short};
use super::panel::*;
use super::range;
use super::spectrum::decades;
use super::{Cell, Column, Figure, Table};

/// One constant replay fraction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReplayCourse {
    /// Replay fraction p, 0 to 1.
    pub replay: f64,
    /// Step and old-task loss as the kernel predicts it, by rising step.
    pub predicted: Vec<(usize, f64)>,
    /// The same as trained; empty where that was not asked.
    pub measured: Vec<(usize, f64)>,
}

/// What the figure is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReplayOverTime {
    /// By rising p.
    pub courses: Vec<ReplayCourse>,
    /// The p that the other figures show.
    pub current: Option<f64>,
    pub reference: bool,
}

/// Losses below this are drawn at it.
const FLOOR: f64 = 1e-12;
/// A curve leaves the plot where it is this many times above the largest trained loss: beyond it, nothing is told apart.
const ABOVE: f64 = 100.0;

impl ReplayOverTime {
    /// The figure `replay-over-time`.
    pub fn figure(&self) -> Figure {
        let [low, high] = self.y_range();
        let last = self.steps().last().copied().unwrap_or_default().max(2);
        let mut x = Axis::plain("step of fine-tuning, log axis", Scale::Log, [1.0, last as f64]);
        x.segments[0].ticks = decades(last);
        let mut panel = Panel::new(x, Axis::plain("old-task loss", Scale::Log, [low, high]));
        let is_measured = self.courses.iter().any(|course| !course.measured.is_empty());
        let title = if is_measured { "lines: predicted; dotted: trained" } else { "predicted" };
        panel.title = Some(title.to_owned());
        for course in &self.courses {
            let is_current = self.current == Some(course.replay);
            let role = if is_current { Role::OldTask } else { Role::Before };
            let inside = |loss: f64| loss.is_finite().then_some(loss.clamp(low, high));
            let line = |told: &[(usize, f64)], name: String, naming, dash, marker, is_marked: bool| {
                let marked = if is_marked { marked(told) } else { Vec::new() };
                let point = |(place, &(step, loss)): (usize, &(usize, f64))| Point {
                    at: Place { segment: 0, x: step as f64 },
                    median: inside(loss),
                    band: None,
                    marked: marked.contains(&place),
                    hollow: true,
                };
                let points: Vec<Point> =
                    told.iter().enumerate().filter(|(_, (step, _))| *step > 0).map(point).collect();
                Series { name, detail: None, naming, role, dash, marker, points }
            };
            let name = format!("p = {}", percent(course.replay));
            let trained = format!("{name}, trained");
            if !course.predicted.is_empty() {
                panel.series.push(line(&course.predicted, name, Naming::End, Dash::Solid, None, false));
            }
            if !course.measured.is_empty() {
                let marker = Some(Marker::Circle);
                panel.series.push(line(&course.measured, trained, Naming::Panel, Dash::Dotted, marker, true));
            }
        }
        if panel.series.is_empty() {
            panel.empty = Some("nothing predicted".to_owned());
        }
        let mut notes = vec!["Loss is squared error on test points, of one network.".to_owned()];
        if is_measured {
            notes.push("Lines: predicted by the kernel before the first step. Dotted, with rings: trained.".to_owned());
        }
        Figure {
            id: "replay-over-time".to_owned(),
            title: "Old task by replay".to_owned(),
            summary: self.summary(),
            reference: self.reference,
            panels: vec![panel],
            table: self.table(),
            notes,
        }
    }

    /// Every step told, rising.
    fn steps(&self) -> Vec<usize> {
        let told = self.courses.iter().flat_map(|course| course.predicted.iter().chain(&course.measured));
        let mut steps: Vec<usize> = told.map(|(step, _)| *step).collect();
        steps.sort_unstable();
        steps.dedup();
        steps
    }

    fn y_range(&self) -> [f64; 2] {
        let drawn = |told: fn(&ReplayCourse) -> &[(usize, f64)]| {
            let losses = self.courses.iter().flat_map(move |course| told(course).iter());
            losses.filter(|(step, loss)| *step > 0 && loss.is_finite()).map(|(_, loss)| *loss)
        };
        let (predicted, measured) = (drawn(|course| &course.predicted), drawn(|course| &course.measured));
        let most = ABOVE * measured.clone().fold(0.0, f64::max);
        let most = if most > 0.0 { most } else { f64::INFINITY };
        range::decades(predicted.map(|loss| loss.min(most)).chain(measured), FLOOR)
    }

    fn summary(&self) -> String {
        let chosen = self.courses.iter().find(|course| self.current == Some(course.replay)).or(self.courses.first());
        let said = chosen.and_then(|course| {
            let last = |told: &[(usize, f64)]| told.last().copied().filter(|(_, loss)| loss.is_finite());
            let (step, predicted) = last(&course.predicted)?;
            let trained = last(&course.measured).filter(|(at, _)| *at == step);
            let trained = trained.map_or_else(String::new, |(_, loss)| format!(", trained {}", short(loss)));
            Some(format!(
                "At p = {} the old task’s loss after {step} steps is predicted as {}{trained}.",
                percent(course.replay),
                short(predicted)
            ))
        });
        said.unwrap_or_else(|| "Nothing has been predicted yet.".to_owned())
    }

    fn table(&self) -> Table {
        let mut columns = vec![Column::new("step", "step")];
        for course in &self.courses {
            let name = percent(course.replay);
            columns.push(Column::new(format!("predicted_at_{}", course.replay), format!("{name}, predicted")));
            columns.push(Column::new(format!("trained_at_{}", course.replay), format!("{name}, trained")));
        }
        let row = |step: usize| {
            let at = |told: &[(usize, f64)]| told.iter().find(|(at, _)| *at == step).map(|(_, loss)| *loss);
            let losses = self.courses.iter().flat_map(|course| [at(&course.predicted), at(&course.measured)]);
            [Cell::from(step)].into_iter().chain(losses.map(Cell::from)).collect()
        };
        Table { columns, rows: self.steps().into_iter().map(row).collect() }
    }
}

/// Every fourth place, counted from the last.
fn marked(told: &[(usize, f64)]) -> Vec<usize> {
    (0..told.len()).rev().step_by(4).collect()
}
