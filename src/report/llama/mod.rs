//! What the fine-tuning of a real Llama says: the answer in words, statements, figures, a report that stands alone.

mod changed;
mod figures;
mod files;
mod html;
mod page;
mod said;
pub mod sweep;

pub use figures::figures;
pub use files::files_of;
pub use html::html;
pub use said::report;

use crate::experiments::llama::{Generation, Point, Prompted};
use crate::figure::number::count;
use crate::record::llama::Record;
use crate::report::Compared;

/// Most characters of a name that are shown.
const SHOWN: usize = 40;

/// A name that comes from a file, as figures and sentences can hold it: no control characters, not too long.
pub fn plain(name: &str) -> String {
    let is_odd = |c: char| c.is_control() || ('\u{fffe}'..='\u{ffff}').contains(&c);
    let mut shown: String = name.chars().take(SHOWN).map(|c| if is_odd(c) { ' ' } else { c }).collect();
    if name.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// What a run is called: its model, its way of tuning, its replay.
pub fn title(record: &Record) -> String {
    let replay = if record.replay > 0.0 { format!(", replay {}", record.replay) } else { String::new() };
    format!("{}, {}{replay}", plain(&record.model.name), plain(&record.tuning.label()))
}

/// What a task is called that is asked in so many ways.
pub fn way(task: &str, ways: usize, prompted: &Prompted) -> String {
    match ways {
        1 => plain(task),
        _ => format!("{} ({})", plain(task), plain(&prompted.name)),
    }
}

/// Most texts that are set side by side.
const TEXTS: usize = 500;

/// What base and tuned model wrote at a checkpoint, word by word; of very many prompts the first, each told of how many.
pub fn written(point: &Point) -> Vec<Compared> {
    let all = point.measures.generations.len();
    let of = |(k, text): (usize, &Generation)| {
        Compared::new(&format!("prompt {} of {}", k + 1, count(all)), &text.prompt, &text.base, &text.tuned)
    };
    point.measures.generations.iter().take(TEXTS).enumerate().map(of).collect()
}
