//! What a panel shows: hills, clouds, bands, lines, markers, brackets, flags and the playhead.

use super::super::layout::{PanelLayout, Rect, clipped};
use super::super::panel::{Cloud, Flag, Gap, Hill, Marker, Panel, Series};
use super::*;

/// Radius of a marker and of a dot, for lines of the usual width.
const MARKER: f64 = 4.0;
const DOT: f64 = 2.25;

/// Opacity of a trace, and of one of many.
const TRACE: f64 = 0.75;
const FAINT: f64 = 0.2;

pub fn draw(pen: &mut Pen, panel: &Panel, at: &PanelLayout, text: f64) -> Drawn {
    for h in &panel.hills {
        hill(pen, h, at)?;
    }
    for series in &panel.series {
        band(pen, series, at)?;
    }
    for c in &panel.clouds {
        cloud(pen, c, at)?;
    }
    for trace in &panel.traces {
        let line: Vec<(f64, f64)> = trace.points.iter().map(|(p, v)| (at.x_px(*p), at.y_px(*v))).collect();
        let segments: Vec<usize> = trace.points.iter().map(|(p, _)| p.segment).collect();
        let mut start = 0;
        for end in 1..=line.len() {
            if end == line.len() || segments[end] != segments[start] {
                for part in clipped(&line[start..end], at.plot) {
                    let color = pen.theme.role(trace.role);
                    pen.stroke(&part, 0.5, color, pen.data(if trace.faint { FAINT } else { TRACE }), Dash::Solid)?;
                }
                start = end;
            }
        }
    }
    for series in &panel.series {
        curve(pen, series, at)?;
    }
    for f in &panel.flags {
        flag(pen, f, at)?;
    }
    if let Some(place) = panel.playhead {
        playhead(pen, place, at, text)?;
    }
    for series in &panel.series {
        markers(pen, series, at)?;
    }
    for g in &panel.gaps {
        gap(pen, g, at)?;
    }
    Ok(())
}

fn hill(pen: &mut Pen, hill: &Hill, at: &PanelLayout) -> Drawn {
    const STEPS: i32 = 48;
    let high = 0.17 * at.plot.height();
    let (color, opacity) = (pen.theme.role(hill.role), pen.data(pen.theme.hill));
    let points = (-STEPS..=STEPS).map(|i| {
        let z = 3.2 * f64::from(i) / f64::from(STEPS);
        let x = at.x_px(Place { segment: 0, x: hill.mean + z * hill.sd });
        let y = at.plot.y1 - high * (-z * z / 2.0).exp();
        (x.clamp(at.plot.x0, at.plot.x1), y)
    });
    let mut outline: Vec<(f64, f64)> = points.collect();
    if let (Some(first), Some(last)) = (outline.first().copied(), outline.last().copied()) {
        outline.push((last.0, at.plot.y1));
        outline.push((first.0, at.plot.y1));
    }
    pen.area(&outline, color, opacity)
}

fn cloud(pen: &mut Pen, cloud: &Cloud, at: &PanelLayout) -> Drawn {
    let color = pen.theme.role(cloud.role);
    let opacity = if cloud.role == Role::Overwritten { 0.42 } else { 0.6 };
    for (i, x) in cloud.xs.iter().enumerate() {
        let x = at.x_px(Place { segment: 0, x: *x });
        // Multiples of the golden ratio spread evenly and never repeat.
        let jitter = ((i as f64 * 0.618_034).fract() - 0.5) * 5.0 * pen.unit();
        if x >= at.plot.x0 && x <= at.plot.x1 {
            pen.disc((x, at.y_px(cloud.y) + jitter), DOT * pen.unit(), color, pen.data(opacity))?;
        }
    }
    Ok(())
}

fn band(pen: &mut Pen, series: &Series, at: &PanelLayout) -> Drawn {
    let (color, plot, u) = (pen.theme.role(series.role), at.plot, pen.unit());
    // What is only shown for comparison must not cloud the two tasks.
    let weight = if series.role == Role::Overwritten { 0.5 } else { 1.0 };
    let opacity = pen.data(weight * pen.theme.band);
    for run in at.band_runs(&series.points) {
        if let [(x, low, high)] = run[..] {
            let (y0, y1) = (high.clamp(plot.y0, plot.y1), low.clamp(plot.y0, plot.y1));
            let bar = Rect { x0: x - 4.5 * u, y0, x1: x + 4.5 * u, y1 };
            pen.rect(bar, color, 1.5 * opacity)?;
            continue;
        }
        let upper = run.iter().map(|(x, _, high)| (*x, *high));
        let lower = run.iter().rev().map(|(x, low, _)| (*x, *low));
        let outline = within(&upper.chain(lower).collect::<Vec<_>>(), plot);
        pen.area(&outline, color, opacity)?;
    }
    Ok(())
}

