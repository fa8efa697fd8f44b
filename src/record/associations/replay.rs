//! What every run with replay came to, as CSV.

use crate::experiments::associations::{Results, acted};

/// A line for each task, seed and arm that has ended: mean rise, share of right answers lost (both of held-out examples)
/// and the task's loss, empty where there is none; how many examples were replayed; the step at which it diverged, if it
/// did. `None` where no replay was asked for.
pub fn replay(results: &Results) -> Option<String> {
    let spec = &results.spec;
    if spec.arms.is_empty() {
        return None;
    }
    let mut text = "task,seed,arm,rise,lost,task_loss,replayed,diverged\n".to_owned();
    for task in acted(spec) {
        for &seed in &spec.seeds {
            for arm in spec.all_arms() {
                let Some(run) = results.replayed(task, seed, arm) else { continue };
                let score = results.scored(task, seed, arm);
                let cell = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
                let (rise, loss) = (cell(score.map(|score| score.rise)), cell(score.map(|score| score.task_loss)));
                let lost = cell(score.and_then(|score| score.lost));
                let diverged = run.row.diverged.map_or_else(String::new, |step| step.to_string());
                let (name, replayed) = (&results.tasks[task].name, run.replayed.len());
                text.push_str(&format!("{name},{seed},{},{rise},{lost},{loss},{replayed},{diverged}\n", arm.name()));
            }
        }
    }
    Some(text)
}
