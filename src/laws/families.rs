//! Does the linear law of one tuning family hold for another?

use serde::{Deserialize, Serialize};

use super::linear::{LinearLaw, fit_linear_law};
use super::observation::Observations;
use super::permutation::p_value;
use crate::error::{Problem, Problems};

/// How far one family is from the line of another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FamilyBreak {
    pub reference: String,
    pub family: String,
    /// The family's mean forgetting beyond the reference's line, over runs, nats: positive where the line promises too
    /// little.
    pub offset: f64,
    /// Standard deviation of the same over runs of the reference, nats.
    pub noise: f64,
    /// Offset over noise.
    pub ratio: f64,
    /// By permuting which family a run is of; `None` where runs can be dealt in fewer than 20 ways.
    pub p_value: Option<f64>,
    /// R2 of the reference's own line, on itself, and of that same line on the other family (below 0 where the family's
    /// mean would predict it better). The paper's appendix B has .1851 over all its families.
    pub r2_reference: f64,
    pub r2_family: f64,
    pub runs_reference: usize,
    pub runs_family: usize,
}

impl FamilyBreak {
    /// Whether the family breaks the law at the 5 % level; `None` where there is no p-value.
    pub fn breaks(&self) -> Option<bool> {
        self.p_value.map(|p| p < 0.05)
    }
}

/// Fits equation 4 to the family with the most runs (of equal ones the first) and holds every other against it.
///
/// # Errors
/// Fewer than two families, or a reference too small for a line.
pub fn family_breaks_the_law(observations: &Observations) -> Result<Vec<FamilyBreak>, Problems> {
    let runs = observations.runs();
    let mut families: Vec<(&str, Vec<usize>)> = Vec::new();
    for run in observations.present() {
        let Some(family) = runs[run].family.as_deref() else { continue };
        match families.iter_mut().find(|(name, _)| *name == family) {
            Some((_, own)) => own.push(run),
            None => families.push((family, vec![run])),
        }
    }
    if families.len() < 2 {
        let accepted = "at least 2 different families, in a column `family`";
        return Err(Problems(vec![Problem::new("family", &format!("{} different", families.len()), accepted)]));
    }
    let most = families.iter().map(|(_, own)| own.len()).max().unwrap_or(0);
    let chosen = families.iter().position(|(_, own)| own.len() == most).unwrap_or(0);
    let (reference, own) = families.remove(chosen);
    let law = fit_linear_law(&observations.only(|run, _| own.contains(&run)))?;
    let held = |run: usize| mean_residual(observations, run, &law);
    let found = families.into_iter().map(|(family, others)| {
        let residuals: Vec<f64> = own.iter().chain(&others).map(|&run| held(run)).collect();
        let labels: Vec<usize> = (0..residuals.len()).map(|index| usize::from(index >= own.len())).collect();
        let offset = |labels: &[usize]| {
            let mut sums = [(0.0, 0.0); 2];
            labels.iter().zip(&residuals).for_each(|(&label, residual)| {
                sums[label].0 += residual;
                sums[label].1 += 1.0;
            });
            sums[1].0 / sums[1].1 - sums[0].0 / sums[0].1
        };
        let mean = residuals[..own.len()].iter().sum::<f64>() / own.len() as f64;
        let spread: f64 = residuals[..own.len()].iter().map(|r| (r - mean) * (r - mean)).sum();
        let noise = (spread / (own.len() as f64 - 1.0).max(1.0)).sqrt();
        FamilyBreak {
            reference: reference.to_owned(),
            family: family.to_owned(),
            offset: offset(&labels),
            noise,
            ratio: offset(&labels) / noise,
            p_value: p_value(&labels, "families", |labels| offset(labels).abs()),
            r2_reference: law.r2,
            r2_family: r2(&observations.only(|run, _| others.contains(&run)), &law),
            runs_reference: own.len(),
            runs_family: others.len(),
        }
    });
    Ok(found.collect())
}

fn mean_residual(observations: &Observations, run: usize, law: &LinearLaw) -> f64 {
    let rows = observations.of_run(run);
    rows.iter().map(|row| row.forgetting - law.forgetting(row.fine_tuning_loss)).sum::<f64>() / rows.len() as f64
}

fn r2(observations: &Observations, law: &LinearLaw) -> f64 {
    let mean = observations.rows().iter().map(|(_, row)| row.forgetting).sum::<f64>() / observations.len() as f64;
    let (rest, all) = observations.rows().iter().fold((0.0, 0.0), |(rest, all), (_, row)| {
        let (residual, deviation) = (row.forgetting - law.forgetting(row.fine_tuning_loss), row.forgetting - mean);
        (rest + residual * residual, all + deviation * deviation)
    });
    1.0 - rest / all
}