/// The part of a polygon between the top and the bottom of `plot` (Sutherland and Hodgman).
fn within(outline: &[(f64, f64)], plot: Rect) -> Vec<(f64, f64)> {
    let mut outline = outline.to_vec();
    for (edge, sign) in [(plot.y0, 1.0), (plot.y1, -1.0)] {
        let inside = |p: (f64, f64)| (p.1 - edge) * sign >= 0.0;
        let mut kept = Vec::new();
        for (i, &b) in outline.iter().enumerate() {
            let a = outline[(i + outline.len() - 1) % outline.len()];
            if inside(a) != inside(b) {
                let part = (edge - a.1) / (b.1 - a.1);
                kept.push((a.0 + part * (b.0 - a.0), edge));
            }
            if inside(b) {
                kept.push(b);
            }
        }
        outline = kept;
    }
    outline
}

fn curve(pen: &mut Pen, series: &Series, at: &PanelLayout) -> Drawn {
    let color = pen.theme.role(series.role);
    let weight = match series.role {
        Role::Before => 0.8,
        Role::Now => 1.12,
        Role::OldTask | Role::NewTask | Role::Overwritten => 1.0,
    };
    for run in at.runs(&series.points) {
        for part in clipped(&run, at.plot) {
            pen.stroke(&part, weight, color, pen.data(1.0), series.dash)?;
        }
    }
    Ok(())
}

fn markers(pen: &mut Pen, series: &Series, at: &PanelLayout) -> Drawn {
    let alone: Vec<(f64, f64)> = at.runs(&series.points).into_iter().filter(|r| r.len() == 1).flatten().collect();
    for point in &series.points {
        let Some(median) = point.median else { continue };
        let place = (at.x_px(point.at), at.y_px(median));
        if place.1 < at.plot.y0 - 0.5 || place.1 > at.plot.y1 + 0.5 {
            continue;
        }
        // A point without neighbours has no line to be seen by.
        match series.marker.filter(|_| point.marked) {
            Some(shape) => marker(pen, shape, place, series.role, point.hollow)?,
            None if alone.contains(&place) => marker(pen, Marker::Circle, place, series.role, false)?,
            None => {}
        }
    }
    Ok(())
}

fn marker(pen: &mut Pen, shape: Marker, at: (f64, f64), role: Role, hollow: bool) -> Drawn {
    let (color, paper, r) = (pen.theme.role(role), pen.theme.paper, MARKER * pen.unit());
    // A ring of paper keeps the marker off its line; a hollow one is a ring of its colour.
    let rim = 1.25 * pen.unit();
    shape_of(pen, shape, at, r + rim, paper, 1.0)?;
    shape_of(pen, shape, at, r + if hollow { 0.6 * rim } else { 0.0 }, color, pen.data(1.0))?;
    if hollow {
        shape_of(pen, shape, at, r - rim, paper, 1.0)?;
    }
    Ok(())
}

fn shape_of(
    pen: &mut Pen,
    shape: Marker,
    (x, y): (f64, f64),
    r: f64,
    color: super::super::theme::Rgb,
    opacity: f64,
) -> Drawn {
    match shape {
        Marker::Circle => pen.disc((x, y), r, color, opacity),
        Marker::Square => {
            let r = 0.9 * r;
            pen.rect(Rect { x0: x - r, y0: y - r, x1: x + r, y1: y + r }, color, opacity)
        }
        Marker::Triangle => {
            let (r, y) = (1.3 * r, y + 0.15 * r);
            pen.area(&[(x, y - r), (x + 0.87 * r, y + 0.5 * r), (x - 0.87 * r, y + 0.5 * r)], color, opacity)
        }
    }
}

fn gap(pen: &mut Pen, gap: &Gap, at: &PanelLayout) -> Drawn {
    let (x, color, u) = (at.x_px(gap.at), pen.theme.role(gap.role), pen.unit());
    let (from, to) = (at.y_px(gap.from), at.y_px(gap.to));
    pen.stroke(&[(x, from), (x, to)], 0.67, color, 1.0, Dash::Solid)?;
    for y in [from, to] {
        pen.stroke(&[(x - 3.0 * u, y), (x + 3.0 * u, y)], 0.67, color, 1.0, Dash::Solid)?;
    }
    Ok(())
}

fn flag(pen: &mut Pen, flag: &Flag, at: &PanelLayout) -> Drawn {
    let (x, y, u, ink) = (at.x_px(flag.at), at.plot.y1, pen.unit(), pen.theme.ink);
    if flag.cross {
        for sign in [-1.0, 1.0] {
            let r = 4.0 * u;
            pen.stroke(&[(x - r, y - sign * r), (x + r, y + sign * r)], 0.9, ink, 1.0, Dash::Solid)?;
        }
        return Ok(());
    }
    pen.stroke(&[(x, at.plot.y0), (x, y)], 0.5, pen.theme.edge, 1.0, Dash::Dashed)
}

fn playhead(pen: &mut Pen, place: Place, at: &PanelLayout, text: f64) -> Drawn {
    let (x, top, u, ink) = (at.x_px(place), at.plot.y0, pen.unit(), pen.theme.ink);
    pen.vertical(x, top, at.plot.y1, ink)?;
    let (r, high) = (4.5 * u, 0.7 * text);
    pen.area(
        &[(x - r, top - high), (x + r, top - high), (x + r, top - 0.4 * high), (x, top), (x - r, top - 0.4 * high)],
        ink,
        1.0,
    )
}
