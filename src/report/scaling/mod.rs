//! What runs of the experiment `laws` say, and anyone's own runs: the answer in words, statements, figures.

mod figures;
mod fits;
mod lost;
mod replay;

pub use figures::{figures, figures_of};

use crate::experiments::scaling::{Results, Spec};
use crate::figure::number::{count, short};
use crate::laws::{Found, Intervals, Joint, MOST_FITTED, Observations, Robust, WARM_UP};
use crate::report::Statement;

/// Everything that is said of runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The answer: what forgetting follows, and whether a rank or a stopping point escapes it.
    pub headline: String,
    /// Where the answer comes from.
    pub more: String,
    pub statements: Vec<Statement>,
    pub warnings: Vec<String>,
}

/// Runs, and what was fitted to them.
pub struct Fitted {
    /// After the warm-up, and no more than can be fitted to.
    pub observations: Observations,
    /// Steps that were left out, and how many observations with them.
    pub warm_up: f64,
    pub left_out: usize,
    /// How many observations there were to be fitted to.
    pub before: usize,
    /// Why there is nothing is in words.
    pub found: Result<Found, String>,
}

impl Fitted {
    /// Of observations, those of the warm-up left out.
    pub fn of(all: &Observations, warm_up: f64) -> Self {
        let after = all.after(warm_up);
        let (before, left_out) = (after.len(), all.len() - after.len());
        let observations = after.thinned(MOST_FITTED);
        let found = Found::of(&observations, Robust::Squares, Joint::IfPossible, None);
        Self { observations, warm_up, left_out, before, found: found.map_err(|problems| problems.to_string()) }
    }

    /// Of anyone's runs: the first 50 steps are left out, or of shorter runs as large a share as in the paper.
    pub fn of_anyone(all: &Observations) -> Self {
        let longest = all.different(|row| row.steps).last().copied().unwrap_or(0.0);
        Self::of(all, WARM_UP.min((longest * SHARE).floor()))
    }

    /// Of a run's results.
    pub fn of_results(results: &Results) -> Self {
        Self::of(&Observations::gather(results.observations()), warm_up(&results.spec))
    }
}

/// The share of a run that the paper leaves out: 50 steps of 260.
const SHARE: f64 = WARM_UP / 260.0;

/// Steps that a run's fits leave out.
pub fn warm_up(spec: &Spec) -> f64 {
    (f64::from(spec.steps) * SHARE).floor()
}

/// What a run of the experiment says, complete or not.
pub fn report(results: &Results, fitted: &Fitted, intervals: Option<&Intervals>) -> Report {
    let (ended, all) = (results.ended(), results.cells().len() * results.spec.seeds.len());
    let mut report = told(fitted, intervals);
    report.headline = match ended < all {
        true => format!("So far, on {} of {}: {}", count(ended), runs(all), report.headline),
        false => capitalised(&report.headline),
    };
    report.more = format!(
        "{} of {} ended; losses are means over 32 windows of general text and of held-out {} text. {}",
        count(ended),
        if all == 1 { "1 run has".to_owned() } else { format!("{} have", runs(all)) },
        results.spec.fine_tuning.name(),
        report.more
    );
    let mut statements = lost::statements(results);
    statements.append(&mut report.statements);
    report.statements = statements;
    report.warnings.extend(lost::warnings(results));
    report
}

/// What anyone's runs say.
pub fn of_runs(fitted: &Fitted, intervals: Option<&Intervals>) -> Report {
    let report = told(fitted, intervals);
    Report { headline: capitalised(&report.headline), ..report }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn told(fitted: &Fitted, intervals: Option<&Intervals>) -> Report {
    match &fitted.found {
        Ok(found) => {
            let mut report = fits::report(found, intervals);
            report.statements.extend(replay::statement(&fitted.observations));
            report.more = format!("{}{}", left_out(fitted), report.more);
            report
        }
        Err(why) => Report {
            headline: "there is no law to tell yet.".to_owned(),
            more: String::new(),
            statements: Vec::new(),
            warnings: vec![format!("{}No law was fitted: {why}.", left_out(fitted))],
        },
    }
}

/// What the fits do not see, in words that end with a space; nothing where they see all.
fn left_out(fitted: &Fitted) -> String {
    let mut text = String::new();
    if fitted.left_out > 0 {
        let steps =
            if fitted.warm_up == 1.0 { "step is".to_owned() } else { format!("{} steps are", short(fitted.warm_up)) };
        text.push_str(&format!("The first {steps} left out of fits, as in the paper. "));
    }
    if fitted.before > fitted.observations.len() {
        let (kept, all) = (fitted.observations.len(), fitted.before);
        text.push_str(&format!("Of {} observations {} are fitted to, evenly spread. ", count(all), count(kept)));
    }
    text
}

fn runs(number: usize) -> String {
    format!("{} {}", count(number), if number == 1 { "run" } else { "runs" })
}
