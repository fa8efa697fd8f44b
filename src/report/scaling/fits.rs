//! The laws in words.

use super::Report;
use crate::figure::number::{count, short, signed, significant};
use crate::laws::{Collapse, Found, Intervals, LinearLaw, Response, StoppingPoint, interval_warnings};
use crate::report::Statement;
use crate::stats::Interval;

/// The report of what was fitted.
pub fn report(found: &Found, intervals: Option<&Intervals>) -> Report {
    let mut warnings = found.warnings.clone();
    warnings.extend(intervals.iter().flat_map(|intervals| interval_warnings(intervals)));
    let mut statements = vec![line(found, intervals)];
    statements.extend(found.collapse.as_ref().map(shared));
    statements.extend(stopping(&found.stopping));
    statements.extend(powers(found));
    statements.extend(held_out(found));
    statements.extend(found.families.iter().map(family));
    let sentences = [answer(&found.linear), ranks(found), stops(&found.stopping)];
    Report {
        headline: sentences.join(" "),
        more:
            "A line through curves that rise and fall together fits well whatever the law: ask whether ranks share it \
               and whether it bends."
                .to_owned(),
        statements,
        warnings,
    }
}

fn answer(line: &LinearLaw) -> String {
    if line.slope < 0.0 {
        format!("each nat of fine-tuning loss that is gained costs {} nats of forgetting.", short(-line.slope))
    } else {
        "forgetting does not rise as the fine-tuning loss falls.".to_owned()
    }
}

fn ranks(found: &Found) -> String {
    let Some(collapse) = &found.collapse else {
        return "Whether a rank escapes that line, these runs do not tell.".to_owned();
    };
    match collapse.refused() {
        Some(true) => {
            let least = collapse.by_rank.iter().min_by(|a, b| a.1.total_cmp(&b.1)).copied().unwrap_or_default();
            format!(
                "Ranks do not share one curve: at equal fine-tuning loss they are {} nats apart, and seeds {}; {} tuned \
                 parameters forget least.",
                short(collapse.between_ranks),
                short(collapse.between_seeds),
                count(least.0 as usize)
            )
        }
        Some(false) => format!(
            "No rank is seen to escape: at equal fine-tuning loss ranks are {} nats apart, and seeds {}{}; more seeds \
             would see more.",
            short(collapse.between_ranks),
            short(collapse.between_seeds),
            collapse.p_value.map_or_else(String::new, |p| format!(" (p {})", short(p)))
        ),
        None => "Whether a rank escapes is undecided: add seeds.".to_owned(),
    }
}

/// The stopping point that escapes with the least forgetting beside the line.
fn lowest(points: &[StoppingPoint]) -> Option<&StoppingPoint> {
    let escaping = points.iter().filter(|point| point.escapes() == Some(true));
    escaping.min_by(|a, b| a.offset.total_cmp(&b.offset))
}

fn stops(points: &[StoppingPoint]) -> String {
    match lowest(points) {
        Some(point) if point.offset < 0.0 => format!(
            "A stopping point escapes the line: after {} steps {} nats less are forgotten than it has.",
            short(point.steps),
            short(-point.offset)
        ),
        Some(point) => format!(
            "The line bends: after {} steps {} nats more are forgotten than it has.",
            short(point.steps),
            short(point.offset)
        ),
        None if points.iter().any(|point| point.escapes().is_some()) => {
            "No stopping point is seen to escape the line.".to_owned()
        }
        None => "Whether a stopping point escapes the line, these runs do not tell.".to_owned(),
    }
}

fn between(interval: Option<Interval>) -> String {
    interval.map_or_else(String::new, |i| format!(" ({} to {})", significant(i.low, 3), significant(i.high, 3)))
}

fn statement(id: &'static str, text: String, values: Vec<(&'static str, f64)>) -> Statement {
    Statement { id, text, values: values.into_iter().filter(|(_, value)| value.is_finite()).collect() }
}

fn line(found: &Found, intervals: Option<&Intervals>) -> Statement {
    let line = &found.linear;
    let linear = intervals.map(|intervals| intervals.linear).unwrap_or_default();
    let told = match intervals {
        Some(intervals) => format!(" In brackets: 95 % of {} resamples of whole runs.", count(intervals.resamples)),
        None => String::new(),
    };
    let text = format!(
        "Linear law (eq. 4): L_f = {}{} L_ft + {}{}, R2 {}, residuals {} nats over {} checkpoints.{told}",
        significant(line.slope, 3),
        between(linear.slope),
        significant(line.intercept, 3),
        between(linear.intercept),
        significant(line.r2, 3),
        short(line.rmse),
        count(found.observations.len()),
    );
    let mut values = vec![("slope", line.slope), ("intercept", line.intercept), ("r2", line.r2), ("rmse", line.rmse)];
    if let Some(slope) = linear.slope {
        values.extend([("slope_low", slope.low), ("slope_high", slope.high)]);
    }
    statement("line", text, values)
}

