//! Strokes, areas and words in CSS pixels, put on a backend of whole units.

use super::super::layout::{Anchor, Rect, TextBox};
use super::super::panel::Dash;
use super::super::theme::{Rgb, Theme};
use super::Surface;
use super::ink::{Drawn, Ink};
use plotters::prelude::{FontDesc, FontFamily, FontStyle, RGBAColor, ShapeStyle, TextStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Opacity of everything but text in a figure of reference curves.
const REFERENCE_OPACITY: f64 = 0.6;

/// The width of a line for which dashes are 7-4 and markers 8 px wide.
const LINE: f64 = 2.25;

pub struct Pen<'a> {
    ink: &'a mut dyn Ink,
    surface: Surface,
    pub theme: Theme,
    line: f64,
    opacity: f64,
}

impl<'a> Pen<'a> {
    pub fn new(ink: &'a mut dyn Ink, surface: Surface, theme: Theme, line: f64, reference: bool) -> Self {
        let opacity = if reference { REFERENCE_OPACITY } else { 1.0 };
        Pen { ink, surface, theme, line, opacity }
    }

    /// A CSS pixel at the usual line width; grows with the lines of a projector.
    pub fn unit(&self) -> f64 {
        self.line / LINE
    }

    fn at(&self, (x, y): (f64, f64)) -> (i32, i32) {
        let whole = |v: f64| (v * self.surface.units).round() as i32;
        (whole(x), whole(y))
    }

    fn style(&self, color: Rgb, opacity: f64, width: f64) -> ShapeStyle {
        let stroke_width = (width * self.surface.units).round().max(1.0) as u32;
        // plotters writes opacities in full; three decimals are all an eye can see.
        let opacity = (opacity * 1000.0).round() / 1000.0;
        ShapeStyle { color: RGBAColor(color.0, color.1, color.2, opacity), filled: false, stroke_width }
    }

    /// Opacity of data: lighter in a figure of reference curves.
    pub fn data(&self, opacity: f64) -> f64 {
        self.opacity * opacity
    }

    /// A line through `points`, `weight` times the width of a median's.
    pub fn stroke(&mut self, points: &[(f64, f64)], weight: f64, color: Rgb, opacity: f64, dash: Dash) -> Drawn {
        let style = self.style(color, opacity, self.line * weight);
        let u = self.unit();
        let pieces = match dash {
            Dash::Solid => vec![points.to_vec()],
            Dash::Dashed => dashes(points, 7.0 * u, 4.0 * u),
            Dash::Dotted => dashes(points, 2.0 * u, 4.0 * u),
        };
        for piece in pieces {
            let mut path: Vec<(i32, i32)> = piece.into_iter().map(|p| self.at(p)).collect();
            path.dedup();
            if path.len() < 2 {
                continue;
            }
            self.ink.path(&path, &style)?;
        }
        Ok(())
    }

    /// A hairline on whole device pixels.
    pub fn horizontal(&mut self, y: f64, x0: f64, x1: f64, color: Rgb) -> Drawn {
        let y = self.aligned(y);
        let (x0, x1) = (self.at((x0, 0.0)).0, self.at((x1, 0.0)).0);
        self.hairline([(x0, y), (x1, y)], color)
    }

    pub fn vertical(&mut self, x: f64, y0: f64, y1: f64, color: Rgb) -> Drawn {
        let x = self.aligned(x);
        let (y0, y1) = (self.at((0.0, y0)).1, self.at((0.0, y1)).1);
        self.hairline([(x, y0), (x, y1)], color)
    }

    fn hairline(&mut self, path: [(i32, i32); 2], color: Rgb) -> Drawn {
        let style = self.style(color, 1.0, self.hairline_pixels() * self.surface.device / self.surface.units);
        self.ink.path(&path, &style)
    }

    /// Width of a hairline in device pixels: whole, and about one CSS pixel.
    fn hairline_pixels(&self) -> f64 {
        (self.unit() * self.surface.units / self.surface.device).round().max(1.0)
    }

    fn aligned(&self, v: f64) -> i32 {
        let pixels = v * self.surface.units / self.surface.device;
        // A line of odd width is centred on a pixel, one of even width between two.
        let middle = (self.hairline_pixels() / 2.0).fract();
        ((pixels.floor() + middle) * self.surface.device).round() as i32
    }

    pub fn area(&mut self, points: &[(f64, f64)], color: Rgb, opacity: f64) -> Drawn {
        let style = self.style(color, opacity, 0.0);
        let mut path: Vec<(i32, i32)> = points.iter().map(|p| self.at(*p)).collect();
        path.dedup();
        if path.len() < 3 {
            return Ok(());
        }
        self.ink.area(&path, &style)
    }

    pub fn rect(&mut self, rect: Rect, color: Rgb, opacity: f64) -> Drawn {
        let style = self.style(color, opacity, 0.0);
        let (from, to) = (self.at((rect.x0, rect.y0)), self.at((rect.x1, rect.y1)));
        self.ink.rect(from, to, &style)
    }

    pub fn disc(&mut self, at: (f64, f64), radius: f64, color: Rgb, opacity: f64) -> Drawn {
        let style = self.style(color, opacity, 0.0);
        let radius = (radius * self.surface.units).round() as u32;
        let at = self.at(at);
        self.ink.disc(at, radius, &style)
    }

    pub fn text(&mut self, text: &TextBox) -> Drawn {
        let color = text.on.unwrap_or(self.theme.role(text.role));
        let weight = if text.bold { FontStyle::Bold } else { FontStyle::Normal };
        let size = text.size * self.surface.units * self.surface.font;
        let font = FontDesc::new(FontFamily::Name(self.surface.family), size, weight);
        let anchor = match text.anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let color = RGBAColor(color.0, color.1, color.2, 1.0);
        let style = TextStyle::from(font).color(&color).pos(Pos::new(anchor, VPos::Center));
        let at = self.at((text.x, text.y));
        self.ink.text(&text.text, &style, at)
    }
}

/// Cuts a line into dashes of length `on`, `off` apart.
fn dashes(points: &[(f64, f64)], on: f64, off: f64) -> Vec<Vec<(f64, f64)>> {
    let mut pieces = Vec::new();
    let mut piece: Vec<(f64, f64)> = points.first().copied().into_iter().collect();
    let (mut drawing, mut left) = (true, on);
    for pair in points.windows(2) {
        let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
        let length = (bx - ax).hypot(by - ay);
        let mut done = 0.0;
        while length - done > left {
            done += left;
            let at = (ax + (bx - ax) * done / length, ay + (by - ay) * done / length);
            if drawing {
                piece.push(at);
                pieces.push(std::mem::take(&mut piece));
            } else {
                piece = vec![at];
            }
            drawing = !drawing;
            left = if drawing { on } else { off };
        }
        left -= length - done;
        if drawing {
            piece.push((bx, by));
        }
    }
    if drawing && piece.len() > 1 {
        pieces.push(piece);
    }
    pieces
}
