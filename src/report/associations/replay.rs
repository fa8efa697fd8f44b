//! What aiming replay buys, in words.

use crate::experiments::associations::{AgainstRandom, Arm, ArmFindings, ReplayFindings};
use crate::figure::number::{percent, short};
use crate::report::Statement;

/// What is told as more than chance, after Holm's correction.
const LEVEL: f64 = 0.05;

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
    let aimed = found.arms.iter().filter(|arm| arm.arm != Arm::None);
    told.extend(aimed.filter_map(|arm| Some(statement(arm, arm.against_random.as_ref()?))));
    told
}

fn statement(arm: &ArmFindings, against: &AgainstRandom) -> Statement {
    let AgainstRandom { over_tasks, over_seeds, corrected, pairs, better, part, .. } = against;
    let name = arm.arm.name();
    let what = match (*corrected <= LEVEL, over_tasks.mean < 0.0) {
        (true, true) => format!("Replay by {name} forgets less than random replay"),
        (true, false) => format!("Replay by {name} forgets more than random replay"),
        (false, _) => format!("Replay by {name} buys nothing over random replay that can be told from chance"),
    };
    let interval = over_tasks.interval.as_ref();
    let within = interval.map_or_else(String::new, |own| format!(" [{}, {}]", short(own.low), short(own.high)));
    let part = part.map_or_else(String::new, |part| {
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
