//! Answers what is asked about one network's kernel.

use wasm_bindgen::JsValue;

use super::answer::{Analysed, Foreseen, Outcome};
use super::ask::Ask;
use super::{numbers, said, subject};
use crate::error::Problem;
use crate::experiments::CheckedSpec;
use crate::experiments::job::Job;
use crate::figure::Figure;
use crate::figure::png::with_text;
use crate::kernel::optimum::Reference;
use crate::platform::now_millis;
use crate::record::link::science;
use crate::report::theory::{Scheduled, TheoryReport};
use crate::web::answering::{Listed, Picture, Said, Sheet, drawn, written};

/// What has been analysed.
#[derive(Default)]
pub struct Desk {
    subject: Option<Subject>,
}

/// One network, and what has been made of it.
struct Subject {
    /// The link it was taken from.
    given: CheckedSpec,
    /// The network alone.
    spec: CheckedSpec,
    job: Job,
    report: TheoryReport,
    replay: f64,
    /// Those of the analysis, then the last schedule and the last front.
    figures: Vec<Figure>,
}

impl Subject {
    /// The link that figures are signed with.
    fn link(&self) -> String {
        format!("#{}", science(&self.spec))
    }

    /// Takes a figure in place of the last one of its name.
    fn keep(&mut self, figure: Figure) {
        self.figures.retain(|kept| kept.id != figure.id);
        self.figures.push(figure);
    }

    fn figure(&self, id: &str) -> Result<&Figure, String> {
        self.figures.iter().find(|figure| figure.id == id).ok_or_else(|| {
            let known: Vec<&str> = self.figures.iter().map(|figure| figure.id.as_str()).collect();
            Problem::new("figure", id, known.join(", ")).to_string()
        })
    }

    fn schedule(&mut self, fractions: &[f64], sheet: &Sheet, run: Option<CheckedSpec>) -> Result<Foreseen, String> {
        let begun = now_millis();
        let starts = subject::starts(self.spec.fine_tuning_steps, fractions.len())?;
        let Scheduled { outcome, uniform, figure } = self.report.schedule(fractions).map_err(said)?;
        let (outcome, uniform) = (Outcome::from(outcome), Outcome::from(uniform));
        let svg = drawn(&figure, sheet, &self.link())?;
        let link = subject::link_to_run(run.as_ref().unwrap_or(&self.given), self.job.width, &starts, fractions)?;
        let Figure { id, summary, notes, .. } = figure.clone();
        self.keep(figure);
        Ok(Foreseen { id, outcome, uniform, starts, summary, notes, svg, link, millis: now_millis() - begun })
    }

    fn usual(&self, way: Reference, budget: f64, segments: usize) -> Result<Vec<f64>, String> {
        if !(0.0..=1.0).contains(&budget) {
            return Err(Problem::new("budget", &budget.to_string(), "a mean fraction from 0 to 1").to_string());
        }
        let starts = subject::starts(self.spec.fine_tuning_steps, segments)?;
        let ends = starts.iter().skip(1).chain([&self.spec.fine_tuning_steps]);
        let durations: Vec<f64> = starts.iter().zip(ends).map(|(from, to)| f64::from(to - from)).collect();
        Ok(way.fractions(budget, &durations))
    }
}

impl Desk {
    /// The answer, as a plain value.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub fn answer(&mut self, ask: Ask) -> Result<JsValue, String> {
        match ask {
            Ask::Choices { link } => written(&subject::choices(&subject::read(&link)?)),
            Ask::Analyse { link, seed, width, replay } => written(&self.analyse(&link, seed, width, replay)?),
            Ask::Figure { id, sheet } => {
                let subject = self.subject()?;
                written(&Picture::of(subject.figure(&id)?, &sheet, &subject.link())?)
            }
            Ask::Numbers {} => {
                let subject = self.subject()?;
                numbers::of(subject.report.analysis(), subject.replay)
            }
            Ask::Schedule { fractions, sheet, link } => {
                let run = link.map(|link| subject::read(&link)).transpose()?;
                written(&self.subject()?.schedule(&fractions, &sheet, run)?)
            }
            Ask::Usual { way, budget, segments } => written(&self.subject()?.usual(way.into(), budget, segments)?),
            Ask::Prescribe { objective, terms } => {
                written(&self.subject()?.report.prescribed(objective.into(), terms.into()).map_err(said)?)
            }
            Ask::BestConstant { objective, id_slack } => {
                written(&self.subject()?.report.best_constant(objective.into(), id_slack).map_err(said)?)
            }
            Ask::Front { terms } => {
                let subject = self.subject()?;
                let figure = subject.report.front(terms.into()).map_err(said)?;
                let listed = Listed::from(&figure);
                subject.keep(figure);
                written(&listed)
            }
            Ask::Stamp { png, source } => {
                Ok(js_sys::Uint8Array::from(with_text(png.as_ref(), "Source", &source).as_slice()).into())
            }
        }
    }

    fn subject(&mut self) -> Result<&mut Subject, String> {
        self.subject.as_mut().ok_or_else(|| "Nothing has been analysed yet: ask `analyse` first".to_owned())
    }

    fn analyse(
        &mut self,
        link: &str,
        seed: Option<u32>,
        width: Option<u32>,
        replay: Option<f64>,
    ) -> Result<Analysed, String> {
        let begun = now_millis();
        let given = subject::read(link)?;
        let (spec, job) = subject::network(&given, seed, width)?;
        let replay = subject::replay(&given, replay)?;
        // Another fraction of the same network needs no new kernel.
        let known = self.subject.take().filter(|subject| subject.spec == spec);
        let report = match known {
            Some(subject) => subject.report,
            None => TheoryReport::of(&spec, job).map_err(said)?,
        };
        let statements = report.statements(replay).into_iter().map(Said::from).collect();
        let figures = report.figures(replay);
        let listed = figures.iter().map(Listed::from).collect();
        let subject = self.subject.insert(Subject { given, spec, job, report, replay, figures });
        Ok(Analysed {
            link: subject.link(),
            seed: job.seed,
            width: job.width,
            replay,
            steps: subject.spec.fine_tuning_steps,
            millis: now_millis() - begun,
            statements,
            figures: listed,
        })
    }
}
