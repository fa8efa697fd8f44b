//! What the data cannot say about a law.

use super::bootstrap::Intervals;
use super::joint::JointFit;
use super::observation::Observations;

/// How often an exponent's interval may hold its own lower end before it says nothing.
const ORDER_OF_MAGNITUDE: f64 = 10.0;

/// Condition number of the scaled Jacobian from which on the exponents trade off against each other.
const ILL_CONDITIONED: f64 = 1e3;

/// 97.5 % quantile of the normal distribution.
const TWO_SIDED: f64 = 1.96;

/// What makes the exponents of a joint fit uncertain, each as a sentence.
pub fn identification_warnings(fit: &JointFit, observations: &Observations) -> Vec<String> {
    let mut found = Vec::new();
    for (what, count) in [
        ("numbers of tuned parameters", observations.different(|row| row.parameters).len()),
        ("numbers of steps", observations.different(|row| row.steps).len()),
    ] {
        if count < 5 {
            found.push(format!(
                "Only {count} different {what}: curves through them can be fitted, their exponents hardly."
            ));
        }
    }
    match fit.condition {
        None => found.push(
            "The data do not determine the exponents at all: some of them can change without any change of the curves."
                .to_owned(),
        ),
        Some(condition) if condition > ILL_CONDITIONED => found.push(format!(
            "The exponents, scales and rho trade off against each other (condition number {condition:.0e}): judge the \
             fit by its curves and its predictions, not by its coefficients."
        )),
        Some(_) => {}
    }
    if fit.rho_is_at_an_end() {
        let rho = fit.law.fine_tuning.rho;
        found.push(format!(
            "rho ended at {rho:.3}, an end of the range it is searched in: the data do not determine it."
        ));
    }
    if let Some(errors) = fit.log_errors {
        let names = ["alpha_ft", "beta_ft", "alpha_f", "beta_f", "rho"];
        let wide: Vec<&str> = names
            .iter()
            .zip(errors)
            .filter(|(_, e)| 2.0 * TWO_SIDED * e > libm::log(ORDER_OF_MAGNITUDE))
            .map(|(n, _)| *n)
            .collect();
        if !wide.is_empty() {
            let wide = wide.join(", ");
            found.push(format!(
                "By the curvature of the fit alone these are uncertain by more than a factor of ten: {wide}."
            ));
        }
    }
    found
}

/// What the bootstrap says against taking coefficients at their word, each as a sentence.
pub fn interval_warnings(intervals: &Intervals) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(joint) = &intervals.joint {
        let exponent = |name: &str| name.starts_with("alpha") || name.starts_with("beta") || name == "rho";
        let wide: Vec<&str> = joint
            .iter()
            .filter(|(name, interval)| exponent(name) && interval.high > ORDER_OF_MAGNITUDE * interval.low)
            .map(|(name, _)| name.as_str())
            .collect();
        if !wide.is_empty() {
            found
                .push(format!("The bootstrap intervals of these span more than a factor of ten: {}.", wide.join(", ")));
        }
    }
    let left_out = intervals.resamples - intervals.joint_resamples;
    if intervals.joint_resamples > 0 && left_out > 0 {
        found.push(format!(
            "{left_out} of {} resamples had too few different runs for a joint fit and are left out of its intervals.",
            intervals.resamples
        ));
    }
    found
}
