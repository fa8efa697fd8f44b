//! An analysis as typed arrays, each `{ data, shape }`, for scripts.

use js_sys::{Array, Float64Array};
use wasm_bindgen::JsValue;

use super::said;
use crate::experiments::analysis::Analysis;
use crate::web::answering::object;

/// Everything as numbers; `docs/javascript.md` lists the shapes.
///
/// # Errors
/// Where the theory has no answer at this replay fraction.
pub fn of(analysis: &Analysis, replay: f64) -> Result<JsValue, String> {
    let kernel = analysis.kernel();
    let spectrum = analysis.spectrum(replay).map_err(said)?;
    let table = analysis.mode_table(replay).map_err(said)?;
    let curve = analysis.predicted(replay).map_err(said)?;
    let of_modes = |value: fn(&crate::experiments::analysis::modes::Mode) -> f64| vector(table.modes.iter().map(value));
    let modes = object(&[
        ("eigenvalue", of_modes(|mode| mode.eigenvalue)),
        ("rate", of_modes(|mode| mode.rate)),
        ("excitation", of_modes(|mode| mode.excitation)),
        ("forgetting", of_modes(|mode| mode.forgetting)),
    ]);
    let prediction = object(&[
        ("steps", vector(curve.steps.iter().map(|&step| f64::from(step)))),
        ("old_task", vector(curve.old_task.iter().copied())),
        ("new_task", vector(curve.new_task.iter().copied())),
    ]);
    Ok(object(&[
        ("replay", replay.into()),
        ("x", vector(analysis.inputs().iter().map(|&x| f64::from(x)))),
        ("labels", vector(analysis.labels().iter().map(|&y| f64::from(y)))),
        ("outputs", vector(analysis.outputs().iter().copied())),
        ("kernel", shaped(kernel.iter().copied(), kernel.shape())),
        ("eigenvalues", vector(spectrum.eigenvalues.iter().copied())),
        ("modes", modes),
        ("prediction", prediction),
    ]))
}

fn vector(values: impl ExactSizeIterator<Item = f64>) -> JsValue {
    let count = values.len();
    shaped(values, &[count])
}

/// Values in row-major order.
fn shaped(values: impl Iterator<Item = f64>, shape: &[usize]) -> JsValue {
    let values: Vec<f64> = values.collect();
    let shape: Array = shape.iter().map(|&side| JsValue::from(side as f64)).collect();
    object(&[("data", Float64Array::from(values.as_slice()).into()), ("shape", shape.into())])
}
