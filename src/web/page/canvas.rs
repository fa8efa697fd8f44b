//! A figure on a canvas, sharp on every screen.

use plotters_canvas::CanvasBackend;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use crate::figure::{Figure, Layout, Sheet, Surface, Theme, draw};

/// Empty paper around a figure, in units of the text size.
const EDGE: f64 = 0.25;

/// The size of a figure on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Size {
    /// CSS pixels.
    pub width: f64,
    pub height: f64,
    /// Size of the text, CSS pixels.
    pub text: f64,
    /// Width of a median's line, CSS pixels.
    pub line: f64,
    /// Pixels of the device per CSS pixel.
    pub ratio: f64,
    /// Whether the title is part of the picture.
    pub heading: bool,
}

impl Size {
    /// As the layout knows it.
    pub fn sheet(&self) -> Sheet {
        Sheet {
            text: self.text,
            line: self.line,
            heading: self.heading,
            // The width of words is estimated: the longest of them may need a little more.
            padding: EDGE * self.text,
            ..Sheet::new(self.width, self.height)
        }
    }
}

/// Draws a figure and returns where everything is; `None` where the browser gives no canvas.
pub(super) fn paint(canvas: &HtmlCanvasElement, figure: &Figure, size: Size, theme: &Theme) -> Option<Layout> {
    let layout = Layout::new(figure, &size.sheet());
    let pixels = |length: f64| (length * size.ratio).round() as u32;
    let (width, height) = (pixels(layout.sheet.width), pixels(layout.sheet.height));
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    // A size that is set, even the same, gives the canvas new memory, which the system has to find.
    if (canvas.width(), canvas.height()) == (width, height) {
        context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0).ok()?;
        context.clear_rect(0.0, 0.0, f64::from(width), f64::from(height));
    } else {
        canvas.set_width(width);
        canvas.set_height(height);
    }
    let scale = 1.0 / Surface::SUBPIXELS;
    context.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0).ok()?;
    context.set_line_join("round");
    context.set_line_cap("round");
    let mut backend = CanvasBackend::with_canvas_object(canvas.clone())?;
    draw(&mut backend, figure, &layout, theme, Surface::canvas(size.ratio)).ok()?;
    Some(layout)
}
