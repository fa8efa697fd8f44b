//! Any plotters backend as one type, so that the drawing routine is compiled once and not for each.

use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::{DrawResult, DrawingBackend, ShapeStyle, TextStyle};

/// The backend has refused; [`Inked::error`] says why.
pub struct Refused;

pub type Drawn = Result<(), Refused>;

type At = (i32, i32);

/// What is drawn with, in whole units.
pub trait Ink {
    fn path(&mut self, points: &[At], style: &ShapeStyle) -> Drawn;
    fn area(&mut self, outline: &[At], style: &ShapeStyle) -> Drawn;
    fn rect(&mut self, from: At, to: At, style: &ShapeStyle) -> Drawn;
    fn disc(&mut self, at: At, radius: u32, style: &ShapeStyle) -> Drawn;
    fn text(&mut self, text: &str, style: &TextStyle<'_>, at: At) -> Drawn;
}

/// A backend, and its error once it had one.
pub struct Inked<'a, DB: DrawingBackend> {
    pub backend: &'a mut DB,
    pub error: Option<DrawingAreaErrorKind<DB::ErrorType>>,
}

impl<DB: DrawingBackend> Inked<'_, DB> {
    fn keep(&mut self, done: DrawResult<(), DB>) -> Drawn {
        done.map_err(|error| {
            self.error = Some(error);
            Refused
        })
    }
}

impl<DB: DrawingBackend> Ink for Inked<'_, DB> {
    fn path(&mut self, points: &[At], style: &ShapeStyle) -> Drawn {
        let done = self.backend.draw_path(points.iter().copied(), style);
        self.keep(done.map_err(DrawingAreaErrorKind::BackendError))
    }

    fn area(&mut self, outline: &[At], style: &ShapeStyle) -> Drawn {
        let done = self.backend.fill_polygon(outline.iter().copied(), style);
        self.keep(done.map_err(DrawingAreaErrorKind::BackendError))
    }

    fn rect(&mut self, from: At, to: At, style: &ShapeStyle) -> Drawn {
        let done = self.backend.draw_rect(from, to, style, true);
        self.keep(done.map_err(DrawingAreaErrorKind::BackendError))
    }

    fn disc(&mut self, at: At, radius: u32, style: &ShapeStyle) -> Drawn {
        let done = self.backend.draw_circle(at, radius, style, true);
        self.keep(done.map_err(DrawingAreaErrorKind::BackendError))
    }

    fn text(&mut self, text: &str, style: &TextStyle<'_>, at: At) -> Drawn {
        let done = self.backend.draw_text(text, style, at);
        self.keep(done.map_err(DrawingAreaErrorKind::BackendError))
    }
}
