//! What the tangent kernel of one network says of its fine-tuning.
//!
//! [`Analysis::of`] pre-trains a network, takes its tangent and answers from there: [`spectrum`], [`modes`],
//! [`destination`] (limits, and when they are reached), [`early`] (the first two orders in time), [`course`] (curves,
//! predicted and trained) and [`prescription`] (schedules).

pub mod course;
pub mod destination;
pub mod early;
pub mod modes;
pub mod prescription;
pub mod spectrum;

pub use super::run::planner::NoPlan;

use ndarray::{Array1, Array2};

use super::checkpoint::JobCheckpoint;
use super::definition::Experiment;
use super::event::{Ending, Event};
use super::inputs::Inputs;
use super::job::Job;
use super::limits::{Limits, kernel_samples_max};
use super::run::JobRun;
use super::run::planner::{Grounds, TOLERANCE};
use super::spec::CheckedSpec;
use crate::error::Problem;
use crate::kernel::{EvaluationLoss, Linearised, Mixture, Modes, Reduced, Rule, TheoryError};
use crate::model::Parameters;
use crate::stats::sorted_by_key;
use crate::train::OptimiserKind;

/// One network after pre-training, as its tangent kernel sees it.
pub struct Analysis {
    /// The spec of this network alone, without stop rule and schedule.
    spec: CheckedSpec,
    job: Job,
    inputs: Inputs,
    parameters: Parameters,
    kernel: Array2<f64>,
    outputs: Array1<f64>,
    linearised: Linearised,
    mixture: Mixture,
    reduced: Reduced,
    /// The same in fewer coordinates, for long searches.
    coarse: Reduced,
    id: EvaluationLoss,
    old_task: EvaluationLoss,
    rule: Rule,
}

impl Analysis {
    /// Pre-trains the network of a seed and a width, and takes its tangent. The spec's replay, schedule and stop rule
    /// have no part in it.
    ///
    /// # Errors
    /// Adam, whose steps do not follow from the kernel; more samples than a kernel is taken of; more than one new
    /// task; pre-training that diverges; a kernel that is not finite.
    pub fn of(spec: &CheckedSpec, job: Job) -> Result<Self, NoPlan> {
        if spec.optimiser == OptimiserKind::Adam {
            let accepted = "gd, sgd or momentum: Adam's steps do not follow from the kernel";
            return Err(wrong("optimiser", "adam", accepted));
        }
        if spec.stages() > 1 {
            return Err(wrong("tasks", spec.tasks, "2: theory answers for one new task"));
        }
        let spec = alone(spec, job, vec![0.0])?;
        let (most, accepted) = kernel_samples_max(&spec);
        if spec.samples > most {
            return Err(wrong("samples", spec.samples, accepted));
        }
        let (inputs, mlp) = (Inputs::of(&spec, job.seed), spec.network(job.width));
        let parameters = pretrained(&spec, job)?;
        let rate = spec.learning_rate_at(job.width) as f32;
        let grounds = Grounds::new(&spec, &inputs, &mlp, parameters.clone(), rate)?;
        let (reduced, coarse) = (grounds.reduced(TOLERANCE)?, grounds.reduced(COARSE)?);
        let Grounds { tangent, linearised, mixture, id, old_task, rule } = grounds;
        let [outputs, _] = tangent.outputs;
        Ok(Self {
            job,
            inputs,
            parameters,
            kernel: tangent.kernel,
            outputs,
            linearised,
            mixture,
            reduced,
            coarse,
            id,
            old_task,
            rule,
            spec,
        })
    }

    /// The spec of this network alone: one width, one seed.
    pub fn spec(&self) -> &CheckedSpec {
        &self.spec
    }

    /// Its seed and width.
    pub fn job(&self) -> Job {
        self.job
    }

    /// How fine-tuning follows the gradient. Sampled batches are followed by their mean.
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// The kernel on the training points, X1 first, with the parameterisation's rates.
    ///
    /// # Shapes
    /// [2 samples, 2 samples]
    pub fn kernel(&self) -> &Array2<f64> {
        &self.kernel
    }

