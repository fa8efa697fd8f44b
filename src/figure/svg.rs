//! A figure as one self-contained SVG file.

use super::draw::{Surface, draw};
use super::layout::{Layout, Sheet};
use super::{Figure, Theme, text};
use plotters::prelude::{DrawResult, SVGBackend};

/// The figure as SVG: title and summary for screen readers, `link` (the address that makes the
/// same figure again) in its metadata. The same figure gives the same bytes.
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
    let body = drawn.split_once(">\n").map_or("", |(_, body)| body);
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

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}
