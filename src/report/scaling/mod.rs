//! What runs of the experiment `laws` say, and anyone's own runs: the answer in words, statements, figures.

mod figures;
mod fits;
mod lost;
mod replay;

pub use figures::{figures, figures_of};

use crate::experiments::scaling::{Results, Spec};
use crate::figure::number::{count, short};
use crate::laws::{Found, Intervals, Joint, Observations, Robust, WARM_UP};
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
    /// After the warm-up.
    pub observations: Observations,
    /// Why there is nothing is in words.
    pub found: Result<Found, String>,
}

impl Fitted {
    /// Of observations, those of the warm-up left out.
    pub fn of(all: &Observations, warm_up: f64) -> Self {
        let observations = all.after(warm_up);
        let found = Found::of(&observations, Robust::Squares, Joint::IfPossible, None);
        Self { observations, found: found.map_err(|problems| problems.to_string()) }
    }

    /// Of a run's results.
    pub fn of_results(results: &Results) -> Self {
        Self::of(&Observations::gather(results.observations()), warm_up(&results.spec))
    }
}

/// Steps that a run's fits leave out: the share of it that the paper leaves out, 50 steps of 260.
pub fn warm_up(spec: &Spec) -> f64 {
    (f64::from(spec.steps) * WARM_UP / 260.0).floor()
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
        "{} of {} ended; losses are means over 32 windows of general text and of held-out {} text. The first {} steps \
         are left out of fits, as in the paper. {}",
        count(ended),
        if all == 1 { "1 run has".to_owned() } else { format!("{} have", runs(all)) },
        results.spec.fine_tuning.name(),
        short(warm_up(&results.spec)),
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
            report
        }
        Err(why) => Report {
            headline: "there is no law to tell yet.".to_owned(),
            more: String::new(),
            statements: Vec::new(),
            warnings: vec![format!("No law was fitted: {why}.")],
        },
    }
}

fn runs(number: usize) -> String {
    format!("{} {}", count(number), if number == 1 { "run" } else { "runs" })
}
