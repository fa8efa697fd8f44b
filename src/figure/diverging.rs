//! Colours of values on both sides of 0: nothing is the paper's own colour, what was lost is the old task's, what was
//! gained the new one's, and the farther from 0 the stronger.

use super::theme::{Rgb, Theme};

/// Where a colour of the theme is reached, on the way from 0 to the end.
const FULL: f64 = 0.6;

/// The colour at a place from -1 to 1; what lies beyond has the colour of the end.
pub fn diverging(place: f64, theme: &Theme) -> Rgb {
    let hue = if place < 0.0 { theme.new } else { theme.old };
    let size = place.abs().min(1.0);
    if size <= FULL {
        mixed(theme.paper, hue, size / FULL)
    } else {
        mixed(hue, theme.ink, 0.6 * (size - FULL) / (1.0 - FULL))
    }
}

/// Picture elements of values with their scale, of four bytes each: red, green, blue, opacity. NaN is left transparent.
///
/// # Shapes
/// `[n]` to `[n, 4]`
pub fn picture(values: &[f32], scale: f32, theme: &Theme) -> Vec<u8> {
    let palette: Vec<Rgb> = (0..=2 * STEPS).map(|step| diverging(step as f64 / STEPS as f64 - 1.0, theme)).collect();
    let mut bytes = Vec::with_capacity(4 * values.len());
    let unit = if scale > 0.0 { STEPS as f32 / scale } else { 0.0 };
    for &value in values {
        if value.is_nan() {
            bytes.extend([0; 4]);
            continue;
        }
        let step = (value * unit).round().clamp(-(STEPS as f32), STEPS as f32) + STEPS as f32;
        let Rgb(red, green, blue) = palette[step as usize];
        bytes.extend([red, green, blue, u8::MAX]);
    }
    bytes
}

/// Colours on either side.
const STEPS: usize = 255;

fn mixed(Rgb(a, b, c): Rgb, Rgb(d, e, f): Rgb, part: f64) -> Rgb {
    let mix = |x: u8, y: u8| (f64::from(x) + part * (f64::from(y) - f64::from(x))).round() as u8;
    Rgb(mix(a, d), mix(b, e), mix(c, f))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_farther_from_nothing_the_more_it_stands_out() {
        for theme in [Theme::LIGHT, Theme::DARK] {
            assert_eq!(diverging(0.0, &theme), theme.paper);
            assert_eq!((diverging(-FULL, &theme), diverging(FULL, &theme)), (theme.new, theme.old));
            for side in [-1.0, 1.0] {
                let contrast = |step: u32| diverging(side * f64::from(step) / 20.0, &theme).contrast(theme.paper);
                assert!((1..=20).all(|step| contrast(step) > contrast(step - 1)), "{side}");
                assert_eq!(diverging(3.0 * side, &theme), diverging(side, &theme));
            }
        }
    }

    #[test]
    fn what_is_missing_is_left_out_and_what_is_equal_is_paper() {
        let Rgb(red, green, blue) = Theme::LIGHT.paper;
        assert_eq!(picture(&[f32::NAN, 0.0], 0.5, &Theme::LIGHT), [0, 0, 0, 0, red, green, blue, 255]);
        assert_eq!(picture(&[0.0], 0.0, &Theme::LIGHT)[..3], [red, green, blue]);
        assert_eq!(picture(&[9.0], 0.5, &Theme::DARK), picture(&[0.5], 0.5, &Theme::DARK));
    }
}
