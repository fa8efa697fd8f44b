//! Rectangles, and words with the room they take.

use serde::Serialize;

use super::super::panel::Role;
use super::super::text;
use super::super::theme::Rgb;

/// A rectangle in CSS pixels, y downwards.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rect {
    pub x0: f64,
    pub y0: f64,
    pub x1: f64,
    pub y1: f64,
}

impl Rect {
    pub fn width(&self) -> f64 {
        self.x1 - self.x0
    }

    pub fn height(&self) -> f64 {
        self.y1 - self.y0
    }

    /// Whether the two share more than an edge.
    pub fn touches(&self, other: Rect) -> bool {
        let clear = 1e-9;
        self.x0 < other.x1 - clear
            && other.x0 < self.x1 - clear
            && self.y0 < other.y1 - clear
            && other.y0 < self.y1 - clear
    }

    /// Moved right and down.
    pub fn moved(&self, by: f64) -> Rect {
        Rect { x0: self.x0 + by, y0: self.y0 + by, x1: self.x1 + by, y1: self.y1 + by }
    }

    pub fn grown(&self, by: f64) -> Rect {
        Rect { x0: self.x0 - by, y0: self.y0 - by, x1: self.x1 + by, y1: self.y1 + by }
    }
}

/// Which part of a line of text stands at its x.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// One line of text and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct TextBox {
    pub text: String,
    /// Where `anchor` stands.
    pub x: f64,
    /// Middle of the line.
    pub y: f64,
    pub anchor: Anchor,
    pub size: f64,
    pub bold: bool,
    /// Decides the colour: `Before` is soft, `Now` is ink.
    pub role: Role,
    /// A colour of its own instead, for words that stand on another colour than paper.
    pub on: Option<Rgb>,
    /// Drawn on a patch of paper, because it stands on a line or a dot.
    pub halo: bool,
}

impl TextBox {
    /// Soft, regular text.
    pub fn soft(text: impl Into<String>, x: f64, y: f64, anchor: Anchor, size: f64) -> Self {
        let text = text.into();
        TextBox { text, x, y, anchor, size, bold: false, role: Role::Before, on: None, halo: false }
    }

    /// The same text, bold and in the colour of `role`.
    pub fn strong(self, role: Role) -> Self {
        TextBox { bold: true, role, ..self }
    }

    /// The room the text takes: a line high, as wide as the widest of the page's fonts draws it.
    pub fn rect(&self) -> Rect {
        let width = text::width(&self.text, self.size, self.bold);
        let x0 = match self.anchor {
            Anchor::Start => self.x,
            Anchor::Middle => self.x - width / 2.0,
            Anchor::End => self.x - width,
        };
        let half = self.size * text::LINE / 2.0;
        Rect { x0, y0: self.y - half, x1: x0 + width, y1: self.y + half }
    }

    /// Moves the text sideways, no farther than it must, to lie between `left` and `right`.
    pub fn kept_between(mut self, left: f64, right: f64) -> Self {
        let rect = self.rect();
        if rect.x1 > right {
            self.x -= rect.x1 - right;
        }
        let rect = self.rect();
        if rect.x0 < left {
            self.x += left - rect.x0;
        }
        self
    }
}
