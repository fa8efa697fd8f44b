//! The record of a run of the experiment `associations`: one JSON document, `docs/associations-record.schema.json`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::agreeing::agreement;
use super::fingerprint::Taken;
use super::series::{Prediction, ReplaySeries, Series, predictions, replays, series};
use super::{Link, engine, packed};
use crate::associations::{Features, MOST_SIZE};
use crate::error::{Problem, Problems};
use crate::experiments::associations::{
    CheckedSpec, Completion, Example, Findings, Job, Results, Spec, Task, World, completions, jobs, rows,
};
use crate::experiments::scaling::Limits;
use crate::record::link::run_id;
use crate::record::{Agreement, BUILD, Timing, identity};

/// The version of these records.
pub const SCHEMA: u32 = 1;

/// What fine-tuning on a task did, seed by seed in the order of the spec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RowSummary {
    #[serde(flatten)]
    pub task: Task,
    /// Mean rise over all examples; missing where a run has diverged.
    pub mean_rise: Vec<Option<f64>>,
    /// Answers that were right before and are wrong after.
    pub forgotten: Vec<Option<usize>>,
    /// Steps at which runs have diverged.
    pub diverged: Vec<Option<u32>>,
}

/// Everything about a finished run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub schema: u32,
    pub run_id: String,
    pub link: String,
    pub fingerprint: String,
    pub engine: String,
    pub device: String,
    pub build: String,
    pub spec: Spec,
    /// Of the entries of the matrices.
    pub units: String,
    pub tasks: Vec<RowSummary>,
    pub examples: Vec<Example>,
    pub findings: Findings,
    /// How well methods predict rows, by matrix and split.
    pub completion: Vec<Completion>,
    /// One for each fine-tuning, by seed, then by task.
    pub series: Vec<Series>,
    /// One for each seed.
    pub predictions: Vec<Prediction>,
    /// One for each run with replay; none where no replay was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replays: Vec<ReplaySeries>,
    /// How like each task is to each example on the face of it, row by row, as [`Series::rise`].
    pub similarity: String,
    /// How the base represents tasks and examples; missing where that is not finite.
    pub features: Option<PackedFeatures>,
    pub timing: Timing,
}

/// Numbers that describe tasks and examples, row by row, as [`Series::rise`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackedFeatures {
    pub tasks: String,
    pub examples: String,
}

impl Record {
    /// The record of complete results.
    pub fn of(results: &Results, findings: &Findings, device: &str, timing: Timing) -> Self {
        let units = match results.spec.world {
            World::Language => "rise of the mean negative log-likelihood of the answer's tokens, nats per token",
            _ => "rise of the squared error",
        };
        let fingerprint = Taken::of(results).fingerprint;
        Self {
            schema: SCHEMA,
            run_id: run_id(&results.spec),
            link: Link::write(&results.spec, Some(BUILD), Some(&fingerprint), &[]),
            fingerprint: fingerprint.to_string(),
            engine: engine(&results.spec).name().to_owned(),
            device: device.to_owned(),
            build: BUILD.to_owned(),
            spec: Spec::clone(&results.spec),
            units: units.to_owned(),
            tasks: RowSummary::all(results),
            examples: results.examples.clone(),
            findings: findings.clone(),
            completion: completions(results),
            series: series(results),
            predictions: predictions(results),
            replays: replays(results),
            similarity: packed::numbers(&results.similarity),
            features: results.features.as_ref().map(|features| PackedFeatures {
                tasks: packed::numbers(features.rows().0),
                examples: packed::numbers(features.columns().0),
            }),
            timing,
        }
    }

    /// Reads a record from JSON, which may come from anywhere.
    ///
    /// # Errors
    /// What is wrong with it: not JSON, another schema, a spec that is not accepted, rows, columns or series that do not
    /// fit it.
    pub fn read(json: &str, limits: &Limits) -> Result<(Self, CheckedSpec), Problems> {
        let record: Self = serde_json::from_str(json)
            .map_err(|error| one(Problem::new("record", &error.to_string(), "the JSON of a record")))?;
        let spec: CheckedSpec =
            identity::checked([record.schema, SCHEMA], record.spec.clone(), &record.run_id, limits)?;
        let tasks = rows(&spec);
        if !record.tasks.iter().map(|row| &row.task).eq(&tasks) {
            let accepted = format!("the {} tasks of its spec, in their order", tasks.len());
            return Err(one(Problem::new("tasks", &format!("{} tasks", record.tasks.len()), accepted)));
        }
        let names: BTreeSet<&str> = record.examples.iter().map(|example| example.name.as_str()).collect();
        if names.is_empty() || names.len() < record.examples.len() {
            let value = format!("{} examples of {} names", record.examples.len(), names.len());
            return Err(one(Problem::new("examples", &value, "at least one, each with a name of its own")));
        }
        if let Some(example) = record.examples.iter().find(|example| example.base_loss.abs() > MOST_SIZE) {
            let field = format!("base_loss of {}", example.name);
            return Err(one(Problem::new(&field, &example.base_loss.to_string(), "a number from -1e15 to 1e15")));
        }
        let runs = |&seed: &u32| (0..tasks.len() as u32).map(move |task| (seed, task));
        if !record.series.iter().map(|series| (series.seed, series.task)).eq(spec.seeds.iter().flat_map(runs)) {
            let accepted = format!("one for each of {} tasks x {} seeds, by seed", tasks.len(), spec.seeds.len());
            return Err(one(Problem::new("series", &format!("{} series", record.series.len()), accepted)));
        }
        if !record.predictions.iter().map(|own| &own.seed).eq(&spec.seeds) {
            let value = format!("{} of them", record.predictions.len());
            return Err(one(Problem::new("predictions", &value, "one for each seed of its spec, in their order")));
        }
        let replays = jobs(&spec).into_iter().filter(|job| matches!(job, Job::Replay { .. }));
        let held = record.replays.iter().map(|own| (own.series.task, own.series.seed, own.arm));
        if !held.map(|(task, seed, arm)| Job::Replay { task, seed, arm }).eq(replays) {
            let value = format!("{} of them", record.replays.len());
            return Err(one(Problem::new(
                "replays",
                &value,
                "one for each run with replay of its spec, in their order",
            )));
        }
        Ok((record, spec))
    }

