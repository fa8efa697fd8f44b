//! `--export-inputs`: everything needed to retrain the networks of a run elsewhere.

use std::path::Path;

use ndarray::{Array1, Array2};
use ndarray_npy::WritableElement;

use super::cli::Failure;
use super::files;
use crate::experiments::inputs::Inputs;
use crate::experiments::{Job, Results};
use crate::record::link::science;
use crate::seed::Seed;

/// The inputs of a run that has been made: a schedule that was planned on the way is only known by then.
/// Writes `seed-<s>/{x_train,y_pretraining,y_fine_tuning,x_test}.npy`, per branch `weights-<k>.npy`
/// (one row per piece of the schedule, with `pieces-<k>.npy` its first steps), with sampled batches
/// `batches-pretraining.npy` and `batches-<k>.npy` ([steps, batch]), and per width
/// `width-<w>/{w1,b1,w2,b2}.npy`; `spec.txt` holds the link.
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
    vector("x_train", inputs.training_inputs())?;
    vector("y_pretraining", inputs.labels(false))?;
    vector("y_fine_tuning", inputs.labels(true))?;
    vector("x_test", &inputs.test.concat())?;
    let mixture = inputs.mixture(spec, true);
    let size = spec.batch as usize;
    if size > 0 {
        let mut stream = inputs.seed.fork("pre-training batches").stream();
        let mut drawn = Array2::<u32>::zeros((spec.pretraining_steps as usize, size));
        let equal = inputs.mixture(spec, false);
        for mut row in drawn.rows_mut() {
            equal.draw(0.5, &mut stream, row.as_slice_mut().unwrap_or_default());
        }
        save(folder, "batches-pretraining", &drawn)?;
    }
    let traces = results.job(Job { seed, width: spec.widths[0] });
    for (branch, known) in spec.branches().iter().enumerate() {
        let planned = || Some(&traces?.spending.get(branch)?.plan.as_ref()?.schedule);
        let Some(schedule) = known.schedule().or_else(planned) else { continue };
        let pieces: Vec<(u32, u32, f64)> = schedule.pieces(spec.fine_tuning_steps).collect();
        let weights: Vec<f32> = pieces.iter().flat_map(|&(_, _, p)| mixture.full_batch(p)).collect();
        let shape = (pieces.len(), inputs.training_inputs().len());
        let weights = Array2::from_shape_vec(shape, weights).map_err(|error| Failure::Other(error.to_string()))?;
        save(folder, &format!("weights-{branch}"), &weights)?;
        save(folder, &format!("pieces-{branch}"), &pieces.iter().map(|&(from, ..)| from).collect::<Array1<u32>>())?;
        if size > 0 {
            let mut stream = inputs.seed.fork("fine-tuning batches").stream();
            let mut drawn = Array2::<u32>::zeros((spec.fine_tuning_steps as usize, size));
            for (from, to, p) in pieces {
                for step in from..to {
                    let mut row = drawn.row_mut(step as usize);
                    mixture.draw(p, &mut stream, row.as_slice_mut().unwrap_or_default());
                }
            }
            save(folder, &format!("batches-{branch}"), &drawn)?;
        }
    }
    for &width in &spec.widths {
        let parameters = spec.network(width).init(&mut Seed::new(u64::from(seed)).fork("init").stream());
        let folder = folder.join(format!("width-{width}"));
        for (name, values) in [("w1", &parameters.w1), ("b1", &parameters.b1), ("w2", &parameters.w2)] {
            save(&folder, name, &Array1::from(values.clone()))?;
        }
        save(&folder, "b2", &Array1::from(vec![parameters.b2]))?;
    }
    Ok(())
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
