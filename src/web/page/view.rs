//! How a run is shown: what links say under their view keys.

use crate::error::Problem;
use crate::experiments::job::checkpoints;
use crate::experiments::{Cell, CheckedSpec};
use crate::figure::loss_over_time::Phase;
use crate::report::views::{Moment, focus};
use crate::web::devices::Choice;

/// What only changes how a run is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct View {
    /// Steps through both phases at which the scrubber stands; `None` is the end, or the newest.
    pub scrubbed: Option<u32>,
    /// The width and branch that the learned function and the losses show.
    pub focus: Option<(u32, usize)>,
    /// The engine to use, if the link or the visitor asks for one.
    pub device: Option<Choice>,
    /// `light` or `dark`, if the link or the visitor asks for one.
    pub theme: Option<String>,
    pub projector: bool,
    pub embedded: bool,
    /// View keys of other builds, handed on as they are.
    pub others: Vec<(String, String)>,
}

impl View {
    /// From the view keys of a link to a run, and what of them it cannot show.
    pub fn read(pairs: &[(String, String)], spec: &CheckedSpec) -> (Self, Vec<Problem>) {
        let (mut view, mut problems) = (Self::default(), Vec::new());
        let (most, places) = (Timeline::of(spec).steps(), spec.branch_count());
        for (key, value) in pairs {
            let mut wrong = |accepted: &str, used: &str| problems.push(Problem::new(key, value, accepted).using(used));
            match key.as_str() {
                "t" => match value.parse().ok().filter(|step| *step <= most) {
                    Some(step) => view.scrubbed = Some(step),
                    None => wrong(&format!("a step of this run, from 0 to {most}"), "its end"),
                },
                "c" => match pair(value).filter(|&cell| has(spec, cell)) {
                    Some(cell) => view.focus = Some(cell),
                    None => wrong(
                        &format!(
                            "a width of this run, a comma, the place of its replay share, from 0 to {}",
                            places - 1
                        ),
                        "the usual one",
                    ),
                },
                "dev" => match Choice::named(value) {
                    Some(choice) => view.device = Some(choice),
                    None => wrong("auto, cpu or gpu", "the usual one"),
                },
                "ui.theme" if value == "light" || value == "dark" => view.theme = Some(value.clone()),
                "ui.theme" => wrong("light or dark", "your own theme"),
                "proj" | "embed" if value != "0" && value != "1" => wrong("0 or 1", "0"),
                "proj" => view.projector = value == "1",
                "embed" => view.embedded = value == "1",
                _ => view.others.push((key.clone(), value.clone())),
            }
        }
        (view, problems)
    }

    /// The view keys of a link to a run, as far as it has what they name.
    pub fn write(&self, spec: &CheckedSpec) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        let mut add = |key: &str, value: Option<String>| pairs.extend(value.map(|value| (key.to_owned(), value)));
        let scrubbed = self.scrubbed.filter(|&step| step <= Timeline::of(spec).steps());
        add("t", scrubbed.map(|step| step.to_string()));
        add("c", self.focus.filter(|&cell| has(spec, cell)).map(|(width, branch)| format!("{width},{branch}")));
        add("dev", self.device.map(|choice| choice.name().to_owned()));
        add("ui.theme", self.theme.clone());
        add("proj", self.projector.then(|| "1".to_owned()));
        add("embed", self.embedded.then(|| "1".to_owned()));
        pairs.extend(self.others.iter().cloned());
        pairs
    }

    /// The cell in focus, or the one that a run shows unasked.
    pub fn cell(&self, spec: &CheckedSpec) -> Cell {
        let asked = self.focus.filter(|&cell| has(spec, cell));
        asked.map_or_else(|| focus(spec), |(width, branch)| Cell { width, branch })
    }
}

/// A width and the index of a branch, as `64,0`.
fn pair(text: &str) -> Option<(u32, usize)> {
    let (width, branch) = text.split_once(',')?;
    Some((width.parse().ok()?, branch.parse().ok()?))
}

/// Whether a run computes this width and branch.
fn has(spec: &CheckedSpec, (width, branch): (u32, usize)) -> bool {
    spec.widths.contains(&width) && branch < spec.branch_count()
}

/// The checkpoints of both phases in one row; the end of pre-training and the start of
/// fine-tuning are one position, since nothing changes between them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Timeline {
    pre_training: Vec<u32>,
    fine_tuning: Vec<u32>,
}

impl Timeline {
    /// The positions of a run.
    pub fn of(spec: &CheckedSpec) -> Self {
        Self { pre_training: checkpoints(spec.pretraining_steps), fine_tuning: checkpoints(spec.fine_tuning_steps) }
    }

    /// The last position.
    pub fn end(&self) -> usize {
        self.pre_training.len() + self.fine_tuning.len() - 2
    }

    /// The position at which pre-training ends.
    pub fn turn(&self) -> usize {
        self.pre_training.len() - 1
    }

    /// What a position is.
    pub fn moment(&self, position: usize) -> Moment {
        match position.min(self.end()).checked_sub(self.pre_training.len()) {
            None => Moment { phase: Phase::PreTraining, checkpoint: position },
            Some(past) => Moment { phase: Phase::FineTuning, checkpoint: past + 1 },
        }
    }

    /// Steps taken in the phase of a moment.
    pub fn step(&self, moment: Moment) -> u32 {
        let steps = if moment.phase == Phase::PreTraining { &self.pre_training } else { &self.fine_tuning };
        steps.get(moment.checkpoint).copied().unwrap_or_default()
    }

    /// Steps through both phases at a position.
    pub fn total(&self, position: usize) -> u32 {
        let moment = self.moment(position);
        let before = if moment.phase == Phase::PreTraining { 0 } else { self.pre_training[self.turn()] };
        before + self.step(moment)
    }

    /// Steps of the whole run.
    pub fn steps(&self) -> u32 {
        self.total(self.end())
    }

    /// The position nearest to a number of steps through both phases.
    pub fn nearest(&self, total: u32) -> usize {
        (0..=self.end()).min_by_key(|&position| self.total(position).abs_diff(total)).unwrap_or(0)
    }

    /// The position nearest to a step of one phase.
    pub fn at(&self, phase: Phase, step: u32) -> usize {
        self.nearest(if phase == Phase::PreTraining { step } else { self.pre_training[self.turn()] + step })
    }
}
