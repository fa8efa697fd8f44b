//! What is known of rows and columns, as CSV.

use crate::experiments::associations::Results;

/// A line for each task, then one for each example: `of` is `task` or `example`, `place` its row or column from 0.
/// `base_loss` and `base_is_right` are those of examples.
pub fn properties(results: &Results) -> String {
    let mut text = "of,place,name,kind,relation,base_loss,base_is_right\n".to_owned();
    for (place, task) in results.tasks.iter().enumerate() {
        let relation = task.relation.as_deref().unwrap_or_default();
        text.push_str(&format!("task,{place},{},{},{relation},,\n", task.name, task.kind));
    }
    for (place, example) in results.examples.iter().enumerate() {
        let relation = example.relation.as_deref().unwrap_or_default();
        let (loss, right) = (example.base_loss, u8::from(example.base_is_right));
        text.push_str(&format!("example,{place},{},{},{relation},{loss},{right}\n", example.name, example.kind));
    }
    text
}
