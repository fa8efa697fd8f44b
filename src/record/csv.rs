//! All series as tidy CSV: one row per network, branch, checkpoint; one per segment of a schedule that was planned.

use core::fmt::Write as _;

use super::series::{Columns, NetworkSeries};
use crate::experiments::Measures;

/// Tidy CSV of every series. A header names the columns; numbers are in shortest round-trip form.
pub fn tidy(series: &[NetworkSeries]) -> String {
    let mut text = header(series.first());
    series.iter().for_each(|network| rows(&mut text, network));
    text
}

/// The first line, for such networks.
pub fn header(network: Option<&NetworkSeries>) -> String {
    let way = if network.is_some_and(has_ways) { "way," } else { "" };
    let mitigation = if network.is_some_and(has_mitigations) { "mitigation," } else { "" };
    format!("seed,width,phase,{way}{mitigation}replay,step,{}\n", Measures::NAMES.join(","))
}

/// Whether branches are told apart by how they spend their replay.
fn has_ways(network: &NetworkSeries) -> bool {
    !network.spending.is_empty()
}

/// Whether branches are told apart by their mitigation.
fn has_mitigations(network: &NetworkSeries) -> bool {
    network.fine_tuning.iter().any(|columns| columns.mitigation.is_some())
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
    for spending in &network.spending {
        for (step, p) in spending.schedule.iter().flat_map(|schedule| schedule.segments()) {
            let (way, none) = (spending.way.name(), ",".repeat(Measures::NAMES.len()));
            let _ = writeln!(text, "{},{},planned,{way},{p},{step}{none}", network.seed, network.width);
        }
    }
}

fn phase_rows(text: &mut String, network: &NetworkSeries, phase: &str, columns: &Columns) {
    let way = match columns.way {
        Some(way) => format!("{},", way.name()),
        None if has_ways(network) => ",".to_owned(),
        None => String::new(),
    };
    let mitigation = match columns.mitigation {
        Some(mitigation) => format!("{mitigation},"),
        None if has_mitigations(network) => ",".to_owned(),
        None => String::new(),
    };
    let replay = columns.replay.map(|p| p.to_string()).unwrap_or_default();
    for (k, step) in columns.steps.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{},{},{phase},{way}{mitigation}{replay},{step}", network.seed, network.width);
        for column in columns.measures() {
            text.push(',');
            if let Some(value) = column.get(k) {
                let _ = write!(text, "{value}");
            }
        }
        text.push('\n');
    }
}
