//! All series as tidy CSV: one row per network, branch, checkpoint.

use core::fmt::Write as _;

use super::series::{Columns, NetworkSeries};
use crate::experiments::Measures;

/// Tidy CSV of every series. A header names the columns; numbers are in shortest round-trip form.
pub fn tidy(series: &[NetworkSeries]) -> String {
    let mut text = header();
    series.iter().for_each(|network| rows(&mut text, network));
    text
}

/// The first line.
pub fn header() -> String {
    format!("seed,width,phase,replay,step,{}\n", Measures::NAMES.join(","))
}

/// The lines of one network.
pub fn rows(text: &mut String, network: &NetworkSeries) {
    phase_rows(text, network, "pre-training", &network.pretraining);
    for columns in &network.fine_tuning {
        phase_rows(text, network, "fine-tuning", columns);
    }
    for columns in &network.predicted {
        phase_rows(text, network, "predicted", columns);
    }
}

fn phase_rows(text: &mut String, network: &NetworkSeries, phase: &str, columns: &Columns) {
    let replay = columns.replay.map(|p| p.to_string()).unwrap_or_default();
    for (k, step) in columns.steps.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{},{},{phase},{replay},{step}", network.seed, network.width);
        for column in columns.measures() {
            text.push(',');
            if let Some(value) = column.get(k) {
                let _ = write!(text, "{value}");
            }
        }
        text.push('\n');
    }
}
