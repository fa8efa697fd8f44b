//! A figure as one self-contained SVG file.

use super::draw::{Surface, draw};
use super::layout::{Layout, Sheet};
use super::{Figure, Theme, text};
use plotters::prelude::{DrawResult, SVGBackend};

/// The figure as SVG: title and summary for screen readers, `link` (the address that makes the
/// same figure again) in its metadata. The same figure gives the same bytes.
///
/// ```
/// use lethe::figure::{ForgettingByReplay, Sheet, Spread, Theme, to_svg};
/// let points = vec![(0.0, Spread::new(0.08, 0.07, 0.1)), (0.01, Spread::new(0.01, 0.009, 0.02))];
/// let figure = ForgettingByReplay { points, seeds: 16, ..Default::default() }.figure();
/// let svg = to_svg(&figure, &Sheet::file(760.0, 420.0), &Theme::LIGHT, "#v=1&x=replay")?;
/// assert!(svg.contains("88\u{a0}% less"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// None that plotters' string backend is known to report.
pub fn to_svg<'a>(figure: &Figure, sheet: &Sheet, theme: &Theme, link: &str) -> DrawResult<String, SVGBackend<'a>> {
    let layout = Layout::new(figure, sheet);
    let Sheet { width, height, .. } = layout.sheet;
    let units = |v: f64| (v * Surface::svg().units).round() as u32;
    let size = (units(width), units(height));
    let mut drawn = String::new();
    draw(&mut SVGBackend::with_string(&mut drawn, size), figure, &layout, theme, Surface::svg())?;
    // plotters opens the root with a size in units; the root is written here instead.
    let body = drawn.split_once('\n').map_or("", |(_, body)| body);
    let id = escaped(&figure.id);
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {} {}\" role=\"img\" aria-labelledby=\"{id}-title\" aria-describedby=\"{id}-desc\" \
         font-family=\"{}\" style=\"font-variant-numeric:tabular-nums\" \
         stroke-linejoin=\"round\" stroke-linecap=\"round\">\n\
         <title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>\n<metadata>{}</metadata>\n\
         {body}",
        size.0,
        size.1,
        escaped(text::FAMILY),
        escaped(&figure.title),
        escaped(&figure.summary),
        escaped(link),
    ))
}

/// A text as the content of an element or an attribute of XML or HTML.
pub fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}
