//! One branch as the kernel predicts it, before its first step is taken; then how far it was off.

use ndarray::{Array1, Array2, ArrayView1, s};

use super::planner::rule;
use super::tangent::{self, Tangent, moved};
use super::{error, mean};
use crate::experiments::event::{GRID, Measures, Point};
use crate::experiments::inputs::Inputs;
use crate::experiments::job::stage_at;
use crate::experiments::phase::{Piece, effective_time};
use crate::experiments::spec::CheckedSpec;
use crate::experiments::theory::Gap;
use crate::kernel::{Centring, Linearised, kernel_drift, target_alignment};
use crate::model::{Mlp, Parameters};
use crate::train::Mixture;

/// The prediction of one branch.
pub struct Forecast {
    /// The predicted curve, as far as it is finite, until it is told.
    pub untold: Vec<Point>,
    /// Predicted change of f on the X2 test points, by step.
    changes: Vec<(u32, Vec<f64>)>,
    /// The same of a single step.
    first_step: Vec<f64>,
    /// f on the X2 test points before the first step, as the network has it.
    start: Vec<f32>,
    probes: Probes,
}

/// A few training points of every task, on which the kernel is watched.
struct Probes {
    x: Vec<f32>,
    labels: Array1<f64>,
    /// The kernel on them before the first step; `None` where it has no numbers.
    kernel: Option<Array2<f64>>,
}

/// Points of each task on which the kernel is watched.
const PROBES: usize = 32;

/// What decides the prediction of a branch beside the network.
pub struct Asked<'a> {
    pub spec: &'a CheckedSpec,
    pub mlp: &'a Mlp,
    pub inputs: &'a Inputs,
    pub pieces: &'a [Piece],
    /// One for each new task.
    pub mixtures: &'a [Mixture],
    pub learning_rate: f32,
    pub checkpoints: &'a [u32],
    /// f on the X2 test points before the first step.
    pub start: Vec<f32>,
}

impl Asked<'_> {
    /// What is asked of one kernel: the pieces between two steps, as weights and durations.
    fn segments(&self, from: u32, to: u32) -> Vec<(Array1<f64>, f64)> {
        let overlap = |piece: &'_ Piece| (piece.from.max(from), piece.to.min(to), *piece);
        let inside = self.pieces.iter().map(overlap).filter(|(from, to, _)| from < to);
        let weights =
            |piece: Piece| self.mixtures[piece.stage].full_batch(piece.replay).into_iter().map(f64::from).collect();
        inside.map(|(from, to, piece)| (weights(piece), f64::from(to - from))).collect()
    }

    fn measures(&self, outputs: &[f32], distance: f64, step: u32) -> Measures {
        let samples = self.spec.samples as usize;
        let stage = stage_at(self.spec, true, step);
        let of = |task: usize| &outputs[task * samples..(task + 1) * samples];
        let (new, old) = (of(stage), of(self.inputs.stages()));
        let test = &self.inputs.tests()[stage];
        Measures {
            id_loss: error(new, &test.y),
            old_loss: error(old, &self.inputs.old().y),
            overwritten_loss: test.before.as_ref().map_or(0.0, |before| error(new, before)),
            mean_new: mean(new),
            mean_old: mean(old),
            distance: distance as f32,
            effective_time: effective_time(self.pieces, step),
        }
    }
}

impl Forecast {
    /// Predicts a branch from the tangent where it begins; where it is to be taken anew, moves there as predicted.
    pub fn of(asked: &Asked<'_>, tangent: &Tangent) -> Self {
        let mut forecast = Self {
            untold: Vec::new(),
            changes: Vec::new(),
            first_step: Vec::new(),
            start: asked.start.clone(),
            probes: Probes::of(asked, &tangent.parameters),
        };
        let steps = asked.spec.fine_tuning_steps;
        let stride = if asked.spec.relinearise == 0 { steps } else { asked.spec.relinearise };
        let origin = tangent.outputs[1].clone();
        let mut here = tangent.clone();
        let mut gone = vec![0.0; asked.mlp.parameter_count()];
        let mut from = 0;
        while from < steps {
            let to = steps.min(from + stride);
            let Some(alpha) = forecast.stretch(asked, &here, (from, to), &origin, &gone) else { break };
            let by = here.pulled_back(&alpha);
            gone.iter_mut().zip(&by).for_each(|(gone, by)| *gone += by);
            from = to;
            if from < steps {
                let parameters = moved(asked.mlp, &here.parameters, &by);
                let next = parameters.and_then(|at| Tangent::of(asked.mlp, at, asked.inputs));
                let Some(next) = next else { break };
                here = next;
            }
        }
        forecast
    }

