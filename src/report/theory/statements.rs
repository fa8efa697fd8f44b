//! The closed-form statements of the theory, with the numbers of one network.

use crate::experiments::analysis::Analysis;
use crate::experiments::analysis::NoPlan;
use crate::experiments::analysis::spectrum::spectrum;
use crate::figure::number::{count, percent, short, signed};
use crate::kernel::{Modes, TheoryError};
use crate::report::Statement;

type Said = Result<(String, Vec<(&'static str, f64)>), NoPlan>;

/// Everything that is said at a replay fraction.
pub fn all(analysis: &Analysis, replay: f64) -> Vec<Statement> {
    let modes = match analysis.modes(replay) {
        Ok(modes) => modes,
        Err(why) => return vec![statement("modes", Err(why))],
    };
    vec![
        statement("stability", stability(analysis, &modes)),
        statement("spectrum", kernel(&modes, replay)),
        statement("modes", carriers(analysis, &modes, replay)),
        statement("first-order", first_order(analysis, replay)),
        statement("pull-back", pull_back(analysis, replay)),
        statement("recovery", recovery(analysis, replay)),
        statement("limit", limit(analysis, &modes, replay)),
    ]
}

fn statement(id: &'static str, said: Said) -> Statement {
    match said {
        Ok((text, values)) => {
            Statement { id, text, values: values.into_iter().filter(|(_, value)| value.is_finite()).collect() }
        }
        Err(why) => Statement { id, text: format!("No statement: {why}."), values: Vec::new() },
    }
}

fn stability(analysis: &Analysis, modes: &Modes) -> Said {
    let rate = analysis.learning_rate();
    Ok(match analysis.rate_bound(modes) {
        Some(bound) => {
            let verdict = if rate < bound { "is below" } else { "is not below" };
            let text = format!(
                "The learning rate {} {verdict} {}, where the fastest mode stops shrinking and the linearised training \
                 begins to diverge.",
                short(rate),
                short(bound)
            );
            (text, vec![("learning_rate", rate), ("bound", bound)])
        }
        None => ("The kernel is zero: every learning rate is stable, and nothing moves.".to_owned(), Vec::new()),
    })
}

fn kernel(modes: &Modes, replay: f64) -> Said {
    let spectrum = spectrum(modes, replay)?;
    let (rank, examples) = (spectrum.eigenvalues.len(), modes.rates.len());
    let condition = spectrum.condition.map_or_else(String::new, |c| format!("; they span a factor of {}", short(c)));
    let text = format!(
        "{} of {} eigenvalues are above rounding{condition}. By the entropy of their shares they count as {} equal ones.",
        count(rank),
        count(examples),
        short(spectrum.effective_rank)
    );
    let mut values =
        vec![("rank", rank as f64), ("examples", examples as f64), ("effective_rank", spectrum.effective_rank)];
    values.extend(spectrum.condition.map(|condition| ("condition", condition)));
    Ok((text, values))
}

fn carriers(analysis: &Analysis, modes: &Modes, replay: f64) -> Said {
    let table = analysis.table_of(modes, replay)?;
    let largest = table.modes.iter().max_by(|a, b| a.forgetting.abs().total_cmp(&b.forgetting.abs()));
    let [most, nearly_all] = table.needed;
    let noun = |number: usize| format!("{number} {}", if number == 1 { "mode" } else { "modes" });
    let mut text = format!(
        "{} of {} make the change of the old task’s outputs within 10\u{a0}%, {} within 1\u{a0}%.",
        noun(most),
        count(table.modes.len()),
        noun(nearly_all)
    );
    let mut values =
        vec![("needed_for_90", most as f64), ("needed_for_99", nearly_all as f64), ("forgetting", table.forgetting)];
    if let Some((mode, share)) = largest.and_then(|mode| Some((mode, mode.share?))) {
        text.push_str(&format!(
            " Mode {} alone has {} of the forgetting predicted, {}.",
            mode.number,
            percent(share),
            signed(table.forgetting)
        ));
        values.extend([("largest_mode", mode.number as f64), ("largest_share", share)]);
    }
    Ok((text, values))
}

fn first_order(analysis: &Analysis, replay: f64) -> Said {
    let early = analysis.early(replay)?;
    let mut values = vec![("drift_per_step", early.drift_per_step), ("one_less_replay", 1.0 - replay)];
    let Some(slowdown) = early.slowdown else {
        return Ok(("Without replay the old task’s outputs do not move at first order.".to_owned(), values));
    };
    values.push(("slowdown", slowdown));
    let text = format!(
        "At first the old task’s outputs move by {} a step in the mean, {} times as fast as without replay: at first \
         order replay only slows, by 1 − p = {} where the old task is fitted.",
        signed(early.drift_per_step),
        short(slowdown),
        short(1.0 - replay)
    );
    Ok((text, values))
}

fn pull_back(analysis: &Analysis, replay: f64) -> Said {
    let early = analysis.early(replay)?;
    let Some(pull) = early.pull_per_step else {
        let why = match replay {
            0.0 => "Without replay nothing pulls back.",
            1.0 => "With replay alone there is no drift to pull back.",
            _ => "Nothing moves at first order, so that there is nothing to pull back.",
        };
        return Ok((why.to_owned(), Vec::new()));
    };
    let mut values = vec![("pull_per_step", pull)];
    values.extend(early.balance_step.map(|step| ("balance_step", step)));
    let balance = early.balance_step.map_or_else(
        || "it does not pull back".to_owned(),
        |step| format!("by itself it would have undone it after {} steps", short(step)),
    );
    let text = format!(
        "The pull back is of second order: replay takes {} of the drift back per step gone, and {balance}.",
        percent(pull)
    );
    Ok((text, values))
}

fn recovery(analysis: &Analysis, replay: f64) -> Said {
    let recovery = analysis.recovery(replay)?;
    let mut values = vec![("loss_when_new_task_is_fitted", recovery.loss), ("fastest_rate", recovery.fastest)];
    values.extend(recovery.steps_to_half.map(|steps| ("steps_to_half", steps)));
    let when = match recovery.steps_to_half {
        Some(steps) => format!("half of it is gone after {} steps", short(steps)),
        None if replay == 0.0 => "without replay it stays".to_owned(),
        None => "half of it does not go".to_owned(),
    };
    let text = format!(
        "Where the new task is just fitted, the old task’s training loss is {}; from there a little replay recovers \
         on the clock p t: {when}.",
        short(recovery.loss)
    );
    Ok((text, values))
}

/// The fraction whose limit is told beside.
const OTHER: f64 = 0.5;

fn limit(analysis: &Analysis, modes: &Modes, replay: f64) -> Said {
    let end = analysis.destination_of(modes, replay)?;
    let mut values = vec![
        ("old_task_loss", end.old_loss),
        ("id_loss", end.id_loss),
        ("rank", end.rank as f64),
        ("weighted_examples", end.weighted as f64),
    ];
    let mut text = format!(
        "In the limit of many steps the old task’s loss is {} and the new task’s {}.",
        short(end.old_loss),
        short(end.id_loss)
    );
    for (share, name, reached) in [("90", "step_of_90", &end.reached[0]), ("99", "step_of_99", &end.reached[1])] {
        text.push_str(&match reached {
            Ok(step) => format!(" {share}\u{a0}% of the way is covered after {} steps.", short(*step)),
            Err(TheoryError::NeverReached { .. }) => format!(" {share}\u{a0}% of the way takes more than 2^52 steps."),
            Err(why) => format!(" When {share}\u{a0}% of the way is covered cannot be said: {why}."),
        });
        values.extend(reached.iter().map(|step| (name, *step)));
    }
    let fitted = end.rank == end.weighted;
    match (fitted, replay > 0.0 && replay < 1.0) {
        (true, true) => text.push_str(" The kernel is invertible: the limit is the same for every p between 0 and 1."),
        (true, false) => text.push_str(" Every example that has weight is fitted then."),
        (false, false) => {
            text.push_str(
                " The kernel of the examples that have weight is singular: they are fitted by least squares.",
            );
        }
        (false, true) => {
            let [_, other] = analysis.limit_losses(&analysis.modes(OTHER)?)?;
            text.push_str(&format!(
                " The kernel is singular to rounding, so that the limit may depend on p: at {} the old task’s loss would \
                 be {}.",
                percent(OTHER),
                short(other)
            ));
            values.push(("old_task_loss_at_half", other));
        }
    }
    values.push(("invertible", f64::from(u8::from(fitted))));
    Ok((text, values))
}
