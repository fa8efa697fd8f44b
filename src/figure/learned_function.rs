//! The learned function over the two clouds: what the network says now, and what it said
//! before fine-tuning.

use super::number::{seeds, short, signed};
use super::panel::*;
use super::range::finite;
use super::{Cell, Column, Figure, Spread, Table};

/// What the figure is made from. Curves have one value per grid point; a shorter curve ends
/// early, a missing or non-finite value is a gap.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LearnedFunction {
    /// Inputs x, increasing.
    pub grid: Vec<f64>,
    /// Median f(x) over seeds when fine-tuning began; empty while pre-training is shown.
    pub before: Vec<Option<f64>>,
    /// f(x) over seeds at the scrubbed moment.
    pub now: Vec<Spread>,
    /// The name of that curve: "after", or "step 30".
    pub now_name: String,
    /// Whether X1 and X2 are clouds on this line, with one label each: only then is what follows drawn, up to the
    /// labels.
    pub has_clouds: bool,
    /// Some training inputs of X1 and X2 (a few dozen each are enough to see).
    pub x1: Vec<f64>,
    pub x2: Vec<f64>,
    /// Means of the two clouds and the standard deviation of both.
    pub means: [f64; 2],
    pub sd: f64,
    /// Label of X1 in pre-training and in fine-tuning, and the label of X2.
    pub x1_old_label: f64,
    pub x1_new_label: f64,
    pub x2_label: f64,
    /// How X1 gets its new label.
    pub relabelling: Relabelling,
    /// Single seeds: name and f(x).
    pub traces: Vec<(String, Vec<Option<f64>>)>,
    /// f(x) of every seed, where all are to be seen.
    pub everyone: Vec<Vec<Option<f64>>>,
    /// Lowest and highest output of the whole run, so that the axis stands still while the
    /// scrubber moves.
    pub outputs: Option<[f64; 2]>,
    /// Number of seeds behind the medians.
    pub seeds: usize,
    pub reference: bool,
}

/// How X1 gets its new label.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Relabelling {
    /// All of it, at once.
    #[default]
    Whole,
    /// Only up to this place; beyond it the old label stays.
    UpTo(f64),
    /// In equal steps, task by task.
    Gradual,
}

impl Relabelling {
    /// What its words say after both labels.
    fn words(self) -> &'static str {
        match self {
            Self::Whole => "",
            Self::UpTo(_) => ", in part",
            Self::Gradual => ", in steps",
        }
    }
}

impl LearnedFunction {
    /// The figure `learned-function`.
    pub fn figure(&self) -> Figure {
        Figure {
            id: "learned-function".to_owned(),
            title: "Learned function".to_owned(),
            summary: self.summary(),
            reference: self.reference,
            panels: vec![self.panel()],
            table: self.table(),
            notes: vec![format!("Lines: medians; band: the middle half of {}.", seeds(self.seeds))],
        }
    }

    fn panel(&self) -> Panel {
        let (first, last) = match (self.grid.first(), self.grid.last()) {
            (Some(a), Some(b)) if a < b => (*a, *b),
            _ => (self.means[0] - 1.0, self.means[1] + 1.0),
        };
        let name = if self.has_clouds { "input x" } else { "place x on a line through the world" };
        let x = Axis::plain(name, Scale::Linear, [first, last]);
        let mut panel = Panel::new(x, Axis::plain("output f(x)", Scale::Linear, self.y_range()));
        if self.has_clouds {
            self.add_clouds(&mut panel);
        }
        panel.series = self.series();
        panel.traces = self.everyone.iter().map(|f| self.trace("", f)).collect();
        panel.traces.extend(self.traces.iter().map(|(name, f)| self.trace(name, f)));
        if !self.now.iter().any(|s| s.checked().median.is_some()) && self.before.is_empty() {
            panel.empty = Some("nothing learned yet".to_owned());
        }
        panel
    }