fn shared(collapse: &Collapse) -> Statement {
    let verdict = match collapse.refused() {
        Some(true) => "Ranks do not collapse onto one curve",
        Some(false) => "Ranks collapse onto one curve, as far as seeds tell",
        None => "Whether ranks collapse onto one curve is undecided",
    };
    let chance = collapse.p_value.map_or_else(String::new, |p| format!(", p {p:.4} by permuting runs"));
    let of = |(parameters, offset): &(f64, f64)| format!("{} with {}", signed(*offset), count(*parameters as usize));
    let each: Vec<String> = collapse.by_rank.iter().map(of).collect();
    let text = format!(
        "{verdict}: at equal L_ft {} nats between ranks, {} between seeds (F {}{chance}). From the mean of all, by tuned \
         parameters, over L_ft from {} to {}: {}.",
        short(collapse.between_ranks),
        short(collapse.between_seeds),
        short(collapse.f_ratio),
        significant(collapse.levels.0, 3),
        significant(collapse.levels.1, 3),
        each.join(", ")
    );
    let mut values = vec![
        ("between_ranks", collapse.between_ranks),
        ("between_seeds", collapse.between_seeds),
        ("f_ratio", collapse.f_ratio),
    ];
    values.extend(collapse.p_value.map(|p| ("p_value", p)));
    statement("collapse", text, values)
}

fn stopping(points: &[StoppingPoint]) -> Option<Statement> {
    let of = |point: &StoppingPoint| format!("{} at {}", signed(point.offset), short(point.steps));
    let each: Vec<String> = points.iter().map(of).collect();
    let escaping = points.iter().filter(|point| point.escapes() == Some(true)).count();
    let decided = points.iter().filter(|point| point.escapes().is_some()).count();
    let verdict = match decided {
        0 => "Six runs or more would tell whether that is chance.".to_owned(),
        _ => format!("{escaping} of {decided} are more than six standard errors off."),
    };
    let text = format!("Beside the line by steps, in nats, each run from its own mean: {}. {verdict}", each.join(", "));
    (!points.is_empty()).then(|| statement("stopping", text, vec![("escaping", escaping as f64)]))
}

fn powers(found: &Found) -> Option<Statement> {
    let fit = found.joint.as_ref()?;
    let parameters = fit.parameters();
    let text = format!(
        "Shifted power laws (eqs. 5 and 6, reconstructed), fitted jointly with one rho: R2 {} for L_ft and {} for L_f; \
         alpha_ft {}, beta_ft {}, alpha_f {}, beta_f {}, rho {}; noise {} and {} nats.",
        significant(fit.r2_fine_tuning, 3),
        significant(fit.r2_forgetting, 3),
        short(parameters.alpha_ft),
        short(parameters.beta_ft),
        short(parameters.alpha_f),
        short(parameters.beta_f),
        short(parameters.rho),
        short(fit.noise(Response::FineTuningLoss)),
        short(fit.noise(Response::Forgetting)),
    );
    let mut values = vec![("r2_fine_tuning", fit.r2_fine_tuning), ("r2_forgetting", fit.r2_forgetting)];
    values.extend(parameters.named());
    Some(statement("powers", text, values))
}

fn held_out(found: &Found) -> Option<Statement> {
    let held = found.held_out?;
    let text = format!(
        "Fitted without the two largest numbers of parameters, the laws predict those with errors of {} (L_ft) and {} \
         (L_f) nats: {} and {} times the noise.",
        short(held.rmse_fine_tuning),
        short(held.rmse_forgetting),
        short(held.ratio_fine_tuning),
        short(held.ratio_forgetting)
    );
    let values = vec![("ratio_fine_tuning", held.ratio_fine_tuning), ("ratio_forgetting", held.ratio_forgetting)];
    Some(statement("held-out", text, values))
}

fn family(family: &crate::laws::FamilyBreak) -> Statement {
    let verdict = match family.breaks() {
        Some(true) => "breaks the line",
        Some(false) => "keeps to the line",
        None => "is too few runs to tell whether it keeps to the line",
    };
    let noise = if family.ratio.is_finite() {
        format!(", {} times the noise of {}", short(family.ratio), family.reference)
    } else {
        String::new()
    };
    let text = format!(
        "{} {verdict} of {}: {} nats of forgetting beside it{noise}; R2 of that line on these runs is {}.",
        family.family,
        family.reference,
        signed(family.offset),
        short(family.r2_family)
    );
    statement("family", text, vec![("offset", family.offset), ("ratio", family.ratio), ("r2", family.r2_family)])
}
