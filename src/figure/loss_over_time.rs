//! Loss over steps, pre-training and fine-tuning side by side on one logarithmic y axis.

use super::number::{count, seeds, short};
use super::panel::*;
use super::range::{self, Spread};
use super::{Cell, Column, Figure, Table};
use serde::{Deserialize, Serialize};

/// The two phases of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    PreTraining,
    FineTuning,
}

/// Losses at the checkpoints of one phase, over seeds. Each curve has one value per step; a
/// shorter one ends early (the run goes on), an empty one is not drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PhaseLosses {
    /// Steps, increasing. Step 0 is in the table only: a logarithmic axis has no place for it.
    pub steps: Vec<usize>,
    /// X2, its label unchanged.
    pub old_task: Vec<Spread>,
    /// X1 with its new label.
    pub new_task: Vec<Spread>,
    /// X1 with its old label; empty where the world has none.
    pub overwritten: Vec<Spread>,
}

/// One seed's old-task and new-task loss, on the steps of both phases.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SeedLosses {
    /// E.g. "seed 3".
    pub name: String,
    /// Pre-training, then fine-tuning.
    pub old_task: [Vec<f64>; 2],
    pub new_task: [Vec<f64>; 2],
}

/// Seeds that blew up, and the first step at which one did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Divergence {
    pub phase: Phase,
    pub first_step: usize,
    pub seeds: usize,
}

/// What the figure is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LossOverTime {
    pub pre_training: PhaseLosses,
    pub fine_tuning: PhaseLosses,
    /// Fine-tuning as the kernel predicts it, by the median over seeds; empty where it was not asked.
    pub predicted: PhaseLosses,
    /// Steps that each phase will have when it is done, so that axes stand still meanwhile; the
    /// last measured step where that is larger.
    pub planned_steps: [usize; 2],
    /// The scrubbed moment.
    pub playhead: Option<(Phase, usize)>,
    /// Fine-tuning met its stop rule here (median over seeds).
    pub stopped_at: Option<usize>,
    pub divergence: Option<Divergence>,
    pub trace: Option<SeedLosses>,
    /// Every seed, where all are to be seen; their old-task losses are drawn.
    pub everyone: Vec<SeedLosses>,
    /// New tasks that fine-tuning teaches one after the other; 0 is one, too.
    pub new_tasks: usize,
    /// Number of seeds behind the medians.
    pub seeds: usize,
    pub reference: bool,
}

/// Losses below this are drawn at it: nothing the experiments say happens there.
const FLOOR: f64 = 1e-12;

static KINDS: [(Role, &str, Dash, Option<Marker>); 3] = [
    (Role::OldTask, "old task", Dash::Solid, Some(Marker::Circle)),
    (Role::NewTask, "new task", Dash::Dashed, Some(Marker::Square)),
    (Role::Overwritten, "overwritten", Dash::Dotted, None),
];

impl PhaseLosses {
    fn of(&self, role: Role) -> &[Spread] {
        match role {
            Role::OldTask => &self.old_task,
            Role::NewTask => &self.new_task,
            _ => &self.overwritten,
        }
    }

    fn at(&self, role: Role, i: usize) -> Spread {
        self.of(role).get(i).copied().unwrap_or_default().checked()
    }

    fn last(&self, role: Role) -> Option<f64> {
        (0..self.steps.len()).rev().find_map(|i| self.at(role, i).median)
    }
}

impl LossOverTime {
    /// The figure `loss-over-time`.
    pub fn figure(&self) -> Figure {
        let [low, high] = self.y_range();
        let mut notes =
            vec![format!("Loss is squared error. Lines: medians; bands: the middle half of {}.", seeds(self.seeds))];
        if self.new_tasks > 1 {
            let tasks = count(self.new_tasks);
            notes.push(format!("The new task is the one in hand: {tasks} in turn, with equal parts of the steps."));
        }
        if !self.everyone.is_empty() {
            notes.push("Thin lines: the old task on every seed.".to_owned());
        }
        if !self.predicted.steps.is_empty() {
            notes.push("Dotted, with triangles: predicted by the kernel before the first step.".to_owned());
        }
        if self.spreads().any(|s| s.median.or(s.q25).is_some_and(|v| v < low)) {
            notes.push(format!("Losses below {} are drawn on the bottom line.", short(low)));
        }
        Figure {
            id: "loss-over-time".to_owned(),
            title: "Loss over time".to_owned(),
            summary: self.summary(),
            reference: self.reference,
            panels: vec![self.panel([low, high])],
            table: self.table(),
            notes,
        }
    }