    /// The training points' inputs.
    ///
    /// # Shapes
    /// [2 samples, inputs], X1 first
    pub fn inputs(&self) -> &[f32] {
        self.inputs.training_inputs()
    }

    /// Their labels in fine-tuning.
    ///
    /// # Shapes
    /// [2 samples], X1 first
    pub fn labels(&self) -> &[f32] {
        self.inputs.labels(true)
    }

    /// f at the training points where fine-tuning starts.
    ///
    /// # Shapes
    /// [2 samples], X1 first
    pub fn outputs(&self) -> &Array1<f64> {
        &self.outputs
    }

    /// The training points of X1 by rising first coordinate, then those of X2.
    pub fn order(&self) -> Vec<usize> {
        let samples = self.spec.samples as usize;
        let inputs = self.spec.input_count() as usize;
        let by_x = |points| sorted_by_key(points, |&point: &usize| f64::from(self.inputs()[point * inputs]));
        [by_x((0..samples).collect()), by_x((samples..2 * samples).collect())].concat()
    }

    /// ID and old-task loss on the test points where fine-tuning starts.
    ///
    /// # Errors
    /// None known: the losses are made for these points.
    pub fn losses_at_start(&self) -> Result<[f64; 2], NoPlan> {
        Ok(self.losses(&self.linearised.start())?)
    }

    /// The eigenmodes of A = W^{1/2} K W^{1/2} at a replay fraction.
    ///
    /// # Errors
    /// A fraction outside 0 to 1; an eigenvalue problem without end.
    pub fn modes(&self, replay: f64) -> Result<Modes, NoPlan> {
        Ok(self.linearised.modes(&self.mixture.weights(replay)?)?)
    }

    /// ID and old-task loss of outputs on the evaluation points.
    fn losses(&self, outputs: &Array1<f64>) -> Result<[f64; 2], TheoryError> {
        Ok([self.id.of(outputs.view())?, self.old_task.of(outputs.view())?])
    }

    /// The test points of X2 among the evaluation points, which begin with those of X1.
    fn old_points(&self) -> Vec<usize> {
        let samples = self.spec.samples as usize;
        (samples..2 * samples).collect()
    }

    fn steps(&self) -> u32 {
        self.spec.fine_tuning_steps
    }
}

/// Share of the kernel's trace that is left out where many schedules are searched for: a third of the time, and the best
/// constant fraction moves by a per mille.
const COARSE: f64 = 1e-4;

/// The network of a job after pre-training.
fn pretrained(spec: &CheckedSpec, job: Job) -> Result<Parameters, NoPlan> {
    let mut run = JobRun::new(spec, job);
    loop {
        for event in run.advance(f64::INFINITY) {
            if let Event::Ended { branch: None, ending: Ending::Diverged(step) } = event {
                return Err(NoPlan::Diverged(step));
            }
        }
        if let JobCheckpoint { pretrained: Some(parameters), .. } = run.checkpoint().ok_or(NoPlan::NoKernel)? {
            return Ok(parameters);
        }
    }
}

/// The run of one network along constant replay fractions, to the last step.
fn alone(spec: &CheckedSpec, job: Job, replay: Vec<f64>) -> Result<CheckedSpec, NoPlan> {
    let mut own = (**spec).clone();
    own.experiment = Experiment::default();
    (own.widths, own.seeds, own.replay) = (vec![job.width], vec![job.seed], replay);
    (own.schedule, own.stop_loss, own.relinearise) = (Vec::new(), 0.0, 0);
    (own.segments, own.id_slack) = (0, 0.0);
    own.check(&Limits::NATIVE).map_err(|problems| {
        let first = problems.0.into_iter().next();
        NoPlan::Theory(TheoryError::Wrong(first.unwrap_or_else(|| Problem::new("spec", "", "one network"))))
    })
}

fn wrong(field: &str, value: impl core::fmt::Display, accepted: impl Into<String>) -> NoPlan {
    NoPlan::Theory(TheoryError::Wrong(Problem::new(field, &value.to_string(), accepted)))
}
