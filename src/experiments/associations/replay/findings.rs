//! What aiming replay buys.

use serde::{Deserialize, Serialize};

use super::super::job::{Job, Outcome, jobs};
use super::super::results::Results;
use super::arm::Arm;
use super::outcome::Replayed;
use super::slots::Slots;
use super::split::{ReplaySplit, acted};
use crate::stats::{Paired, holm};

/// What replay by each arm came to, on examples that are never replayed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReplayFindings {
    /// Steps of runs with replay, and examples that each replays.
    pub steps: u32,
    pub replayed: u64,
    /// Examples that may be replayed, and those that are scored.
    pub pool: usize,
    pub held_out: usize,
    /// The tasks that are acted on, by name.
    pub tasks: Vec<String>,
    pub arms: Vec<ArmFindings>,
}

/// One arm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArmFindings {
    pub arm: Arm,
    /// Mean over tasks, seeds and held-out examples of the rise of the loss.
    pub rise: f64,
    /// Share of held-out answers that were right and are wrong; `None` where the base gets none right.
    pub lost: Option<f64>,
    /// Mean loss of the task itself afterwards.
    pub task_loss: f64,
    /// Runs that ended, and that diverged.
    pub runs: usize,
    pub diverged: usize,
    /// `None` of random replay itself.
    pub against_random: Option<AgainstRandom>,
}

/// An arm less random replay, task by task and seed by seed. Below 0 less is forgotten.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgainstRandom {
    /// The rise. Units are tasks, each the mean over its seeds: whether other tasks would tell the same.
    pub over_tasks: Paired,
    /// Units are seeds, each the mean over all tasks: whether other seeds of the same tasks would.
    pub over_seeds: Paired,
    /// The p-value over tasks by Holm's correction over all arms that replay.
    pub corrected: f64,
    /// Pairs of task and seed, and those in which less was forgotten than by random replay.
    pub pairs: usize,
    pub better: usize,
    /// What is saved beyond random replay, in parts of what random replay saves; `None` where that saves nothing, and of
    /// no replay.
    pub part: Option<f64>,
    /// The share of answers lost, over tasks.
    pub lost: Option<Paired>,
    /// The loss of the task itself, over tasks.
    pub task_loss: Paired,
}

/// What one run came to on held-out examples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// Mean rise.
    pub rise: f64,
    /// Share of right answers lost.
    pub lost: Option<f64>,
    pub task_loss: f64,
}

impl Results {
    /// What a run with replay came to; `None` where it has not ended.
    pub fn replayed(&self, task: usize, seed: u32, arm: Arm) -> Option<&Replayed> {
        match self.outcome(Job::Replay { task: task as u32, seed, arm })? {
            Outcome::Replayed(replayed) => Some(replayed),
            _ => None,
        }
    }

    /// The runs with replay of a seed that have ended, in the order of their jobs.
    pub fn replays(&self, seed: u32) -> impl Iterator<Item = (&Replayed, Job)> {
        let of = move |job| match job {
            Job::Replay { task, seed: own, arm } if own == seed => {
                Some((self.replayed(task as usize, seed, arm)?, job))
            }
            _ => None,
        };
        jobs(&self.spec).into_iter().filter_map(of)
    }

    /// Its score; `None` where it has not ended or has diverged.
    pub fn scored(&self, task: usize, seed: u32, arm: Arm) -> Option<Scored> {
        let Replayed { row, task_loss, .. } =
            self.replayed(task, seed, arm).filter(|replayed| replayed.row.diverged.is_none())?;
        let held_out = ReplaySplit::new(&self.spec, self.examples.len(), seed).held_out;
        let rises = held_out.iter().map(|&column| f64::from(row.rise[column]));
        let known: Vec<usize> =
            held_out.iter().copied().filter(|&column| self.examples[column].base_is_right).collect();
        let lost = known.iter().filter(|&&column| !row.is_right[column]).count();
        Some(Scored {
            rise: rises.sum::<f64>() / held_out.len() as f64,
            lost: (!known.is_empty()).then(|| lost as f64 / known.len() as f64),
            task_loss: f64::from(*task_loss),
        })
    }

    /// What an arm comes to on a task from a seed, less what random replay does; `None` where one of the two is missing.
    fn less_random(&self, task: usize, seed: u32, arm: Arm, of: &dyn Fn(&Scored) -> Option<f64>) -> Option<f64> {
        let [own, random] = [arm, Arm::Random].map(|arm| self.scored(task, seed, arm));
        Some(of(&own?)? - of(&random?)?)
    }

