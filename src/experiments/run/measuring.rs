//! What a network is measured by, at the steps that are reported.

use super::{JobRun, Phase};
use crate::engine::{LARGEST_OUTPUT, Trainee};
use crate::experiments::event::{Event, Measures, Point, TaskLosses};
use crate::experiments::inputs::Inputs;
use crate::experiments::job::{stage_at, stage_ends};
use crate::experiments::phase::effective_time;

impl JobRun {
    /// Measures the network, and holds it against its prediction; `None` where it has diverged on what is measured: training looks at the
    /// weighted examples before each step only.
    pub(super) fn measure(&self, phase: &mut Phase) -> Option<Vec<Event>> {
        phase.reported += 1;
        let step = self.state.step();
        let stage = stage_at(&self.spec, phase.branch.is_some(), step);
        let (new, old) = (&self.inputs.tests()[stage], self.inputs.old());
        let between = self.between(phase);
        let network = between.as_ref().unwrap_or(&self.state);
        let [f_new, f_old, function] = [&new.x, &old.x, self.inputs.line()].map(|x| network.outputs(x));
        // A NaN fails the comparison, too.
        let bounded = f_new.iter().chain(&f_old).all(|f| f.abs() <= LARGEST_OUTPUT);
        let measures = Measures {
            id_loss: error(&f_new, &new.y),
            old_loss: error(&f_old, &old.y),
            overwritten_loss: new.before.as_ref().map_or(0.0, |before| error(&f_new, before)),
            mean_new: mean(&f_new),
            mean_old: mean(&f_old),
            distance: network.distance(&phase.start),
            effective_time: effective_time(&phase.pieces, step),
        };
        let branch = phase.branch.map(|branch| branch as u32);
        let measured = bounded && measures.values().iter().all(|value| value.is_finite());
        let point = Event::Checkpoint { branch, point: Point { step, measures, function } };
        let gap = phase.forecast.as_ref().zip(branch).filter(|_| measured).map(|(forecast, branch)| {
            let gap = forecast.gap(step, &f_old, self.state.mlp(), &self.state.parameters());
            Event::Gap { branch, gap }
        });
        measured.then(|| [point].into_iter().chain(gap).collect())
    }

    /// The network that is measured in place of the trained one, where a mitigation interpolates.
    fn between(&self, phase: &Phase) -> Option<Trainee> {
        if phase.treatment.interpolation == 0.0 {
            return None;
        }
        let mlp = *self.state.mlp();
        let parameters = phase.treatment.measured(&mlp, self.state.parameters(), &phase.start)?;
        Some(Trainee::new(mlp, parameters, phase.optimiser))
    }

    /// The losses on all tasks where fine-tuning on one begins or ends, in a sequence of tasks.
    pub(super) fn look_at_tasks(&self, phase: &Phase) -> Option<Event> {
        let (branch, stages, step) = (phase.branch? as u32, self.inputs.stages(), self.state.step());
        let ends = || stage_ends(self.spec.fine_tuning_steps, stages);
        if stages == 1 || (step > 0 && !ends().any(|end| end == step)) {
            return None;
        }
        let between = self.between(phase);
        let network = between.as_ref().unwrap_or(&self.state);
        let tests = self.inputs.tests();
        let old_first = [&tests[stages]].into_iter().chain(&tests[..stages]);
        let losses: Vec<f32> = old_first.map(|test| error(&network.outputs(&test.x), &test.y)).collect();
        let tasks = TaskLosses { step, losses };
        tasks.losses.iter().all(|loss| loss.is_finite()).then_some(Event::Tasks { branch, tasks })
    }
}

/// The old task's loss of a network on its test points.
pub(super) fn old_loss(state: &Trainee, inputs: &Inputs) -> f32 {
    error(&state.outputs(&inputs.old().x), &inputs.old().y)
}

/// Mean of (f - label)^2, summed in f64.
pub(super) fn error(f: &[f32], labels: &[f32]) -> f32 {
    let sum: f64 = f.iter().zip(labels).map(|(f, label)| f64::from(f - label) * f64::from(f - label)).sum();
    (sum / f.len() as f64) as f32
}

/// Mean, summed in f64.
pub(super) fn mean(f: &[f32]) -> f32 {
    (f.iter().copied().map(f64::from).sum::<f64>() / f.len() as f64) as f32
}
