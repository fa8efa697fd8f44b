//! What aiming replay buys, in a table and in words.

use crate::experiments::associations::{AgainstRandom, Arm, ArmFindings, ReplayFindings};
use crate::native::laws::told::short;
use crate::stats::{Interval, Paired};

/// What is told as more than chance, after Holm's correction.
const LEVEL: f64 = 0.05;
/// What random replay saves must be this part of the rise without replay, to be what other savings are told in.
const WORTH_TELLING: f64 = 0.05;

/// Tells it.
pub fn tell(found: &ReplayFindings, seeds: usize) {
    let ReplayFindings { steps, replayed, pool, held_out, tasks, arms } = found;
    say!("\nreplay on {} tasks and {seeds} seeds: {replayed} of {pool} examples in {steps} steps;", tasks.len());
    say!("scored by {held_out} others, which are never replayed\n");
    let head = format!("{:<16}{:<12}{:<14}{:<12}{:<10}", "arm", "rise", "answers lost", "task loss", "diverged");
    say!("{head}less random, over tasks");
    for arm in arms {
        let lost = arm.lost.map_or_else(String::new, |lost| format!("{:.1} %", 100.0 * lost));
        let (rise, task_loss, diverged) = (short(arm.rise), short(arm.task_loss), arm.diverged);
        let against = arm.against_random.as_ref().map_or_else(String::new, |against| paired(&against.over_tasks));
        let line = format!("{:<16}{rise:<12}{lost:<14}{task_loss:<12}{diverged:<10}{against}", arm.arm.name());
        say!("{}", line.trim_end());
    }
    say!("");
    sentences(found).iter().for_each(|sentence| say!("{sentence}"));
}

fn within(interval: Option<&Interval>) -> String {
    interval.map_or_else(String::new, |Interval { low, high }| format!(" [{}, {}]", short(*low), short(*high)))
}

fn paired(paired: &Paired) -> String {
    format!("{}{}, p {:.3}", short(paired.mean), within(paired.interval.as_ref()), paired.p_value)
}

/// What random replay buys, then each arm beside it.
fn sentences(found: &ReplayFindings) -> Vec<String> {
    let mut told = Vec::new();
    if let (Some(none), Some(random)) = (found.arm(Arm::None), found.arm(Arm::Random)) {
        let saved = none.rise - random.rise;
        told.push(match none.rise > 0.0 && saved > 0.0 {
            true => format!(
                "Random replay takes {} of the rise of {} without replay: {:.1} %.",
                short(saved),
                short(none.rise),
                100.0 * saved / none.rise
            ),
            false => "Random replay saves nothing.".to_owned(),
        });
    }
    let saved = found.arm(Arm::None).zip(found.arm(Arm::Random)).map(|(none, random)| 1.0 - random.rise / none.rise);
    let tells_part = saved.is_some_and(|saved| saved > WORTH_TELLING);
    let aimed = found.arms.iter().filter(|arm| arm.arm != Arm::None);
    told.extend(aimed.filter_map(|arm| Some(sentence(arm, arm.against_random.as_ref()?, tells_part))));
    told
}

fn sentence(arm: &ArmFindings, against: &AgainstRandom, tells_part: bool) -> String {
    let AgainstRandom { over_tasks, over_seeds, corrected, pairs, better, part, .. } = against;
    let name = arm.arm.name();
    let way = if over_tasks.mean < 0.0 { "less" } else { "more" };
    let is_beyond = |interval: &Interval| interval.low > 0.0 || interval.high < 0.0;
    let what = if *corrected <= LEVEL {
        format!("{name} forgets {way} than random replay")
    } else if over_tasks.interval.as_ref().is_some_and(is_beyond) {
        let p = over_tasks.p_value;
        format!("{name} forgets {way} than random replay by its interval (p {p:.3}), not after correction for all arms")
    } else {
        format!("{name} buys nothing over random replay that can be told from chance")
    };
    let part = part.filter(|_| tells_part).map_or_else(String::new, |part| {
        format!(
            ", {:.1} % {} what random replay saves",
            100.0 * part.abs(),
            if part < 0.0 { "lost of" } else { "beyond" }
        )
    });
    format!(
        "{what}: {}{} of the rise{part}; better in {better} of {pairs} pairs; p {corrected:.3} over tasks (Holm), {:.3} over seeds.",
        short(over_tasks.mean),
        within(over_tasks.interval.as_ref()),
        over_seeds.p_value
    )
}
