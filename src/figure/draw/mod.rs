//! Draws a figure on any plotters backend: one routine for canvas and SVG.
//!
//! plotters' backends take whole pixels only. A [`Surface`] therefore has several units to the
//! pixel: the SVG is scaled by its `viewBox`, a canvas by the transform of its context.

mod heat;
mod ink;
mod marks;
mod pen;

use super::layout::{Layout, PanelLayout, Rect};
use super::panel::{Axis, Dash, Join, Panel, Place, Role, Scale};
use super::{Figure, Theme, text};
use ink::{Drawn, Ink, Inked};
use pen::Pen;
use plotters::prelude::{DrawResult, DrawingBackend};

/// How a backend's whole units relate to CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surface {
    /// Units per CSS pixel.
    pub(crate) units: f64,
    /// Units per pixel of the device: hairlines are aligned to these.
    pub(crate) device: f64,
    /// What the backend makes of a font size, inverted.
    pub(crate) font: f64,
    pub(crate) family: &'static str,
}

impl Surface {
    /// Units per device pixel.
    pub const SUBPIXELS: f64 = 8.0;

    /// A canvas of `layout.sheet` times `device_pixel_ratio` pixels. Its context must be scaled
    /// by `1 / SUBPIXELS`, and have `lineJoin` and `lineCap` set to `round`, before drawing.
    pub fn canvas(device_pixel_ratio: f64) -> Self {
        Surface {
            units: Self::SUBPIXELS * device_pixel_ratio,
            device: Self::SUBPIXELS,
            font: 1.0,
            family: text::FAMILY,
        }
    }

    /// An SVG whose `viewBox` counts units; the root element names the font.
    pub fn svg() -> Self {
        // plotters-svg divides font sizes by 1.24.
        Surface { units: Self::SUBPIXELS, device: Self::SUBPIXELS, font: 1.24, family: "inherit" }
    }
}

/// Draws `figure`, laid out by `layout`, in the colours of `theme`.
///
/// # Errors
/// Whatever the backend reports; plotters' SVG and canvas backends report next to nothing.
pub fn draw<DB: DrawingBackend>(
    backend: &mut DB,
    figure: &Figure,
    layout: &Layout,
    theme: &Theme,
    surface: Surface,
) -> DrawResult<(), DB> {
    let mut inked = Inked { backend, error: None };
    let drawn = all(&mut inked, figure, layout, theme, surface);
    match (drawn, inked.error) {
        (Err(_), Some(error)) => Err(error),
        _ => Ok(()),
    }
}

fn all(ink: &mut dyn Ink, figure: &Figure, layout: &Layout, theme: &Theme, surface: Surface) -> Drawn {
    let mut pen = Pen::new(ink, surface, *theme, layout.sheet.line, figure.reference);
    let (width, height) = (layout.sheet.width, layout.sheet.height);
    pen.rect(Rect { x0: 0.0, y0: 0.0, x1: width, y1: height }, theme.paper, 1.0)?;
    for (panel, at) in figure.panels.iter().zip(&layout.panels) {
        frame(&mut pen, panel, at)?;
        if let Some(cells) = &panel.heat {
            heat::draw(&mut pen, cells, at, layout.sheet.text)?;
        }
        marks::draw(&mut pen, panel, at, layout.sheet.text)?;
    }
    for leader in &layout.leaders {
        let color = theme.role(leader.role);
        pen.stroke(&[leader.from, leader.to], 0.45, color, 0.6, Dash::Solid)?;
    }
    for text in &layout.texts {
        if text.halo {
            let rect = text.rect();
            let trim = 0.12 * text.size;
            let rect = Rect { y0: rect.y0 + trim, y1: rect.y1 - trim, ..rect.grown(0.1 * text.size) };
            pen.rect(rect, theme.paper, 0.78)?;
        }
        pen.text(text)?;
    }
    Ok(())
}

/// Grid, axis line, the joints of the x axis, and the dotted line of the current setting.
fn frame(pen: &mut Pen, panel: &Panel, at: &PanelLayout) -> Drawn {
    let (plot, theme) = (at.plot, pen.theme);
    let axis = at.axis;
    for value in &at.grid {
        let y = at.y_px(*value);
        if (y - axis).abs() > 0.5 {
            pen.horizontal(y, plot.x0, plot.x1, theme.grid)?;
        }
    }
    pen.horizontal(axis, plot.x0, plot.x1, theme.edge)?;
    if (axis - plot.y1).abs() > 0.5 && panel.x.segments.iter().any(|s| s.scale != Scale::Linear) {
        pen.horizontal(plot.y1, plot.x0, plot.x1, theme.grid)?;
    }
    joints(pen, &panel.x, at, axis)?;
    if let Some(setting) = panel.setting {
        let x = at.x_px(setting);
        pen.stroke(&[(x, plot.y0), (x, plot.y1)], 0.5, theme.edge, 1.0, Dash::Dotted)?;
    }
    Ok(())
}

fn joints(pen: &mut Pen, axis: &Axis, at: &PanelLayout, y: f64) -> Drawn {
    for stretch in at.x.iter().skip(1) {
        let (x, theme) = (stretch.room[0], pen.theme);
        match axis.join {
            Join::Divider => pen.vertical(x, at.plot.y0 - 4.0 * pen.unit(), at.plot.y1, theme.edge)?,
            Join::Break => {
                let u = pen.unit();
                pen.rect(
                    Rect { x0: x - 3.0 * u, y0: y - 2.0 * u, x1: x + 3.0 * u, y1: y + 2.0 * u },
                    theme.paper,
                    1.0,
                )?;
                for dx in [-2.5, 2.5] {
                    let stroke = [(x + (dx - 1.6) * u, y + 4.0 * u), (x + (dx + 1.6) * u, y - 4.0 * u)];
                    pen.stroke(&stroke, 0.5, theme.soft, 1.0, Dash::Solid)?;
                }
            }
        }
    }
    Ok(())
}
