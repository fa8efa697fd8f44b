//! `--export-inputs`: everything needed to retrain the networks of a run elsewhere.

use std::path::Path;

use ndarray::{Array1, Array2};
use ndarray_npy::WritableElement;

use super::cli::Failure;
use super::files;
use crate::error::{Problem, Problems};
use crate::experiments::inputs::Inputs;
use crate::experiments::phase::{pretraining_schedule, stretches};
use crate::experiments::{CheckedSpec, Job, Results};
use crate::record::link::science;
use crate::seed::Seed;
use crate::train::Mixture;

/// Whether a run follows from the inputs that [`export`] writes.
///
/// # Errors
/// It compares mitigations, whose steps need more.
pub fn check(spec: &CheckedSpec) -> Result<(), Failure> {
    if spec.experiment.mitigates() {
        let accepted = "any other with --export-inputs: the steps of mitigations do not follow from inputs alone";
        return Err(Failure::Input(Problems(vec![Problem::new("experiment", spec.experiment.name(), accepted)])));
    }
    Ok(())
}

/// The inputs of a run that has been made: a schedule that was planned on the way is only known by then.
/// Writes `seed-<s>/{x_train,y_pretraining,y_fine_tuning,x_test,y_test}.npy` (`y_test` holds the labels that
/// fine-tuning teaches; examples are ordered by task, the new ones first, the old one last), `weights-pretraining.npy`
/// (0 for what pre-training does not see), per branch `weights-<k>.npy`
/// (one row per piece of the schedule, with `pieces-<k>.npy` its first steps), with sampled batches
/// `batches-pretraining.npy` and `batches-<k>.npy` ([steps, batch]), and per width
/// `width-<w>/{w1,b1,w2,b2}.npy` and, of deep networks, `middle.npy`; `spec.txt` holds the link.
///
/// # Errors
/// A file that cannot be written.
pub fn export(results: &Results, folder: &Path) -> Result<(), Failure> {
    let spec = &results.spec;
    files::write(&folder.join("spec.txt"), science(spec).as_bytes())?;
    for &seed in &spec.seeds {
        export_seed(results, seed, &folder.join(format!("seed-{seed}")))?;
    }
    Ok(())
}

fn export_seed(results: &Results, seed: u32, folder: &Path) -> Result<(), Failure> {
    let spec = &results.spec;
    let inputs = Inputs::of(spec, seed);
    let vector = |name: &str, values: &[f32]| save(folder, name, &Array1::from(values.to_vec()));
    let points = |name: &str, values: &[f32]| match spec.input_count() as usize {
        1 => vector(name, values),
        inputs => save(folder, name, &rows(values, inputs)),
    };
    points("x_train", inputs.training_inputs())?;
    let before = inputs.mixture(spec, false, 0).full_batch(pretraining_schedule(spec).mean(1));
    vector("weights-pretraining", &before)?;
    vector("y_pretraining", inputs.labels(false))?;
    vector("y_fine_tuning", inputs.labels(true))?;
    points("x_test", &inputs.test_inputs())?;
    vector("y_test", &inputs.tests().iter().flat_map(|test| &test.y).copied().collect::<Vec<f32>>())?;
    let mixtures: Vec<Mixture> = (0..inputs.stages()).map(|stage| inputs.mixture(spec, true, stage)).collect();
    let size = spec.batch as usize;
    if size > 0 {
        let mut stream = inputs.seed.fork("pre-training batches").stream();
        let mut drawn = Array2::<u32>::zeros((spec.pretraining_steps as usize, size));
        let (equal, replay) = (inputs.mixture(spec, false, 0), pretraining_schedule(spec).mean(1));
        for mut row in drawn.rows_mut() {
            equal.draw(replay, &mut stream, row.as_slice_mut().unwrap_or_default());
        }
        save(folder, "batches-pretraining", &drawn)?;
    }
    let traces = results.job(Job { seed, width: spec.widths[0] });
    for (branch, known) in spec.branches().iter().enumerate() {
        let planned = || Some(&traces?.spending.get(branch)?.plan.as_ref()?.schedule);
        let Some(schedule) = known.schedule().or_else(planned) else { continue };
        let pieces = stretches(spec.fine_tuning_steps, spec.stages(), schedule);
        let weights: Vec<f32> =
            pieces.iter().flat_map(|piece| mixtures[piece.stage].full_batch(piece.replay)).collect();
        let shape = (pieces.len(), inputs.labels(true).len());
        let weights = Array2::from_shape_vec(shape, weights).map_err(|error| Failure::Other(error.to_string()))?;
        save(folder, &format!("weights-{branch}"), &weights)?;
        save(folder, &format!("pieces-{branch}"), &pieces.iter().map(|piece| piece.from).collect::<Array1<u32>>())?;
        if size > 0 {
            let mut stream = inputs.seed.fork("fine-tuning batches").stream();
            let mut drawn = Array2::<u32>::zeros((spec.fine_tuning_steps as usize, size));
            for piece in pieces {
                for step in piece.from..piece.to {
                    let mut row = drawn.row_mut(step as usize);
                    mixtures[piece.stage].draw(piece.replay, &mut stream, row.as_slice_mut().unwrap_or_default());
                }
            }
            save(folder, &format!("batches-{branch}"), &drawn)?;
        }
    }
    for &width in &spec.widths {
        let parameters = spec.network(width).init(&mut Seed::new(u64::from(seed)).fork("init").stream());
        let folder = folder.join(format!("width-{width}"));
        match spec.input_count() as usize {
            1 => save(&folder, "w1", &Array1::from(parameters.w1.clone()))?,
            inputs => save(&folder, "w1", &rows(&parameters.w1, inputs))?,
        }
        for (name, values) in [("b1", &parameters.b1), ("w2", &parameters.w2)] {
            save(&folder, name, &Array1::from(values.clone()))?;
        }
        if !parameters.middle.is_empty() {
            save(&folder, "middle", &Array1::from(parameters.middle.clone()))?;
        }
        save(&folder, "b2", &Array1::from(vec![parameters.b2]))?;
    }
    Ok(())
}

fn rows(values: &[f32], columns: usize) -> Array2<f32> {
    Array2::from_shape_fn((values.len() / columns, columns), |(i, k)| values[i * columns + k])
}

/// Writes `<name>.npy`.
///
/// # Errors
/// A file that cannot be written.
pub fn save<T: WritableElement, D: ndarray::Dimension>(
    folder: &Path,
    name: &str,
    array: &ndarray::Array<T, D>,
) -> Result<(), Failure> {
    use ndarray_npy::WriteNpyExt as _;
    let mut bytes = Vec::new();
    array.write_npy(&mut bytes).map_err(|error| Failure::Other(format!("cannot write {name}.npy: {error}")))?;
    files::write(&folder.join(format!("{name}.npy")), &bytes)
}