    fn add_clouds(&self, panel: &mut Panel) {
        panel.hills = vec![
            Hill { role: Role::NewTask, mean: self.means[0], sd: self.sd },
            Hill { role: Role::OldTask, mean: self.means[1], sd: self.sd },
        ];
        panel.clouds.push(Cloud { role: Role::Overwritten, xs: self.x1.clone(), y: self.x1_old_label });
        if !self.before.is_empty() {
            let border = if let Relabelling::UpTo(border) = self.relabelling { border } else { f64::INFINITY };
            for (y, is_fresh) in [(self.x1_new_label, true), (self.x1_old_label, false)] {
                let mut xs = self.x1.clone();
                xs.retain(|&x| (x <= border) == is_fresh);
                if !xs.is_empty() {
                    panel.clouds.push(Cloud { role: Role::NewTask, xs, y });
                }
            }
        }
        panel.clouds.push(Cloud { role: Role::OldTask, xs: self.x2.clone(), y: self.x2_label });
        panel.gaps = self.gap().into_iter().collect();
        panel.remarks = self.remarks();
    }

    fn series(&self) -> Vec<Series> {
        // The two names sit on the outer sides of the two curves' right ends.
        let last = |curve: &dyn Fn(usize) -> Option<f64>| (0..self.grid.len()).rev().find_map(curve);
        let before_end = last(&|i| self.before_at(i));
        let now_end = last(&|i| self.now_at(i).median);
        let before_above = before_end >= now_end;
        let mut series = Vec::new();
        if before_end.is_some() {
            series.push(Series {
                name: "before".to_owned(),
                detail: None,
                naming: if before_above { Naming::Above } else { Naming::Below },
                role: Role::Before,
                dash: Dash::Dotted,
                marker: None,
                points: self.points(|i| (self.before_at(i), None)),
            });
        }
        if now_end.is_some() {
            series.push(Series {
                name: self.now_name.clone(),
                detail: None,
                naming: if before_above { Naming::Below } else { Naming::Above },
                role: Role::Now,
                dash: Dash::Solid,
                marker: None,
                points: self.points(|i| (self.now_at(i).median, self.now_at(i).band())),
            });
        }
        series
    }

    fn before_at(&self, i: usize) -> Option<f64> {
        self.before.get(i).copied().flatten().and_then(finite)
    }

    fn now_at(&self, i: usize) -> Spread {
        self.now.get(i).copied().unwrap_or_default().checked()
    }

    fn points(&self, value: impl Fn(usize) -> (Option<f64>, Option<[f64; 2]>)) -> Vec<Point> {
        self.grid
            .iter()
            .enumerate()
            .map(|(i, &x)| {
                let (median, band) = value(i);
                Point { at: Place { segment: 0, x }, median, band, marked: false, hollow: false }
            })
            .collect()
    }

    fn trace(&self, name: &str, f: &[Option<f64>]) -> Trace {
        let points = self.grid.iter().zip(f);
        let points = points.filter_map(|(&x, f)| Some((Place { segment: 0, x }, finite((*f)?)?)));
        Trace { name: name.to_owned(), role: Role::Now, faint: name.is_empty(), points: points.collect() }
    }

    /// Labels, curves and the whole run, with room for the hills below the lowest label.
    fn y_range(&self) -> [f64; 2] {
        let n = self.grid.len();
        let curves = (0..n).flat_map(|i| [self.before_at(i), self.now_at(i).median]);
        let bands = (0..n).filter_map(|i| self.now_at(i).band()).flatten();
        let values = curves
            .flatten()
            .chain(bands)
            .chain(self.outputs.into_iter().flatten())
            .chain([self.x1_old_label, self.x1_new_label, self.x2_label].into_iter().filter(|_| self.has_clouds))
            .filter(|v| v.is_finite());
        let low = values.clone().fold(f64::INFINITY, f64::min);
        let high = values.fold(f64::NEG_INFINITY, f64::max);
        if low >= high || !low.is_finite() {
            return [low.clamp(-1e300, 1e300) - 1.0, high.clamp(-1e300, 1e300) + 1.0];
        }
        let span = high - low;
        [low - 0.3 * span, high + 0.16 * span]
    }

