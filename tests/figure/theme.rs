//! WCAG 2.2: text on paper at 4.5 to 1 or more, lines and markers at 3 to 1 or more.

use lethe::figure::Theme;
use lethe::figure::theme::Rgb;

#[test]
fn contrast_ratios_are_those_of_wcag() {
    assert!((Rgb(0, 0, 0).contrast(Rgb(255, 255, 255)) - 21.0).abs() < 1e-9);
    assert!((Rgb(0x77, 0x77, 0x77).contrast(Rgb(255, 255, 255)) - 4.48).abs() < 0.01);
}

#[test]
fn text_and_lines_stand_out_from_the_paper() {
    for theme in [Theme::LIGHT, Theme::DARK] {
        for color in [theme.ink, theme.soft, theme.old, theme.new, theme.over] {
            assert!(color.contrast(theme.paper) >= 4.5, "{} on {}", color.hex(), theme.paper.hex());
        }
        assert!(theme.edge.contrast(theme.paper) >= 3.0);
    }
}

#[test]
fn the_series_differ_from_each_other_in_both_themes() {
    for theme in [Theme::LIGHT, Theme::DARK] {
        let colors = [theme.ink, theme.old, theme.new, theme.over];
        for (i, a) in colors.iter().enumerate() {
            for b in &colors[i + 1..] {
                let far = |x: u8, y: u8| (i32::from(x) - i32::from(y)).abs();
                assert!(far(a.0, b.0) + far(a.1, b.1) + far(a.2, b.2) > 90, "{} {}", a.hex(), b.hex());
            }
        }
    }
}