    /// Predicts the checkpoints after `from` up to `to` with one kernel; the coefficients of its end, or `None`
    /// where numbers leave the finite ones.
    fn stretch(
        &mut self,
        asked: &Asked<'_>,
        tangent: &Tangent,
        (from, to): (u32, u32),
        origin: &Array1<f64>,
        gone: &[f64],
    ) -> Option<Vec<f64>> {
        let segments = asked.segments(from, to);
        // Examples without weight all along have no part in it.
        let active: Vec<usize> =
            (0..tangent.kernel.nrows()).filter(|&i| segments.iter().any(|(weights, _)| weights[i] > 0.0)).collect();
        let labels = asked.inputs.labels(true);
        let residuals = active.iter().map(|&i| tangent.outputs[0][i] - f64::from(labels[i])).collect();
        let kernel =
            Array2::from_shape_fn((active.len(), active.len()), |(i, j)| tangent.kernel[[active[i], active[j]]]);
        let few: Vec<(Array1<f64>, f64)> =
            segments.iter().map(|(weights, steps)| (active.iter().map(|&i| weights[i]).collect(), *steps)).collect();
        let nowhere = (Array2::zeros((0, active.len())), Array1::zeros(0));
        let linear = Linearised::new(kernel, nowhere.0, residuals, nowhere.1).ok()?;
        let wanted = asked.checkpoints.iter().filter(|&&step| (step > from && step <= to) || step == 0 && from == 0);
        let wanted: Vec<u32> = wanted.copied().collect();
        let evaluation = Array2::from_shape_fn((tangent.evaluation.nrows(), active.len()), |(i, j)| {
            tangent.evaluation[[i, active[j]]]
        });
        let whole = |alpha: ArrayView1<f64>| {
            let mut all = vec![0.0; tangent.kernel.nrows()];
            active.iter().zip(alpha).for_each(|(&i, &alpha)| all[i] = alpha);
            all
        };
        // The first step and the end of the stretch are wanted, too.
        let mut steps: Vec<u32> = wanted.iter().copied().chain([from + 1, to]).collect();
        steps.sort_unstable();
        steps.dedup();
        let times: Vec<f64> = steps.iter().map(|&step| f64::from(step - from)).collect();
        // Where the last are beyond what a double holds, the others are still told.
        let known = |count: usize| {
            linear.coefficients(&few, rule(asked.spec.optimiser, asked.learning_rate), &times[..count]).ok()
        };
        let known = (1..=times.len()).rev().find_map(known)?;
        for (&step, alpha) in steps.iter().zip(known.rows()) {
            let change = evaluation.dot(&alpha);
            if step == 1 {
                self.first_step = self.old_points(asked, &change);
            }
            if !wanted.contains(&step) {
                continue;
            }
            let outputs = &tangent.outputs[1] + &change;
            let by = tangent.pulled_back(&whole(alpha));
            let distance = gone.iter().zip(&by).map(|(gone, by)| (gone + by) * (gone + by)).sum::<f64>();
            let rounded: Vec<f32> = outputs.iter().map(|&f| f as f32).collect();
            let measures = asked.measures(&rounded, distance.sqrt(), step);
            if !measures.values().iter().chain(&rounded).all(|value| value.is_finite()) {
                return None;
            }
            let grid = rounded.len() - GRID;
            self.untold.push(Point { step, measures, function: rounded[grid..].to_vec() });
            self.changes.push((step, self.old_points(asked, &(outputs - origin))));
        }
        (known.nrows() == times.len()).then(|| whole(known.row(times.len() - 1)))
    }

    fn old_points(&self, asked: &Asked<'_>, evaluated: &Array1<f64>) -> Vec<f64> {
        let samples = asked.spec.samples as usize;
        let before = asked.inputs.stages() * samples;
        evaluated.slice(s![before..before + samples]).to_vec()
    }

    /// How far a checkpoint of the network is from its prediction.
    ///
    /// # Shapes
    /// `now`: f on the X2 test points, [samples]
    pub fn gap(&self, step: u32, now: &[f32], mlp: &Mlp, parameters: &Parameters) -> Gap {
        let change: Vec<f64> =
            now.iter().zip(&self.start).map(|(now, start)| f64::from(*now) - f64::from(*start)).collect();
        let size = norm(change.iter().copied());
        let off = |said: &dyn Fn(usize) -> f64| {
            let error = norm(change.iter().enumerate().map(|(k, change)| said(k) - change)) / size;
            (size > 0.0).then_some(error as f32).filter(|error| error.is_finite())
        };
        let known = self.changes.iter().find(|(at, _)| *at == step);
        let middle = change.iter().sum::<f64>() / change.len() as f64;
        let kernel = self.probes.kernel_of(mlp, parameters);
        let (before, after) = (self.probes.kernel.as_ref(), kernel.as_ref());
        let drift = before.zip(after).and_then(|(a, b)| kernel_drift(a.view(), b.view(), Centring::Centred).ok());
        let labels = self.probes.labels.view();
        let alignment = after.and_then(|kernel| target_alignment(kernel.view(), labels, Centring::Centred).ok());
        Gap {
            step,
            drift_error: known.and_then(|(_, said)| off(&|i| said[i])),
            constant_error: off(&|_| middle),
            first_step_error: (!self.first_step.is_empty())
                .then(|| off(&|i| f64::from(step) * self.first_step[i]))
                .flatten(),
            kernel_drift: drift.map(|drift| drift as f32),
            kernel_growth: before
                .zip(after)
                .map(|(a, b)| (b.diag().sum() / a.diag().sum()) as f32)
                .filter(|g| g.is_finite()),
            alignment: alignment.map(|alignment| alignment as f32),
        }
    }
}

impl Probes {
    fn of(asked: &Asked<'_>, parameters: &Parameters) -> Self {
        let samples = asked.spec.samples as usize;
        let some = PROBES.min(samples);
        let tasks = 0..asked.inputs.stages() + 1;
        let places: Vec<usize> = tasks.flat_map(|task| task * samples..task * samples + some).collect();
        let (x, labels) = (asked.inputs.training_inputs(), asked.inputs.labels(true));
        let inputs = asked.mlp.inputs;
        let mut probes = Self {
            x: places.iter().flat_map(|&i| &x[i * inputs..(i + 1) * inputs]).copied().collect(),
            labels: places.iter().map(|&i| f64::from(labels[i])).collect(),
            kernel: None,
        };
        probes.kernel = probes.kernel_of(asked.mlp, parameters);
        probes
    }

    fn kernel_of(&self, mlp: &Mlp, parameters: &Parameters) -> Option<Array2<f64>> {
        tangent::kernel(mlp, parameters, &self.x)
    }
}

fn norm(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|value| value * value).sum::<f64>().sqrt()
}
