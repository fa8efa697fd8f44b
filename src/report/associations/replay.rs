//! What aiming replay buys, in words and as a figure.

use crate::experiments::associations::{AgainstRandom, Arm, ArmFindings, ReplayFindings, Results, acted};
use crate::figure::number::{count, percent, seeds, short};
use crate::figure::{ArmDifference, Figure, PairedDifferences};
use crate::report::Statement;
use crate::stats::Interval;

/// What is told as more than chance, after Holm's correction.
const LEVEL: f64 = 0.05;
/// What random replay saves must be this part of the rise without replay, to be what other savings are told in.
const WORTH_TELLING: f64 = 0.05;

/// What random replay buys, then each arm beside it.
pub(super) fn statements(found: &ReplayFindings) -> Vec<Statement> {
    let mut told = Vec::new();
    if let (Some(none), Some(random)) = (found.arm(Arm::None), found.arm(Arm::Random)) {
        let saved = none.rise - random.rise;
        let text = match none.rise > 0.0 && saved > 0.0 {
            true => format!(
                "Random replay of {} examples takes {} of the rise of {} without replay ({}), on {} examples that are never \
                 replayed.",
                found.replayed,
                short(saved),
                short(none.rise),
                percent(saved / none.rise),
                found.held_out
            ),
            false => "Random replay saves nothing.".to_owned(),
        };
        told.push(Statement { id: "replay_random", text, values: vec![("none", none.rise), ("random", random.rise)] });
    }
    let saved = found.arm(Arm::None).zip(found.arm(Arm::Random)).map(|(none, random)| 1.0 - random.rise / none.rise);
    let tells_part = saved.is_some_and(|saved| saved > WORTH_TELLING);
    let aimed = found.arms.iter().filter(|arm| arm.arm != Arm::None);
    told.extend(aimed.filter_map(|arm| Some(statement(arm, arm.against_random.as_ref()?, tells_part))));
    told
}

fn statement(arm: &ArmFindings, against: &AgainstRandom, tells_part: bool) -> Statement {
    let AgainstRandom { over_tasks, over_seeds, corrected, pairs, better, part, .. } = against;
    let name = arm.arm.name();
    let way = if over_tasks.mean < 0.0 { "less" } else { "more" };
    let is_beyond = |interval: &Interval| interval.low > 0.0 || interval.high < 0.0;
    let what = if *corrected <= LEVEL {
        format!("Replay by {name} forgets {way} than random replay")
    } else if over_tasks.interval.as_ref().is_some_and(is_beyond) {
        let p = over_tasks.p_value;
        format!(
            "Replay by {name} forgets {way} than random replay by its interval (p {p:.3}), not after correction for all arms"
        )
    } else {
        format!("Replay by {name} buys nothing over random replay that can be told from chance")
    };
    let interval = over_tasks.interval.as_ref();
    let within = interval.map_or_else(String::new, |own| format!(" [{}, {}]", short(own.low), short(own.high)));
    let part = part.filter(|_| tells_part).map_or_else(String::new, |part| {
        format!(", {} {} what random replay saves", percent(part.abs()), if part < 0.0 { "lost of" } else { "beyond" })
    });
    let text = format!(
        "{what}: {}{within} of the rise{part}; better in {better} of {pairs} pairs; p {corrected:.3} over tasks (Holm), {:.3} over \
         seeds.",
        short(over_tasks.mean),
        over_seeds.p_value
    );
    let values = vec![("difference", over_tasks.mean), ("p_corrected", *corrected), ("p_seeds", over_seeds.p_value)];
    Statement { id: id(arm.arm), text, values }
}

/// Each arm beside random replay, task by task.
pub(super) fn figure(results: &Results, found: &ReplayFindings) -> Figure {
    let tasks = acted(&results.spec);
    let arm = |arm: &ArmFindings| {
        let against = arm.against_random.as_ref()?;
        Some(ArmDifference {
            name: spoken(arm.arm),
            value: arm.rise,
            pairs: results.beyond_random(&tasks, arm.arm, &|score| Some(score.rise)),
            difference: against.over_tasks,
            corrected: (arm.arm != Arm::None).then_some(against.corrected),
        })
    };
    PairedDifferences {
        id: "associations-replay".to_owned(),
        title: "What aiming replay buys".to_owned(),
        measure: "rise of the held-out loss".to_owned(),
        unit: results.spec.world.unit().to_owned(),
        common: found.arm(Arm::Random).map(|random| (spoken(Arm::Random), random.rise)),
        arms: found.arms.iter().filter_map(arm).collect(),
        notes: vec![format!(
            "Left of the line less is forgotten than by random replay of as many examples ({} in {} steps). A dot for each of {} \
             tasks, the mean of {}; squares: means over tasks with 95 % intervals, filled where p over tasks is at most \
             0.05 by Holm's correction. {} examples are never replayed and are scored.",
            count(found.replayed as usize),
            count(found.steps as usize),
            count(found.tasks.len()),
            seeds(results.spec.seeds.len()),
            count(found.held_out),
        )],
    }
    .figure()
}

/// An arm's name as a word.
fn spoken(arm: Arm) -> String {
    arm.name().replace('_', " ")
}

const fn id(arm: Arm) -> &'static str {
    match arm {
        Arm::None => "replay_none",
        Arm::Random => "replay_random",
        Arm::Additive => "replay_additive",
        Arm::Neighbours => "replay_neighbours",
        Arm::Factorisation => "replay_factorisation",
        Arm::SoftImpute => "replay_soft_impute",
        Arm::Online => "replay_online",
        Arm::Truth => "replay_truth",
        Arm::Gradients => "replay_gradients",
        Arm::Mir => "replay_mir",
        Arm::Perplexity => "replay_perplexity",
    }
}
