//! What the runs of a link say.

use crate::experiments::associations::{Findings, Results, completions, jobs};
use crate::figure::Figure;
use crate::record::associations::{Link, Record, Taken, against_fingerprint};
use crate::record::{BUILD, Timing};
use crate::report::associations::{self, figures};
use crate::web::answering::{Listed, Said};
use crate::web::language_worker::answer::{Report, Verdict};

/// The runs of a link, and what was last made of them.
pub struct Gathered {
    /// As it was asked for, with what its maker claims.
    link: Link,
    pub results: Results,
    analysed: Option<Analysed>,
}

struct Analysed {
    findings: Findings,
    report: associations::Report,
    figures: Vec<Figure>,
}

impl Gathered {
    /// What is known so far.
    pub fn new(link: Link, results: Results) -> Self {
        Self { link, results, analysed: None }
    }

    /// Forgets what was made of results that have changed.
    pub fn renew(&mut self) {
        self.analysed = None;
    }

    /// The figures, once there is a report.
    pub fn figures(&self) -> &[Figure] {
        self.analysed.as_ref().map_or(&[], |analysed| &analysed.figures)
    }

    pub fn is_complete(&self) -> bool {
        self.results.missing().is_empty()
    }

    fn analysed(&mut self) -> &Analysed {
        let (results, is_complete) = (&self.results, self.is_complete());
        self.analysed.get_or_insert_with(|| {
            let findings = Findings::of(results);
            // Methods are compared of all that there is, once.
            let completion = if is_complete { completions(results) } else { Vec::new() };
            Analysed {
                report: associations::report(results, &findings, &completion),
                figures: figures(results, &findings, &completion),
                findings,
            }
        })
    }

    /// The record of complete results.
    pub fn record(&mut self, timing: Timing) -> Record {
        let findings = self.analysed().findings.clone();
        Record::of(&self.results, &findings, "browser", timing)
    }

    /// What is said of it; `opened` is the last record that was opened.
    pub fn report(&mut self, opened: Option<&Record>) -> Report {
        let is_complete = self.is_complete();
        let taken = is_complete.then(|| Taken::of(&self.results));
        let verdict = taken.as_ref().and_then(|taken| self.verdict(taken, opened));
        let spec = &self.results.spec;
        let link = Link::write(spec, taken.as_ref().map(|_| BUILD), taken.as_ref().map(|t| &t.fingerprint), &[]);
        let all = jobs(spec).len();
        let done = all - self.results.missing().len();
        let Analysed { report, figures, .. } = self.analysed();
        Report {
            complete: is_complete,
            done,
            jobs: all,
            headline: report.headline.clone(),
            statements: report.statements.iter().cloned().map(Said::from).collect(),
            warnings: report.warnings.clone(),
            figures: figures.iter().map(Listed::from).collect(),
            link: Some(link),
            fingerprint: taken.map(|taken| taken.fingerprint.to_string()),
            verdict,
            ..Report::default()
        }
    }

    /// How complete results compare with what the link or the opened record of the same spec claims.
    fn verdict(&mut self, taken: &Taken, opened: Option<&Record>) -> Option<Verdict> {
        let claimed = self.link.fingerprint.clone()?;
        let record = opened.filter(|record| record.fingerprint == claimed.to_string());
        let agreement = match record {
            Some(record) => record.agreement(&self.record(Timing { seconds: 0.0, workers: 1 })),
            None => against_fingerprint(&self.results, taken, &claimed),
        };
        Some(Verdict::from(&agreement))
    }
}
