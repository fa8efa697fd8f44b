//! Gathers what trainers report, and says what it comes to.

use wasm_bindgen::JsValue;

use super::analysed::Analysed;
use super::answer::{Generations, Opened, Report, Verdict};
use super::ask::Ask;
use super::notes::{read, read_strictly};
use super::own::Own;
use super::texts::texts_at;
use crate::error::Problem;
use crate::experiments::scaling::{Checkpoint, Event, Job, Limits, Results, Text};
use crate::figure::Figure;
use crate::figure::png::with_text;
use crate::record::link::build;
use crate::record::llama;
use crate::record::scaling::{Link, Record, Taken, against_fingerprint, science, tidy};
use crate::record::{Agreement, BUILD, Fingerprint, Timing};
use crate::report::Compared;
use crate::report::scaling::{self, Fitted};
use crate::web::answering::{Listed, Picture, Said, object, written};

/// Everything that the page can ask about.
#[derive(Default)]
pub struct Desk {
    gathered: Option<Gathered>,
    own: Own,
    /// The last record that was opened.
    opened: Option<Record>,
}

/// The runs of a link.
struct Gathered {
    /// As it was asked for, with what its maker claims.
    link: Link,
    results: Results,
    /// What was last made of the results, and whether there are more since.
    analysed: Option<Analysed>,
    is_old: bool,
}

impl Gathered {
    fn analysed(&mut self) -> &mut Analysed {
        if core::mem::take(&mut self.is_old) {
            self.analysed = None;
        }
        let results = &self.results;
        self.analysed.get_or_insert_with(|| {
            let fitted = Fitted::of_results(results);
            let figures = scaling::figures(results, &fitted);
            Analysed::new(fitted, figures)
        })
    }

    fn report(&mut self, opened: Option<&Record>) -> Report {
        let complete = self.results.is_complete();
        let taken = complete.then(|| Taken::of(&self.results));
        let verdict = taken.as_ref().and_then(|taken| self.verdict(taken, opened));
        let spec = self.results.spec.clone();
        let link = Link::write(&spec, taken.as_ref().map(|_| BUILD), taken.as_ref().map(|t| &t.fingerprint), &[]);
        let (done, jobs) = (self.results.ended(), self.results.cells().len() * spec.seeds.len());
        self.analysed();
        let analysed = self.analysed.as_ref();
        let (Some(Analysed { fitted, figures, intervals, .. }), results) = (analysed, &self.results) else {
            return Report::default();
        };
        Report {
            complete,
            done,
            jobs,
            link: Some(link),
            fingerprint: taken.map(|taken| taken.fingerprint.to_string()),
            verdict,
            ..told(scaling::report(results, fitted, intervals.as_ref()), figures)
        }
    }

    /// How complete results compare with what the link or the opened record of the same spec claims.
    fn verdict(&self, taken: &Taken, opened: Option<&Record>) -> Option<Verdict> {
        let claimed = self.link.fingerprint.as_ref()?;
        let record = opened.filter(|record| record.fingerprint == claimed.to_string());
        let agreement = match record {
            Some(record) => {
                record.agreement(&Record::of(&self.results, "browser", Timing { seconds: 0.0, workers: 1 }))
            }
            None => against_fingerprint(&self.results, taken, claimed),
        };
        Some(Verdict::from(&agreement))
    }

    fn generations(&self, job: Job, step: Option<u32>) -> Result<Generations, String> {
        let label = |job: Job| {
            let cell = self.results.cells().get(job.cell as usize).map(|cell| cell.label(&self.results.spec));
            format!("{}, seed {}", cell.unwrap_or_else(|| format!("cell {}", job.cell)), job.seed)
        };
        let points = self.results.trace(job).map(|trace| &trace.points[..]).unwrap_or_default();
        let with_texts: Vec<(u32, &Checkpoint)> =
            points.iter().filter(|point| !point.texts.is_empty()).map(|point| (point.step, point)).collect();
        texts_at(&with_texts, step, |point| point.texts.iter().map(compared).collect(), &label(job))
    }
}

/// What base and tuned model write to a prompt, without the marks of turns, such as <user>.
fn compared(text: &Text) -> Compared {
    let prompt: Vec<&str> = text.prompt.split_whitespace().filter(|word| !word.starts_with('<')).collect();
    Compared::new(text.kind.label(), &prompt.join(" "), &text.base, &text.tuned)
}

/// What a report says, beside how far its runs are.
fn told(report: scaling::Report, figures: &[Figure]) -> Report {
    let scaling::Report { headline, more, statements, warnings } = report;
    let statements = statements.into_iter().map(Said::from).collect();
    let figures = figures.iter().map(Listed::from).collect();
    Report { headline, more, statements, figures, warnings, ..Report::default() }
}

impl From<&Agreement> for Verdict {
    fn from(agreement: &Agreement) -> Self {
        let (kind, text) = agreement.badge();
        Self { kind, text, sentence: agreement.sentence() }
    }
}