    /// What a record says, as results.
    ///
    /// # Errors
    /// Numbers that are not as many as there are entries, or not such as matrices have.
    pub fn results(&self, spec: CheckedSpec) -> Result<Results, Problems> {
        let entries = self.tasks.len() * self.examples.len();
        let similarity = packed::read_numbers(&self.similarity, entries);
        let similarity =
            similarity.filter(|all| all.iter().all(|value| value.abs() <= MOST_SIZE)).ok_or_else(|| {
                let value = format!("{} symbols", self.similarity.len());
                one(Problem::new("similarity", &value, format!("{entries} numbers from -1e15 to 1e15, in base64url")))
            })?;
        let tasks = self.tasks.iter().map(|row| row.task.clone()).collect();
        let features = self.features.as_ref().map(|features| {
            let [rows, columns] = [&features.tasks, &features.examples].map(|text| packed::read_all(text));
            Features::new(
                [self.tasks.len(), self.examples.len()],
                rows.unwrap_or_default(),
                columns.unwrap_or_default(),
            )
        });
        let mut results = Results::about(spec, tasks, self.examples.clone(), similarity, features.transpose()?);
        let series = self.series.iter().map(|series| series.outcome(&results.spec, self.examples.len()));
        let predictions = self.predictions.iter().map(|predicted| predicted.outcome(entries));
        let replays = self.replays.iter().map(|replay| replay.outcome(&results.spec, self.examples.len()));
        let outcomes = series.chain(predictions).chain(replays).collect::<Result<Vec<_>, Problem>>().map_err(one)?;
        for (job, outcome) in outcomes {
            results.take(job, outcome);
        }
        Ok(results)
    }

    /// Compares a rerun with this record: that all it tells follows from its series, then number by number.
    pub fn agreement(&self, rerun: &Self) -> Agreement {
        let differs = |place: &str| Agreement::Differs { place: place.to_owned(), series: None, largest: None };
        let results = |record: &Self| record.spec.clone().check(&Limits::NATIVE).and_then(|spec| record.results(spec));
        let (Ok(own), Ok(other)) = (results(self), results(rerun)) else { return differs("its numbers") };
        let is_told = (RowSummary::all(&own), Findings::of(&own), completions(&own));
        if is_told != (self.tasks.clone(), self.findings.clone(), self.completion.clone()) {
            return differs("what it tells, which does not follow from its series,");
        }
        match agreement(&own, &other) {
            Agreement::Within(_) if self.fingerprint == rerun.fingerprint && self.says_what(rerun) => Agreement::Exact,
            other => other,
        }
    }

    /// Whether all numbers are those of another record, bit by bit.
    fn says_what(&self, other: &Self) -> bool {
        let said = |record: &Self| {
            (record.series.clone(), record.predictions.clone(), record.replays.clone(), record.similarity.clone())
        };
        said(self) == said(other) && (&self.examples, &self.features) == (&other.examples, &other.features)
    }
}

fn one(problem: Problem) -> Problems {
    Problems(vec![problem])
}

impl RowSummary {
    /// Those of all tasks.
    fn all(results: &Results) -> Vec<Self> {
        results.tasks.iter().enumerate().map(|(task, known)| Self::of(results, task, known)).collect()
    }

    fn of(results: &Results, task: usize, known: &Task) -> Self {
        let rows = || results.spec.seeds.iter().map(move |&seed| results.row(task, seed));
        let ended = || rows().map(|row| row.filter(|row| row.diverged.is_none()));
        let mean = |rise: &[f32]| rise.iter().copied().map(f64::from).sum::<f64>() / rise.len() as f64;
        let lost = |right: &[bool]| {
            results.examples.iter().zip(right).filter(|(example, right)| example.base_is_right && !**right).count()
        };
        Self {
            task: known.clone(),
            mean_rise: ended().map(|row| row.map(|row| mean(&row.rise))).collect(),
            forgotten: ended().map(|row| row.map(|row| lost(&row.is_right))).collect(),
            diverged: rows().map(|row| row.and_then(|row| row.diverged)).collect(),
        }
    }
}
