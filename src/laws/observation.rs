//! Runs and what was measured in them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::stats::sorted;

/// Steps at the beginning of a run that a fit leaves out unless told otherwise, as in the paper (section 3.2).
pub const WARM_UP: f64 = 50.0;

/// Most observations that a power law is fitted to; [`Observations::thinned`] comes down to it.
pub const MOST_FITTED: usize = 4000;

/// One checkpoint of a run, as a table has it.
///
/// What must not be confused: `parameters` are those tuned, `model_parameters` those of the whole base model; `replay`
/// is a share and not a percentage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// P: tuned parameters, a raw count above 0.
    pub parameters: f64,
    /// N: update steps.
    pub steps: f64,
    /// L_ft: loss on held-out examples of the fine-tuning distribution, nats.
    pub fine_tuning_loss: f64,
    /// L_f, or another measure that rises as more is forgotten, nats.
    pub forgetting: f64,
    /// Share of the loss weight that replayed data has, from 0 to below 1.
    pub replay: Option<f64>,
    /// Tokens of fine-tuning data seen.
    pub tokens: Option<f64>,
    /// Parameters of the base model.
    pub model_parameters: Option<f64>,
    /// The run's name.
    pub run: Option<String>,
    /// How it was tuned (LoRA, IA3, all parameters).
    pub family: Option<String>,
}

/// One training run: the unit that is resampled, because its checkpoints are not independent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub name: String,
    pub family: Option<String>,
}

/// Observations with the run that each belongs to. Every number in them is finite.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observations {
    runs: Vec<Run>,
    rows: Vec<(usize, Observation)>,
}

impl Observations {
    /// Sorts observations into runs: those of one name and family, or, where there is no name, those of equal tuned
    /// parameters, replay, base model and family; a step that such a run has already begins another one.
    ///
    /// ```
    /// use lethe::laws::{Observation, Observations};
    /// let at = |parameters, steps| Observation { parameters, steps, ..Observation::default() };
    /// let runs = Observations::gather(vec![at(8.0, 50.0), at(8.0, 60.0), at(8.0, 50.0), at(16.0, 50.0)]);
    /// assert_eq!(runs.runs().len(), 3);
    /// ```
    pub fn gather(observations: Vec<Observation>) -> Self {
        let mut runs: Vec<Run> = Vec::new();
        let mut known: BTreeMap<(String, Option<String>), usize> = BTreeMap::new();
        let mut seen: BTreeMap<(String, Option<String>, u64), usize> = BTreeMap::new();
        let mut rows = Vec::with_capacity(observations.len());
        for observation in observations {
            let family = observation.family.clone();
            let name = match &observation.run {
                Some(name) => name.clone(),
                None => {
                    let name = unnamed(&observation);
                    let times = seen.entry((name.clone(), family.clone(), observation.steps.to_bits())).or_insert(0);
                    *times += 1;
                    if *times == 1 { name } else { format!("{name}, run {times}") }
                }
            };
            let run = *known.entry((name.clone(), family.clone())).or_insert_with(|| {
                runs.push(Run { name, family });
                runs.len() - 1
            });
            rows.push((run, observation));
        }
        Self { runs, rows }
    }

    /// All runs, those without a remaining observation included.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The observations, each behind the index of its run.
    pub fn rows(&self) -> &[(usize, Observation)] {
        &self.rows
    }

    /// How many observations there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Those observations that something holds of, in the same runs.
    #[must_use]
    pub fn only(&self, mut holds: impl FnMut(usize, &Observation) -> bool) -> Self {
        let rows = self.rows.iter().filter(|(run, row)| holds(*run, row)).cloned().collect();
        Self { runs: self.runs.clone(), rows }
    }

    /// Those after the warm-up: at `warm_up` steps or more, and after the first step in any case, since the power
    /// laws have no value at 0.
    #[must_use]
    pub fn after(&self, warm_up: f64) -> Self {
        self.only(|_, row| row.steps >= warm_up && row.steps > 0.0)
    }