    /// What an arm comes to less what random replay does, for each of the tasks: the mean over the seeds that have both.
    /// Tasks of which none has are left out.
    pub fn beyond_random(&self, tasks: &[usize], arm: Arm, of: &dyn Fn(&Scored) -> Option<f64>) -> Vec<f64> {
        let seeds = &self.spec.seeds;
        let task = |&task: &usize| {
            mean(&seeds.iter().filter_map(|&seed| self.less_random(task, seed, arm, of)).collect::<Vec<f64>>())
        };
        tasks.iter().filter_map(task).collect()
    }
}

impl ReplayFindings {
    /// Of results that are complete or not; `None` where no replay is asked for, or no run of it has ended.
    pub fn of(results: &Results) -> Option<Self> {
        let spec = &results.spec;
        let slots = Slots::new(spec.steps, spec.batch, spec.replay_ratio);
        let split = ReplaySplit::new(spec, results.examples.len(), 0);
        let acted = acted(spec);
        let arms: Vec<Arm> = if spec.arms.is_empty() { Vec::new() } else { spec.all_arms() };
        let mut arms: Vec<ArmFindings> = arms.iter().filter_map(|&arm| ArmFindings::of(results, &acted, arm)).collect();
        correct(&mut arms);
        (!arms.is_empty()).then(|| Self {
            steps: slots.steps,
            replayed: slots.replayed,
            pool: split.pool.len(),
            held_out: split.held_out.len(),
            tasks: acted.iter().map(|&task| results.tasks[task].name.clone()).collect(),
            arms,
        })
    }

    /// Of one arm.
    pub fn arm(&self, arm: Arm) -> Option<&ArmFindings> {
        self.arms.iter().find(|found| found.arm == arm)
    }
}

/// Holm's correction, and what is saved in parts of what random replay saves.
fn correct(arms: &mut [ArmFindings]) {
    let rise = |of: Arm| arms.iter().find(|found| found.arm == of).map(|found| found.rise);
    let saved = rise(Arm::None).zip(rise(Arm::Random)).map(|(none, random)| none - random).filter(|saved| *saved > 0.0);
    let mut aimed: Vec<&mut AgainstRandom> = arms
        .iter_mut()
        .filter(|found| found.arm != Arm::None)
        .filter_map(|found| found.against_random.as_mut())
        .collect();
    let corrected = holm(&aimed.iter().map(|against| against.over_tasks.p_value).collect::<Vec<f64>>());
    for (against, corrected) in aimed.iter_mut().zip(corrected) {
        against.corrected = corrected;
        against.part = saved.map(|saved| -against.over_tasks.mean / saved);
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

impl ArmFindings {
    fn of(results: &Results, acted: &[usize], arm: Arm) -> Option<Self> {
        let seeds = &results.spec.seeds;
        let pairs = || acted.iter().flat_map(|&task| seeds.iter().map(move |&seed| (task, seed)));
        let ended = pairs().filter_map(|(task, seed)| results.replayed(task, seed, arm));
        let scores: Vec<Scored> = pairs().filter_map(|(task, seed)| results.scored(task, seed, arm)).collect();
        let lost: Vec<f64> = scores.iter().filter_map(|score| score.lost).collect();
        Some(Self {
            arm,
            rise: mean(&scores.iter().map(|score| score.rise).collect::<Vec<f64>>())?,
            lost: mean(&lost),
            task_loss: mean(&scores.iter().map(|score| score.task_loss).collect::<Vec<f64>>())?,
            runs: scores.len(),
            diverged: ended.filter(|replayed| replayed.row.diverged.is_some()).count(),
            against_random: if arm == Arm::Random { None } else { AgainstRandom::of(results, acted, arm) },
        })
    }
}

impl AgainstRandom {
    fn of(results: &Results, acted: &[usize], arm: Arm) -> Option<Self> {
        let seeds = &results.spec.seeds;
        let over_tasks = |of: &dyn Fn(&Scored) -> Option<f64>| Paired::of(&results.beyond_random(acted, arm, of));
        let rise = |score: &Scored| Some(score.rise);
        let difference = |task: usize, seed: u32| results.less_random(task, seed, arm, &rise);
        let of_seed =
            |&seed: &u32| mean(&acted.iter().filter_map(|&task| difference(task, seed)).collect::<Vec<f64>>());
        let pairs = || acted.iter().flat_map(|&task| seeds.iter().filter_map(move |&seed| difference(task, seed)));
        Some(Self {
            over_tasks: over_tasks(&rise)?,
            over_seeds: Paired::of(&seeds.iter().filter_map(of_seed).collect::<Vec<f64>>())?,
            corrected: 1.0,
            pairs: pairs().count(),
            better: pairs().filter(|difference| *difference < 0.0).count(),
            part: None,
            lost: over_tasks(&|score| score.lost),
            task_loss: over_tasks(&|score| Some(score.task_loss))?,
        })
    }
}
