//! What replay by every arm came to, in a table.

use crate::experiments::associations::ReplayFindings;
use crate::native::laws::told::short;
use crate::stats::{Interval, Paired};

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
}

fn within(interval: Option<&Interval>) -> String {
    interval.map_or_else(String::new, |Interval { low, high }| format!(" [{}, {}]", short(*low), short(*high)))
}

fn paired(paired: &Paired) -> String {
    format!("{}{}, p {:.3}", short(paired.mean), within(paired.interval.as_ref()), paired.p_value)
}
