//! A fit in words and a table.

use super::fit::Fitted;
use crate::laws::{Collapse, Response};
use crate::stats::Interval;

/// A number with four digits that count: losses differ in their third.
pub fn short(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        return "0".to_owned();
    }
    if !(1e-3..1e6).contains(&size) {
        return format!("{value:.3e}");
    }
    let decimals = [1e3, 1e2, 1e1, 1.0, 0.1, 0.01].iter().position(|&least| size >= least).unwrap_or(6);
    format!("{value:.decimals$}")
}

/// Tells all that was found, warnings last and on standard error.
pub fn tell(fitted: &Fitted) {
    let found = &fitted.found;
    let runs = fitted.runs.observations.present().len();
    say!(
        "{} observations of {runs} runs; {} before step {} left out\n",
        fitted.runs.observations.len(),
        fitted.runs.left_out,
        fitted.runs.warm_up
    );
    let between = |interval: Option<Interval>| {
        interval.map_or_else(String::new, |i| format!(" ({} to {})", short(i.low), short(i.high)))
    };
    let line = &found.linear;
    let intervals = fitted.intervals.as_ref();
    say!(
        "linear     L_f = {}{} L_ft + {}{}, R2 {:.4}, residuals {} nats",
        short(line.slope),
        between(intervals.and_then(|intervals| intervals.linear.slope)),
        short(line.intercept),
        between(intervals.and_then(|intervals| intervals.linear.intercept)),
        line.r2,
        short(line.rmse)
    );
    if let Some(fit) = &found.joint {
        say!(
            "joint      R2 {:.4} (fine-tuning loss), {:.4} (forgetting); noise {} and {} nats",
            fit.r2_fine_tuning,
            fit.r2_forgetting,
            short(fit.noise(Response::FineTuningLoss)),
            short(fit.noise(Response::Forgetting))
        );
        for (index, (name, value)) in fit.parameters().named().iter().enumerate() {
            let own = intervals.and_then(|intervals| intervals.joint.as_ref()).map(|joint| joint[index].1);
            say!("           {name:<9}{}{}", short(*value), between(own));
        }
    }
    for (name, fit) in
        [("fine-tuning", 0), ("forgetting", 1)].iter().filter_map(|(name, i)| Some((name, fitted.power?[*i])))
    {
        let law = fit.law;
        say!(
            "power      {name}: R2 {:.4}, asymptote {}, alpha {}, beta {}, rho {}",
            fit.r2,
            short(law.asymptote),
            short(law.alpha),
            short(law.beta),
            short(law.rho)
        );
    }
    if let Some(fit) = &fitted.replay {
        let law = fit.law;
        say!(
            "replay     R2 {:.4}, beta {}, alpha {}, B {}: 1 % of replay counts as a model {} times as large",
            fit.r2,
            short(law.beta),
            short(law.alpha),
            short(law.b),
            short(law.effective_size(0.01))
        );
    }
    if let Some(held) = &found.held_out {
        say!(
            "held out   {} observations predicted from {}: errors {} and {} nats, {:.2} and {:.2} times the noise",
            held.predicted,
            held.fitted,
            short(held.rmse_fine_tuning),
            short(held.rmse_forgetting),
            held.ratio_fine_tuning,
            held.ratio_forgetting
        );
    }
    found.collapse.iter().for_each(collapse);
    for point in found.stopping.iter().filter(|point| point.escapes() == Some(true)) {
        say!(
            "stopping   at {} steps {:+.4} nats beside the line, standard error {} over {} runs",
            point.steps,
            point.offset,
            short(point.standard_error),
            point.runs
        );
    }
    for family in &found.families {
        let verdict = match family.breaks() {
            Some(true) => "breaks the line",
            Some(false) => "keeps to the line",
            None => "undecided, too few runs",
        };
        say!(
            "family     {} against {}: {verdict}; {:+.4} nats, {:.1} times its noise",
            family.family,
            family.reference,
            family.offset,
            family.ratio
        );
    }
    for warning in &fitted.warnings {
        eprintln!("warning: {warning}");
    }
}

fn collapse(found: &Collapse) {
    let verdict = match found.refused() {
        Some(true) => "ranks do not share one curve",
        Some(false) => "ranks share one curve, as far as seeds tell",
        None => "undecided, too few runs",
    };
    say!(
        "collapse   {verdict}: F {}{}, {} nats between ranks at equal L_ft against {} between seeds",
        short(found.f_ratio),
        found.p_value.map_or_else(String::new, |p| format!(", p {p:.4}")),
        short(found.between_ranks),
        short(found.between_seeds)
    );
}
