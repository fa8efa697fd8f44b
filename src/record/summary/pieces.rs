//! A summary made in pieces of a few milliseconds each, so that a page can make it between frames.

use super::Summary;
use super::cells::{gap_by_width, summarise};
use super::comparing::Comparing;
use super::left::left_by_replay;
use super::mitigated::{LEVELS, matched};
use super::sequence::sequence;
use super::ways::compare;
use crate::experiments::job::{Cell, cells};
use crate::experiments::{Branch, Goal, Results, Swept};

/// A summary in the making. Every piece reads the results as they are then: while a run goes on, later
/// cells may know a seed more.
pub struct Summarising {
    branches: Vec<Branch>,
    /// Replay fraction of each branch.
    replay: Vec<f64>,
    cells: Vec<Cell>,
    /// Branches to compare widths on; none where there is one width only.
    compared: usize,
    /// The branch without replay, where the experiment asks what replay leaves at each width.
    without: Option<usize>,
    /// Branches whose prediction is compared over the widths.
    gaps: usize,
    /// What ways of spending are judged by.
    goals: &'static [Goal],
    /// Cells whose tasks are told one by one.
    sequences: usize,
    /// Widths and levels at which mitigations are compared.
    matched: Vec<(u32, usize)>,
    made: Summary,
    comparing: Option<Comparing>,
}

impl Summarising {
    /// The summary of such results, with nothing of it made yet.
    pub fn new(results: &Results) -> Self {
        let spec = &results.spec;
        let branches = spec.branches();
        let replay: Vec<f64> = branches.iter().map(|b| b.mean(spec.fine_tuning_steps)).collect();
        let many = spec.widths.len() > 1;
        let without = replay.iter().position(|&p| p == 0.0);
        Self {
            cells: cells(spec),
            compared: if many { replay.len() } else { 0 },
            without: without.filter(|_| many && spec.experiment.swept() == Swept::Both),
            gaps: if many && spec.experiment.predicts() { replay.len() } else { 0 },
            goals: if spec.experiment.prescribes() { &Goal::ALL } else { &[] },
            sequences: if spec.stages() > 1 { cells(spec).len() } else { 0 },
            matched: if spec.experiment.mitigates() {
                spec.widths.iter().flat_map(|&width| (0..LEVELS).map(move |level| (width, level))).collect()
            } else {
                Vec::new()
            },
            made: Summary::default(),
            comparing: None,
            branches,
            replay,
        }
    }

    /// Whether every piece is made.
    pub fn is_done(&self) -> bool {
        self.made.cells.len() == self.cells.len()
            && self.made.comparisons.len() == self.compared
            && self.next_left().is_none()
            && self.made.gap_by_width.len() == self.gaps
            && self.made.goals.len() == self.goals.len()
            && self.made.sequences.len() == self.sequences
            && self.made.matched.len() == self.matched.len()
    }

    /// Makes the next piece: a cell, a comparison, what one replay fraction leaves, or the ways by one goal.
    pub fn advance(&mut self, results: &Results) {
        if let Some(&cell) = self.cells.get(self.made.cells.len()) {
            self.made.cells.push(summarise(results, cell, &self.branches[cell.branch]));
        } else if self.made.comparisons.len() < self.compared {
            let branch = self.made.comparisons.len();
            let comparing = self.comparing.get_or_insert_with(|| Comparing::new(results, branch, self.replay[branch]));
            if comparing.advance() {
                self.made.comparisons.extend(self.comparing.take().and_then(Comparing::finish));
            }
        } else if let Some((without, branch)) = self.next_left() {
            self.made.left_by_replay.push(left_by_replay(results, without, branch, self.replay[branch]));
        } else if self.made.gap_by_width.len() < self.gaps {
            let branch = self.made.gap_by_width.len();
            self.made.gap_by_width.push(gap_by_width(results, branch, self.replay[branch]));
        } else if let Some(&goal) = self.goals.get(self.made.goals.len()) {
            self.made.goals.push(compare(results, goal));
        } else if let Some(&cell) = self.cells[..self.sequences].get(self.made.sequences.len()) {
            self.made.sequences.push(sequence(results, cell, self.replay[cell.branch]));
        } else if let Some(&(width, level)) = self.matched.get(self.made.matched.len()) {
            self.made.matched.push(matched(results, width, level));
        }
    }

    /// The branch without replay and the next one to be compared with it.
    fn next_left(&self) -> Option<(usize, usize)> {
        let without = self.without?;
        let with = (0..self.replay.len()).filter(|&branch| self.replay[branch] > 0.0);
        with.skip(self.made.left_by_replay.len()).map(|branch| (without, branch)).next()
    }

    /// What is made.
    pub fn summary(self) -> Summary {
        self.made
    }
}
