//! What the pointer and the keys read.

use super::samples;
use lethe::figure::{ForgettingMap, Layout, Sheet, Step};

#[test]
fn the_pointer_reads_the_nearest_measured_place_of_the_panel_under_it() {
    let figure = samples::forgetting_by_width().figure();
    let layout = Layout::new(&figure, &Sheet::new(480.0, 300.0));
    for (i, panel) in layout.panels.iter().enumerate() {
        let cursor = figure.cursor_at(&layout, panel.plot.x0 + 1.0, 0.0).unwrap();
        assert_eq!((cursor.panel, cursor.x_text.as_str()), (i, "4"));
        let cursor = figure.cursor_at(&layout, panel.plot.x1 - 1.0, 0.0).unwrap();
        assert_eq!((cursor.panel, cursor.x_text.as_str()), (i, "256"));
    }
    let last = figure.cursor_at(&layout, 1e6, 0.0).unwrap();
    assert_eq!(last.readings[0].text, "0.11");
    assert_eq!(last.readings[0].band.as_deref(), Some("0.077 to 0.14"));
}

#[test]
fn arrow_keys_visit_every_place_once_from_left_to_right() {
    for (name, figure) in samples::typical().into_iter().chain(samples::nasty()) {
        let layout = Layout::new(&figure, &Sheet::new(480.0, 300.0));
        let Some(mut here) = figure.cursor_step(&layout, None, Step::Next) else { continue };
        assert_eq!(figure.cursor_step(&layout, Some(&here), Step::Previous).as_ref(), Some(&here));
        let mut seen = vec![here.clone()];
        loop {
            let next = figure.cursor_step(&layout, Some(&here), Step::Next).unwrap();
            if next == here {
                break;
            }
            assert!(next.panel > here.panel || next.x > here.x, "{name}");
            here = next;
            seen.push(here.clone());
        }
        assert_eq!(figure.cursor_step(&layout, None, Step::End), Some(here.clone()));
        assert_eq!(figure.cursor_step(&layout, Some(&here), Step::Home), seen.first().cloned());
        assert!(seen.iter().all(|c| !c.readings.is_empty()), "{name}");
    }
}

#[test]
fn both_phases_are_read_by_step() {
    let figure = samples::loss_over_time().figure();
    let layout = Layout::new(&figure, &Sheet::new(760.0, 420.0));
    let end = figure.cursor_step(&layout, None, Step::End).unwrap();
    assert_eq!((end.at.segment, end.at.x), (1, 500.0));
    let names: Vec<&str> = end.readings.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["old task", "new task", "overwritten"]);
    let start = figure.cursor_at(&layout, layout.panels[0].x[1].from, 0.0).unwrap();
    assert_eq!((start.at.segment, start.x_text.as_str()), (1, "1"));
}

#[test]
fn a_figure_without_data_has_no_cursor() {
    let figure = lethe::figure::LossOverTime::default().figure();
    let layout = Layout::new(&figure, &Sheet::new(480.0, 300.0));
    assert_eq!(figure.cursor_at(&layout, 100.0, 100.0), None);
    assert_eq!(figure.cursor_step(&layout, None, Step::Next), None);
}

#[test]
fn a_map_is_read_cell_by_cell_along_rows_and_between_them() {
    let figure = samples::forgetting_map().figure();
    let layout = Layout::new(&figure, &Sheet::new(480.0, 300.0));
    let first = figure.cursor_step(&layout, None, Step::Home).unwrap();
    assert_eq!(first.x_text, "width h 4, replay p none");
    assert_eq!(first.readings[0].name, "median forgetting");
    assert_eq!(first.readings[1].text, "16 of 16 seeds");
    let step = |from, step| figure.cursor_step(&layout, Some(from), step).unwrap();
    let above = step(&first, Step::Up);
    assert_eq!(above.x_text, "width h 4, replay p 0.03\u{a0}%");
    assert_eq!(step(&above, Step::Down), first);
    assert_eq!(step(&first, Step::Down), first, "there is no row below");
    let end = step(&above, Step::End);
    assert_eq!(end.x_text, "width h 512, replay p 0.03\u{a0}%");
    assert_eq!(step(&end, Step::Next), end, "a row ends");
    // The pointer finds what the keys find, anywhere in the cell.
    for (index, _) in figure.panels[0].heat.as_ref().unwrap().cells.iter().enumerate() {
        let rect = layout.panels[0].cell(index % 8, index / 8);
        for part in [0.1, 0.9] {
            let at = |from: f64, to: f64| from + part * (to - from);
            let cursor = figure.cursor_at(&layout, at(rect.x0, rect.x1), at(rect.y0, rect.y1)).unwrap();
            assert_eq!(cursor.cell, Some((index, rect)));
        }
    }
}

#[test]
fn a_cell_without_seeds_says_so() {
    let map = ForgettingMap { cells: Vec::new(), ..samples::forgetting_map() }.figure();
    let layout = Layout::new(&map, &Sheet::new(480.0, 300.0));
    let cursor = map.cursor_step(&layout, None, Step::Next).unwrap();
    let said: Vec<String> = cursor.readings.iter().map(|r| format!("{} {}", r.name, r.text)).collect();
    assert_eq!(said, ["not computed yet: 0 of 16 seeds"]);
}
