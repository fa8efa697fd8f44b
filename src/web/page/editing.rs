//! What a visitor's settings do to the state.

use super::elsewhere;
use super::state::{Address, State};
use crate::error::Problem;
use crate::experiments::fields::{FIELDS, Reading, field};
use crate::experiments::limits::Limits;
use crate::experiments::{CheckedSpec, Experiment, Spec};

/// How firmly a text was given to a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edit {
    /// It may still change: under the finger, or letter by letter.
    Passing,
    /// It is what the visitor means.
    Final,
}

impl State {
    /// Takes the text of a control, or notes what is wrong with it; the spec keeps the last good value.
    pub fn edit(&mut self, key: &'static str, text: &str, edit: Edit) {
        match changed(&self.spec, key, text) {
            Ok((spec, others)) => {
                self.errors.retain(|(wrong, _)| *wrong != key);
                self.ask(spec);
                for problem in others {
                    self.notice(format!("Changed with it: {problem}."));
                }
            }
            Err(wrong) if edit == Edit::Final => {
                self.errors.retain(|(before, _)| *before != key);
                self.errors.push((key, wrong));
            }
            // Half a number is not wrong yet.
            Err(_) => {}
        }
        if edit == Edit::Final {
            self.address = Some(Address::Edit);
        }
    }

    /// Puts another spec before the visitor. What a link said of its result holds for its own spec only.
    pub fn ask(&mut self, spec: CheckedSpec) {
        if spec != self.spec {
            self.spec = spec;
            self.claim = None;
        }
    }

    /// Goes to another experiment and keeps the settings that mean the same there.
    pub fn switch_experiment(&mut self, experiment: Experiment) {
        if experiment == self.spec.experiment {
            // Back from another view it is the entry of the lab that is missing.
            if elsewhere::is_shown() {
                self.address = Some(Address::Push);
            }
            return;
        }
        let (spec, problems) = moved(&self.spec, experiment).repair(&Limits::PAGE);
        self.errors.clear();
        self.ask(spec);
        for problem in problems {
            self.notice(format!("Changed with the experiment: {problem}."));
        }
        self.address = Some(Address::Push);
    }

    /// Adds a line to what the visitor should know, once.
    pub fn notice(&mut self, line: String) {
        if !self.notices.contains(&line) {
            self.notices.push(line);
        }
    }
}

/// The spec with one field read anew, and what else had to change with it; or why not.
fn changed(spec: &CheckedSpec, key: &str, text: &str) -> Result<(CheckedSpec, Vec<Problem>), String> {
    let Some(field) = field(key) else { return Err(format!("Nothing is called {key}.")) };
    let mut asked = Spec::clone(spec);
    if (field.read)(&mut asked, text.trim()) != Reading::Taken {
        return Err(format!("Not taken: write {}.", field.accepted));
    }
    let (checked, problems) = asked.repair(&Limits::PAGE);
    let is_own = |problem: &&Problem| problem.field == field.name || problem.field == "work";
    if let Some(problem) = problems.iter().find(is_own) {
        return Err(format!("Not taken: accepted is {}.", problem.accepted));
    }
    // The batch belongs to the optimiser and stands right below it.
    Ok((checked, problems.into_iter().filter(|problem| problem.field != "batch").collect()))
}

/// A spec under another experiment: what differs from its experiment's defaults goes with it, as far as
/// the other one has a place for it.
fn moved(spec: &Spec, experiment: Experiment) -> Spec {
    let before = Spec::defaults(spec.experiment);
    let mut after = Spec::defaults(experiment);
    for field in FIELDS {
        let text = (field.show)(spec);
        if text != (field.show)(&before) {
            (field.read)(&mut after, &text);
        }
    }
    let default = Spec::defaults(experiment);
    // A sweep has several values and a single run one.
    let swept = experiment.swept();
    if swept.has_widths() && after.widths.len() == 1 {
        after.widths = default.widths;
    } else if !swept.has_widths() && after.widths.len() > 1 {
        after.widths = if after.widths.contains(&64) { vec![64] } else { after.widths[..1].to_vec() };
    }
    if swept.has_fractions() && after.replay.len() == 1 {
        after.replay = default.replay;
        after.schedule.clear();
    } else if !swept.has_fractions() && after.replay.len() > 1 {
        after.replay.truncate(1);
    }
    after
}