    /// What a law of parameters and steps alone can be fitted to: the observations with the least replay, of the family
    /// with the most runs (of equal ones the first). Tells what was left out, as sentences.
    pub fn comparable(&self) -> (Self, Vec<String>) {
        let mut told = Vec::new();
        let mut kept = self.clone();
        let fractions = kept.different(|row| row.replay.unwrap_or(0.0));
        if let [least, _, ..] = fractions[..] {
            kept = kept.only(|_, row| row.replay.unwrap_or(0.0) == least);
            let (count, all) = (kept.len(), self.len());
            told.push(format!(
                "The laws without replay are fitted to the {count} of {all} observations at replay {least}."
            ));
        }
        let mut families: Vec<(&Option<String>, usize)> = Vec::new();
        for run in kept.present() {
            let family = &self.runs[run].family;
            match families.iter_mut().find(|(known, _)| *known == family) {
                Some((_, runs)) => *runs += 1,
                None => families.push((family, 1)),
            }
        }
        let most = families.iter().map(|(_, runs)| *runs).max().unwrap_or(0);
        if let Some((family, _)) = families.iter().find(|(_, runs)| *runs == most).filter(|_| families.len() > 1) {
            kept = kept.only(|run, _| self.runs[run].family == **family);
            let (name, count) = (family.as_deref().unwrap_or("without a name"), kept.len());
            told.push(format!("They are fitted to one family, {name}: {count} of {} observations.", self.len()));
        }
        let sizes = kept.different(|row| row.model_parameters.unwrap_or(0.0)).len();
        if sizes > 1 {
            told.push(format!("Base models of {sizes} sizes are taken as one: only the replay law knows their size."));
        }
        (kept, told)
    }

    /// Every k-th observation, with the least k that leaves at most `most`, and the runs that have any of them.
    #[must_use]
    pub fn thinned(&self, most: usize) -> Self {
        let stride = self.rows.len().div_ceil(most.max(1)).max(1);
        let kept = Self { runs: Vec::new(), rows: self.rows.iter().step_by(stride).cloned().collect() };
        // Runs without a remaining observation may be a million.
        let mut places: BTreeMap<usize, usize> = kept.rows.iter().map(|(run, _)| (*run, 0)).collect();
        places.values_mut().enumerate().for_each(|(place, own)| *own = place);
        let runs = places.keys().map(|&run| self.runs[run].clone()).collect();
        let rows = kept.rows.into_iter().map(|(run, row)| (places[&run], row)).collect();
        Self { runs, rows }
    }

    /// The different values of something, rising.
    pub fn different(&self, of: impl Fn(&Observation) -> f64) -> Vec<f64> {
        let mut values = sorted(self.rows.iter().map(|(_, row)| of(row)).collect());
        values.dedup();
        values
    }

    /// The indices of the runs that have observations, rising.
    pub fn present(&self) -> Vec<usize> {
        let mut has = vec![false; self.runs.len()];
        self.rows.iter().for_each(|(run, _)| has[*run] = true);
        (0..has.len()).filter(|&run| has[run]).collect()
    }

    /// The observations of one run by rising step.
    pub fn of_run(&self, run: usize) -> Vec<&Observation> {
        let mut rows: Vec<&Observation> = self.rows.iter().filter(|(own, _)| *own == run).map(|(_, row)| row).collect();
        rows.sort_by(|a, b| a.steps.total_cmp(&b.steps));
        rows
    }
}

/// What a run without a name is called.
fn unnamed(observation: &Observation) -> String {
    let mut name = format!("{} parameters", observation.parameters);
    if let Some(replay) = observation.replay {
        name.push_str(&format!(", replay {replay}"));
    }
    if let Some(size) = observation.model_parameters {
        name.push_str(&format!(", model of {size}"));
    }
    name
}
