//! The colours of figures, light and dark. The names are those of the page's CSS variables.

use core::f64::consts::LN_10;

use super::panel::Role;

/// An sRGB colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// `#rrggbb`, lower case.
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// WCAG 2 relative luminance, 0 to 1.
    pub fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { (2.4 * LN_10 * ((c + 0.055) / 1.055).log10()).exp() }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// WCAG 2 contrast ratio, 1 to 21.
    pub fn contrast(self, other: Rgb) -> f64 {
        let (a, b) = (self.luminance() + 0.05, other.luminance() + 0.05);
        if a > b { a / b } else { b / a }
    }
}

/// One set of colours and opacities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Theme {
    pub paper: Rgb,
    pub ink: Rgb,
    pub soft: Rgb,
    pub edge: Rgb,
    pub grid: Rgb,
    pub old: Rgb,
    pub new: Rgb,
    pub over: Rgb,
    /// Opacity of the interquartile band.
    pub band: f64,
    /// Opacity of a density's hill.
    pub hill: f64,
}

impl Theme {
    pub const LIGHT: Theme = Theme {
        paper: Rgb(0xf5, 0xf7, 0xf7),
        ink: Rgb(0x13, 0x24, 0x2b),
        soft: Rgb(0x47, 0x5a, 0x62),
        edge: Rgb(0x71, 0x83, 0x8b),
        grid: Rgb(0xe2, 0xe8, 0xea),
        old: Rgb(0xb3, 0x47, 0x00),
        new: Rgb(0x00, 0x67, 0xa3),
        over: Rgb(0x6b, 0x6f, 0x73),
        band: 0.17,
        hill: 0.2,
    };

    pub const DARK: Theme = Theme {
        paper: Rgb(0x0f, 0x19, 0x1e),
        ink: Rgb(0xe8, 0xf0, 0xf2),
        soft: Rgb(0xa6, 0xb8, 0xbf),
        edge: Rgb(0x71, 0x86, 0x8f),
        grid: Rgb(0x22, 0x33, 0x3b),
        old: Rgb(0xf5, 0x98, 0x5a),
        new: Rgb(0x6c, 0xbc, 0xf0),
        over: Rgb(0xa8, 0xb0, 0xb4),
        band: 0.24,
        hill: 0.26,
    };

    /// The colours by the names of their CSS variables (`paper` is `--paper`).
    pub fn tokens(&self) -> [(&'static str, Rgb); 8] {
        [
            ("paper", self.paper),
            ("ink", self.ink),
            ("soft", self.soft),
            ("edge", self.edge),
            ("grid", self.grid),
            ("old", self.old),
            ("new", self.new),
            ("over", self.over),
        ]
    }

    /// The colour of everything that stands for `role`.
    pub fn role(&self, role: Role) -> Rgb {
        match role {
            Role::OldTask => self.old,
            Role::NewTask => self.new,
            Role::Overwritten => self.over,
            Role::Before => self.soft,
            Role::Now => self.ink,
        }
    }
}