    /// Output before and now at the middle of X2.
    fn at_x2(&self) -> Option<(f64, f64)> {
        let x = self.means[1];
        let before = interpolate(&self.grid, x, |i| self.before_at(i))?;
        Some((before, interpolate(&self.grid, x, |i| self.now_at(i).median)?))
    }

    fn gap(&self) -> Option<Gap> {
        let (before, now) = self.at_x2()?;
        let [low, high] = self.y_range();
        let lost = (before - now).abs();
        if lost < 0.02 * (high - low) {
            return None;
        }
        let farther = (now - self.x2_label).abs() > (before - self.x2_label).abs();
        let word = if farther { "lost" } else { "gained" };
        Some(Gap {
            role: Role::OldTask,
            at: Place { segment: 0, x: self.means[1] },
            from: before,
            to: now,
            label: format!("{word} {}", short(lost)),
        })
    }

    fn remarks(&self) -> Vec<Remark> {
        let fine_tuning = !self.before.is_empty();
        let (old, new) = (short(self.x1_old_label), short(self.x1_new_label));
        let (head, role, detail) = if fine_tuning {
            ("X₁, new task", Role::NewTask, format!("label {old} → {new}{}", self.relabelling.words()))
        } else {
            ("X₁", Role::Overwritten, format!("label {old}"))
        };
        let label = short(self.x2_label);
        let kept = if fine_tuning { format!("label stays {label}") } else { format!("label {label}") };
        let remark = |role, x, y, head: &str, detail, above| Remark {
            role,
            at: Place { segment: 0, x },
            y,
            head: head.to_owned(),
            detail: Some(detail),
            above,
        };
        let low_x1 = self.x1_old_label < self.x2_label;
        let x1_y = if low_x1 == (self.x1_new_label < self.x1_old_label) || !fine_tuning {
            self.x1_old_label
        } else {
            self.x1_new_label
        };
        let x2 = if fine_tuning { "X₂, old task" } else { "X₂" };
        vec![
            remark(role, self.means[0], x1_y, head, detail, low_x1),
            remark(Role::OldTask, self.means[1], self.x2_label, x2, kept, !low_x1),
        ]
    }

    fn summary(&self) -> String {
        if !self.has_clouds {
            return "The median output along a line through the world.".to_owned();
        }
        let x2 = short(self.means[1]);
        match self.at_x2() {
            Some((before, now)) => format!(
                "At x = {x2}, the middle of the old task, the median output went from {} to {} \
                 ({}); its label stays {}.",
                short(before),
                short(now),
                signed(now - before),
                short(self.x2_label)
            ),
            None => match interpolate(&self.grid, self.means[1], |i| self.now_at(i).median) {
                Some(now) => format!(
                    "At x = {x2} the median output is {}; the label there is {}.",
                    short(now),
                    short(self.x2_label)
                ),
                None => "The learned function has not been measured yet.".to_owned(),
            },
        }
    }

    fn table(&self) -> Table {
        let columns =
            [("x", "x"), ("before", "before"), ("now", self.now_name.as_str()), ("now_q25", "q25"), ("now_q75", "q75")];
        let rows = self.grid.iter().enumerate().map(|(i, &x)| {
            let now = self.now_at(i);
            [Some(x), self.before_at(i), now.median, now.q25, now.q75].map(Cell::from).to_vec()
        });
        Table { columns: columns.map(|(key, title)| Column::new(key, title)).to_vec(), rows: rows.collect() }
    }
}

/// The curve at `x`, linear between grid points; `None` outside the grid or beside a gap.
fn interpolate(grid: &[f64], x: f64, curve: impl Fn(usize) -> Option<f64>) -> Option<f64> {
    let right = grid.iter().position(|g| *g >= x)?;
    if grid[right] == x {
        return curve(right);
    }
    let left = right.checked_sub(1)?;
    let (a, b) = (curve(left)?, curve(right)?);
    let t = (x - grid[left]) / (grid[right] - grid[left]);
    Some(a + t * (b - a))
}