impl Desk {
    /// The answer, as a plain value.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub fn answer(&mut self, ask: Ask) -> Result<JsValue, String> {
        match ask {
            Ask::Base { .. } | Ask::Begin { .. } | Ask::Advance { .. } | Ask::Associations(_) => {
                Err("Only a trainer trains".to_owned())
            }
            Ask::Read { link } => written(&read(&link)),
            Ask::Gather { link } => {
                let link = read_strictly(&link)?;
                let results = Results::new(link.spec.clone());
                self.gathered = Some(Gathered { link, results, analysed: None, is_old: false });
                Ok(object(&[]))
            }
            Ask::Tell { cell, seed, events } => self.tell(Job { seed, cell }, events),
            Ask::Report {} => {
                let opened = self.opened.as_ref();
                written(&gathered(&mut self.gathered)?.report(opened))
            }
            Ask::Own {} => {
                let Analysed { fitted, figures, intervals, .. } = self.own.analysed()?;
                let report = told(scaling::of_runs(fitted, intervals.as_ref()), figures);
                written(&Report { records: self.own.records(), ..report })
            }
            Ask::Bootstrap { count, own } => written(&self.analysed(own.unwrap_or_default())?.bootstrap(count)),
            Ask::Figure { id, sheet } => written(&Picture::of(self.figure(&id)?, &sheet, &self.link())?),
            Ask::Generations { cell, seed, step } => {
                written(&gathered(&mut self.gathered)?.generations(Job { seed, cell }, step)?)
            }
            Ask::Texts { record, step } => written(&self.own.texts(record, step)?),
            Ask::Import(file) => {
                let options = file.options().map_err(|problem| problem.to_string())?;
                written(&self.own.import(&file.name, file.bytes.as_ref(), options, file.skip_bad_rows)?)
            }
            Ask::Forget {} => {
                self.own = Own::default();
                Ok(object(&[]))
            }
            Ask::Advise { budget, own } => written(&self.analysed(own)?.advise(budget)?),
            Ask::Record { seconds, workers } => {
                let record = Record::of(self.complete()?, "browser", Timing { seconds, workers });
                serde_json::to_string_pretty(&record)
                    .map(JsValue::from)
                    .map_err(|why| format!("The record could not be written: {why}"))
            }
            Ask::Open { json } => self.open(&json),
            Ask::Csv {} => Ok(tidy(self.complete()?).into()),
            Ask::Stamp { png, source } => {
                Ok(js_sys::Uint8Array::from(with_text(png.as_ref(), "Source", &source).as_slice()).into())
            }
        }
    }

    fn tell(&mut self, job: Job, events: Vec<Event>) -> Result<JsValue, String> {
        let gathered = gathered(&mut self.gathered)?;
        // A run whose worker ended is begun anew.
        if matches!(events.first(), Some(Event::Checkpoint(point)) if point.step == 0) {
            gathered.results.forget(job);
        }
        gathered.is_old |= !events.is_empty();
        events.into_iter().for_each(|event| gathered.results.take(job, event));
        Ok(object(&[]))
    }

    fn analysed(&mut self, own: bool) -> Result<&mut Analysed, String> {
        if own { self.own.analysed() } else { Ok(gathered(&mut self.gathered)?.analysed()) }
    }

    fn complete(&mut self) -> Result<&Results, String> {
        let results = &gathered(&mut self.gathered)?.results;
        if results.is_complete() { Ok(results) } else { Err("The run is not complete yet".to_owned()) }
    }

    fn figure(&self, id: &str) -> Result<&Figure, String> {
        let of_run = self.gathered.iter().filter_map(|gathered| gathered.analysed.as_ref());
        let of_run = of_run.flat_map(|analysed| &analysed.figures);
        let all: Vec<&Figure> = of_run.chain(self.own.figures()).collect();
        all.iter().copied().find(|figure| figure.id == id).ok_or_else(|| {
            let known: Vec<&str> = all.iter().map(|figure| figure.id.as_str()).collect();
            Problem::new("figure", id, known.join(", ")).to_string()
        })
    }

    /// The link that figures are signed with.
    fn link(&self) -> String {
        self.gathered.as_ref().map_or_else(String::new, |gathered| format!("#{}", science(&gathered.results.spec)))
    }

    fn open(&mut self, json: &str) -> Result<JsValue, String> {
        if llama::Record::is_one(json.as_bytes()) {
            let record = llama::Record::read(json.as_bytes()).map_err(|problems| problems.to_string())?;
            return written(&Opened { link: None, build: record.build });
        }
        let (record, spec) = Record::read(json, &Limits::PAGE).map_err(|problems| problems.to_string())?;
        let claimed = Fingerprint::parse(&record.fingerprint)
            .ok_or_else(|| Problem::new("fingerprint", &record.fingerprint, "a fingerprint").to_string())?;
        let link = Link::write(&spec, Some(&build(&record.build)), Some(&claimed), &[]);
        let opened = Opened { link: Some(link), build: record.build.clone() };
        self.opened = Some(record);
        written(&opened)
    }
}

fn gathered(gathered: &mut Option<Gathered>) -> Result<&mut Gathered, String> {
    gathered.as_mut().ok_or_else(|| "Nothing is gathered yet: ask `gather` first".to_owned())
}
