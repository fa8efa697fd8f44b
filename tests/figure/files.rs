//! SVG, CSV and JSON of figures.
//!
//! The golden files are remade by `UPDATE_GOLDEN=1 cargo test --test figure`; look at them then.

use super::samples;
use lethe::figure::{Cell, Figure, Sheet, Theme, to_svg};
use std::path::PathBuf;

fn svg(figure: &Figure, theme: &Theme) -> String {
    to_svg(figure, &Sheet::file(340.0, 250.0), theme, "https://example.org/#v=1&x=width&w=4,16")
        .expect("a string takes every drawing")
}

#[test]
fn svg_files_are_those_that_were_looked_at() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/figures");
    for (i, (name, figure)) in samples::typical().into_iter().enumerate() {
        let path = folder.join(format!("{name}.svg"));
        let drawn = svg(&figure, if i % 2 == 0 { &Theme::LIGHT } else { &Theme::DARK });
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &drawn).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(drawn == golden, "{name}.svg has changed: remake it (see above) and look at it");
    }
}

#[test]
fn the_same_figure_gives_the_same_bytes() {
    for (name, figure) in samples::typical().into_iter().chain(samples::nasty()) {
        assert!(svg(&figure, &Theme::DARK) == svg(&figure.clone(), &Theme::DARK), "{name}");
    }
}

#[test]
fn svg_files_are_well_formed_and_carry_title_summary_and_link() {
    for (name, figure) in samples::typical().into_iter().chain(samples::nasty()) {
        let svg = svg(&figure, &Theme::LIGHT);
        let mut open = Vec::new();
        for tag in svg.split('<').skip(1) {
            let (tag, rest) = tag.split_once('>').unwrap();
            assert!(!rest.contains('>'), "{name}: {rest}");
            let word = tag.split_whitespace().next().unwrap();
            if let Some(closed) = word.strip_prefix('/') {
                assert_eq!(open.pop(), Some(closed), "{name}");
            } else if !tag.ends_with('/') {
                open.push(word);
            }
        }
        assert!(open.is_empty(), "{name}: {open:?}");
        assert!(svg.contains(&format!(">{}</title>", figure.title)), "{name}");
        assert!(svg.contains("#v=1&amp;x=width&amp;w=4,16</metadata>"), "{name}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name}");
    }
}

#[test]
fn drawings_stay_on_their_sheet() {
    // Points that leave the plot (clipped curves, clamped values) must not be drawn off it.
    for (name, figure) in samples::typical().into_iter().chain(samples::nasty()) {
        let svg = svg(&figure, &Theme::LIGHT);
        let points = svg.split("points=\"").skip(1).filter_map(|p| p.split('"').next());
        for pair in points.flat_map(str::split_whitespace) {
            let (x, y) = pair.split_once(',').unwrap();
            let (x, y): (i64, i64) = (x.parse().unwrap(), y.parse().unwrap());
            assert!((0..=340 * 8).contains(&x) && (0..=250 * 8).contains(&y), "{name}: {x},{y}");
        }
    }
}

#[test]
fn csv_gives_every_number_back_to_the_bit() {
    for (name, figure) in samples::typical().into_iter().chain(samples::nasty()) {
        let csv = figure.table.to_csv();
        let mut lines = csv.lines();
        let header: Vec<&str> = lines.next().unwrap().split(',').collect();
        let keys: Vec<&str> = figure.table.columns.iter().map(|c| c.key.as_str()).collect();
        assert_eq!(header, keys, "{name}");
        let mut sorted = keys.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), keys.len(), "{name}: two columns of one name");
        for row in &figure.table.rows {
            let fields: Vec<&str> = lines.next().unwrap().split(',').collect();
            assert_eq!(fields.len(), keys.len(), "{name}");
            for (cell, field) in row.iter().zip(fields) {
                match cell {
                    Cell::Number(x) => assert_eq!(field.parse::<f64>().unwrap().to_bits(), x.to_bits(), "{name}"),
                    Cell::Text(words) => assert_eq!(field, words),
                    Cell::Missing => assert_eq!(field, ""),
                }
            }
        }
        assert_eq!(lines.next(), None);
    }
}

#[test]
fn rows_as_people_read_them_can_be_told_apart() {
    let figure = samples::learned_function().figure();
    let mut first: Vec<String> = figure.table.shown().map(|row| row[0].clone()).collect();
    let rows = first.len();
    first.dedup();
    assert_eq!(first.len(), rows);
}

#[test]
fn csv_quotes_what_needs_quotes() {
    let table = lethe::figure::Table {
        columns: vec![lethe::figure::Column::new("a", "a")],
        rows: vec![vec!["one, \"two\"".into()], vec![Cell::Number(1.5e-7)]],
    };
    assert_eq!(table.to_csv(), "a\n\"one, \"\"two\"\"\"\n1.5e-7\n");
}

#[test]
fn figures_come_back_from_json_unchanged() {
    for (name, figure) in samples::typical().into_iter().chain(samples::nasty()) {
        let json = serde_json::to_string(&figure).unwrap();
        let back: Figure = serde_json::from_str(&json).unwrap();
        assert!(back == figure, "{name}");
    }
}