    fn phases(&self) -> [(&PhaseLosses, &'static str); 2] {
        [(&self.pre_training, "pre-training"), (&self.fine_tuning, "fine-tuning")]
    }

    /// What is told: without what is overwritten where nothing is.
    fn kinds(&self) -> &'static [(Role, &'static str, Dash, Option<Marker>)] {
        let is_there = self.phases().iter().any(|(phase, _)| !phase.overwritten.is_empty());
        if is_there { &KINDS } else { &KINDS[..2] }
    }

    fn spreads(&self) -> impl Iterator<Item = Spread> + Clone + '_ {
        self.phases().into_iter().flat_map(|(phase, _)| {
            KINDS.into_iter().flat_map(move |(role, ..)| {
                let drawn = (0..phase.steps.len()).filter(|i| phase.steps[*i] > 0);
                drawn.map(move |i| phase.at(role, i))
            })
        })
    }

    /// Whole decades around the medians; bands may reach one decade further.
    fn y_range(&self) -> [f64; 2] {
        let medians = self.spreads().filter_map(|s| s.median).filter(|v| *v > 0.0);
        let low = medians.clone().fold(f64::INFINITY, f64::min) / 10.0;
        let high = medians.clone().fold(0.0, f64::max) * 10.0;
        let bands = self.spreads().filter_map(Spread::band).flatten();
        let bands = bands.filter(|v| *v > 0.0).map(move |v| v.clamp(low.min(high), high));
        range::decades(medians.chain(bands), FLOOR)
    }

    fn panel(&self, y: [f64; 2]) -> Panel {
        let mut panel = Panel::new(self.x_axis(), Axis::plain("loss", Scale::Log, y));
        for (role, name, dash, marker) in KINDS {
            let points = self.points(role);
            if points.iter().all(|p| p.median.is_none()) {
                continue;
            }
            let last = self.fine_tuning.last(role).or_else(|| self.pre_training.last(role));
            panel.series.push(Series {
                name: name.to_owned(),
                detail: last.map(short),
                naming: Naming::End,
                role,
                dash,
                marker,
                points,
            });
        }
        for (role, name, ..) in &KINDS[..2] {
            let points = self.predicted_points(*role, y);
            if !points.is_empty() {
                panel.series.push(Series {
                    name: format!("{name}, predicted"),
                    detail: None,
                    naming: Naming::Panel,
                    role: *role,
                    dash: Dash::Dotted,
                    marker: Some(Marker::Triangle),
                    points,
                });
            }
        }
        if panel.series.is_empty() {
            panel.empty = Some("no losses yet".to_owned());
        }
        panel.traces = self.everyone.iter().map(|seed| self.trace_of(seed, Role::OldTask, true)).collect();
        let roles = [Role::OldTask, Role::NewTask];
        panel.traces.extend(self.trace.iter().flat_map(|seed| roles.map(|role| self.trace_of(seed, role, false))));
        panel.flags = self.flags();
        panel.playhead = self.playhead.map(|(phase, step)| place(phase, step));
        panel
    }

    fn x_axis(&self) -> Axis {
        let segments = self.phases().into_iter().enumerate().map(|(i, (phase, title))| {
            let last = phase.steps.last().copied().unwrap_or(0).max(self.planned_steps[i]).max(2);
            let decades = powers_of_ten().take_while(|step| *step < last);
            let ticks =
                decades.chain([last]).map(|step| Tick { value: step as f64, label: count(step), strong: false });
            Segment {
                title: Some(title.to_owned()),
                strong: i == 1,
                scale: Scale::Log,
                min: 1.0,
                max: last as f64,
                share: [0.45, 0.55][i],
                ticks: ticks.collect(),
                inset: [[0.0, 0.5], [0.5, 0.0]][i],
            }
        });
        Axis { label: "step, log axis in each phase".to_owned(), segments: segments.collect(), join: Join::Divider }
    }

    fn points(&self, role: Role) -> Vec<Point> {
        let mut points = Vec::new();
        for (segment, (phase, _)) in self.phases().into_iter().enumerate() {
            let drawn = (0..phase.steps.len()).filter(|i| phase.steps[*i] > 0);
            let marked = marked_steps(&phase.steps);
            points.extend(drawn.map(|i| {
                let spread = phase.at(role, i);
                Point {
                    at: Place { segment, x: phase.steps[i] as f64 },
                    median: spread.median,
                    band: spread.band(),
                    marked: marked.contains(&i),
                    hollow: false,
                }
            }));
        }
        points
    }

    /// A prediction beyond the axes, which are made for what was measured, is drawn at their ends.
    fn predicted_points(&self, role: Role, [low, high]: [f64; 2]) -> Vec<Point> {
        let phase = &self.predicted;
        let marked = marked_steps(&phase.steps);
        let drawn = (0..phase.steps.len()).filter(|i| phase.steps[*i] > 0);
        let point = |i: usize| Point {
            at: Place { segment: 1, x: phase.steps[i] as f64 },
            median: phase.at(role, i).median.map(|v| v.clamp(low, high)),
            band: None,
            marked: marked.contains(&i),
            hollow: true,
        };
        drawn.map(point).collect()
    }

    fn trace_of(&self, seed: &SeedLosses, role: Role, faint: bool) -> Trace {
        let losses = if role == Role::OldTask { &seed.old_task } else { &seed.new_task };
        let points = self.phases().into_iter().enumerate().flat_map(|(segment, (phase, _))| {
            let values = phase.steps.iter().zip(&losses[segment]).filter(|(step, loss)| **step > 0 && loss.is_finite());
            values.map(move |(step, loss)| (Place { segment, x: *step as f64 }, *loss))
        });
        Trace { name: seed.name.clone(), role, faint, points: points.collect() }
    }

    fn flags(&self) -> Vec<Flag> {
        let stopped = self.stopped_at.map(|step| Flag {
            at: place(Phase::FineTuning, step),
            label: format!("stopped at {}", count(step)),
            cross: false,
        });
        let diverged = self.divergence.map(|d| Flag {
            at: place(d.phase, d.first_step),
            label: format!("{} of {} blew up", d.seeds, self.seeds.max(d.seeds)),
            cross: true,
        });
        stopped.into_iter().chain(diverged).collect()
    }

    fn summary(&self) -> String {
        let change = |role: Role, name: &str| {
            let before = self.pre_training.last(role)?;
            let after = self.fine_tuning.last(role)?;
            let verb = match after.total_cmp(&before) {
                std::cmp::Ordering::Greater => "rose",
                std::cmp::Ordering::Less => "fell",
                std::cmp::Ordering::Equal => "stayed",
            };
            Some(format!("{name} loss {verb} from {} to {}", short(before), short(after)))
        };
        match (change(Role::OldTask, "old-task"), change(Role::NewTask, "new-task")) {
            (Some(old), Some(new)) => {
                format!("In fine-tuning, the median {old}, and the {new}.")
            }
            (Some(one), None) | (None, Some(one)) => format!("In fine-tuning, the median {one}."),
            (None, None) => match self.pre_training.last(Role::OldTask) {
                Some(loss) => format!("In pre-training, the old-task loss reached {}.", short(loss)),
                None => "No loss has been measured yet.".to_owned(),
            },
        }
    }

    fn table(&self) -> Table {
        let mut columns = vec![Column::new("phase", "phase"), Column::new("step", "step")];
        for (role, name, ..) in self.kinds() {
            for (key, title) in [("median", "median"), ("q25", "q25"), ("q75", "q75")] {
                columns.push(Column::new(format!("{}_{key}", role.key()), format!("{name}, {title}")));
            }
        }
        let is_predicted = !self.predicted.steps.is_empty();
        if is_predicted {
            for (role, name, ..) in &KINDS[..2] {
                columns.push(Column::new(format!("{}_predicted", role.key()), format!("{name}, predicted")));
            }
        }
        let mut rows = Vec::new();
        for (phase, name) in self.phases() {
            for (i, step) in phase.steps.iter().enumerate() {
                let mut row = vec![Cell::from(name), Cell::from(*step)];
                for (role, ..) in self.kinds() {
                    let spread = phase.at(*role, i);
                    row.extend([spread.median, spread.q25, spread.q75].map(Cell::from));
                }
                if is_predicted {
                    let known = self.predicted.steps.iter().position(|at| at == step);
                    let known = known.filter(|_| std::ptr::eq(phase, &self.fine_tuning));
                    let said = |role| known.and_then(|i| self.predicted.at(role, i).median);
                    row.extend(KINDS[..2].iter().map(|(role, ..)| Cell::from(said(*role))));
                }
                rows.push(row);
            }
        }
        Table { columns, rows }
    }
}

fn place(phase: Phase, step: usize) -> Place {
    // Step 0 stands where its phase begins.
    Place { segment: phase as usize, x: step.max(1) as f64 }
}

fn powers_of_ten() -> impl Iterator<Item = usize> {
    (0..).map_while(|d| 10usize.checked_pow(d))
}

/// Which checkpoints carry a marker: the ones nearest to powers of ten, and the last.
fn marked_steps(steps: &[usize]) -> Vec<usize> {
    let last = steps.last().copied().unwrap_or(0);
    let wanted = powers_of_ten().take_while(|w| w.saturating_mul(2) <= last);
    let nearest = |wanted: usize| {
        let distance = |i: &usize| {
            let ratio = steps[*i].max(1) as f64 / wanted as f64;
            (ratio.max(1.0 / ratio) * 1e6) as u64
        };
        (0..steps.len()).filter(|i| steps[*i] > 0).min_by_key(distance)
    };
    wanted.filter_map(nearest).chain(steps.len().checked_sub(1)).collect()
}
