//! Words never touch each other and never leave the figure.

use super::samples;
use lethe::figure::layout::{Rect, Sheet};
use lethe::figure::{Figure, Layout};

const SIZES: [(f64, f64); 7] =
    [(280.0, 230.0), (288.0, 180.0), (340.0, 250.0), (480.0, 300.0), (760.0, 420.0), (1500.0, 800.0), (300.0, 700.0)];

fn every_case() -> impl Iterator<Item = (String, Figure, Sheet)> {
    samples::typical().into_iter().chain(samples::nasty()).flat_map(|(name, figure)| {
        let sheets = SIZES.into_iter().flat_map(|(width, height)| {
            let page = Sheet::new(width, height);
            let large = Sheet { text: 15.6, line: 2.9, ..page };
            [page, Sheet::file(width, height)].into_iter().chain((width >= 480.0).then_some(large))
        });
        let cases: Vec<_> = sheets.map(|s| (format!("{name} at {s:?}"), figure.clone(), s)).collect();
        cases
    })
}

#[test]
fn every_word_lies_within_its_figure() {
    for (name, figure, sheet) in every_case() {
        let page = Rect { x0: 0.0, y0: 0.0, x1: sheet.width, y1: sheet.height };
        for text in Layout::new(&figure, &sheet).texts {
            let r = text.rect();
            let inside =
                r.x0 >= page.x0 - 0.01 && r.y0 >= page.y0 - 0.01 && r.x1 <= page.x1 + 0.01 && r.y1 <= page.y1 + 0.01;
            assert!(inside, "{name}: {:?} at {r:?}", text.text);
        }
    }
}

#[test]
fn no_two_words_touch() {
    for (name, figure, sheet) in every_case() {
        let texts = Layout::new(&figure, &sheet).texts;
        for (i, a) in texts.iter().enumerate() {
            for b in &texts[i + 1..] {
                assert!(!a.rect().touches(b.rect()), "{name}: {:?} touches {:?}", a.text, b.text);
            }
        }
    }
}

#[test]
fn every_series_of_a_typical_figure_is_named_at_every_size() {
    for (name, figure) in samples::typical() {
        for (width, height) in SIZES {
            let layout = Layout::new(&figure, &Sheet::new(width, height));
            let shown = |word: &str| layout.texts.iter().any(|t| t.text == word);
            for panel in &figure.panels {
                let titled = panel.title.as_deref().is_none_or(shown);
                assert!(titled, "{name} at {width}x{height}: {:?}", panel.title);
                let words = panel.series.iter().filter(|_| panel.title.is_none() && figure.panels[0].series.len() > 1);
                for word in words.map(|s| &s.name).chain(panel.remarks.iter().map(|r| &r.head)) {
                    assert!(shown(word), "{name} at {width}x{height}: {word} is missing");
                }
            }
        }
    }
}

#[test]
fn text_keeps_its_size_when_the_figure_grows() {
    for (_, figure) in samples::typical() {
        for (width, height) in SIZES {
            let layout = Layout::new(&figure, &Sheet::new(width, height));
            assert!(layout.texts.iter().all(|t| t.size == 12.0));
        }
    }
}

#[test]
fn pixels_and_values_are_inverse_on_every_scale() {
    for (name, figure) in samples::typical() {
        let layout = Layout::new(&figure, &Sheet::new(480.0, 300.0));
        for (panel, at) in figure.panels.iter().zip(&layout.panels) {
            for point in panel.series.iter().flat_map(|s| &s.points) {
                let back = at.place_at(at.x_px(point.at)).unwrap();
                assert_eq!(back.segment, point.at.segment, "{name}");
                assert!((back.x - point.at.x).abs() <= 1e-9 * point.at.x.abs().max(1.0), "{name}: {back:?}");
            }
        }
    }
}

#[test]
fn a_band_that_leaves_the_plot_says_how_far_it_goes() {
    let layout = Layout::new(&samples::forgetting_by_width().figure(), &Sheet::new(480.0, 300.0));
    let arrows: Vec<&str> = layout.texts.iter().map(|t| t.text.as_str()).filter(|t| t.starts_with('↑')).collect();
    assert_eq!(arrows, ["↑ 0.34"]);
}

#[test]
fn reference_curves_say_so_and_a_run_does_not() {
    let mut run = samples::loss_over_time();
    for reference in [false, true] {
        run.reference = reference;
        let layout = Layout::new(&run.figure(), &Sheet::new(340.0, 250.0));
        assert_eq!(layout.texts.iter().any(|t| t.text == "reference"), reference);
    }
}
