//! What a run leaves in its folder.

use std::collections::BTreeMap;

use super::{figures, html};
use crate::figure::{Theme, to_svg};
use crate::record::llama::{Record, tidy};
use crate::report::views::paper;

/// The files by name: `record.json`, `points.csv`, `report.html`, and an SVG for each figure.
///
/// # Errors
/// In words, what could not be written or drawn.
pub fn files_of(record: &Record) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut files = BTreeMap::new();
    let mut json =
        serde_json::to_vec_pretty(record).map_err(|why| format!("the record could not be written: {why}"))?;
    json.push(b'\n');
    files.insert("record.json".to_owned(), json);
    files.insert("points.csv".to_owned(), tidy(record).into_bytes());
    files.insert("report.html".to_owned(), html(record)?.into_bytes());
    for figure in figures(record, "") {
        let name = format!("{}.svg", figure.id);
        let svg = to_svg(&figure, &paper(), &Theme::LIGHT, &record.run_id)
            .map_err(|why| format!("{name} could not be drawn: {why}"))?;
        files.insert(name, svg.into_bytes());
    }
    Ok(files)
}
