//! Points of series as pixels: unbroken runs of medians and of bands, and what lies off scale.

use super::super::panel::{Place, Point, Scale};
use super::{PanelLayout, Rect};

/// Neighbouring measured points of one segment.
pub type Run = Vec<(f64, f64)>;

/// The same for a band: x, then the pixels of its two edges.
pub type BandRun = Vec<(f64, f64, f64)>;

/// Splits `points` where `value` is missing or the segment changes.
fn runs<T>(points: &[Point], value: impl Fn(&Point) -> Option<T>) -> Vec<Vec<T>> {
    let mut runs: Vec<Vec<T>> = Vec::new();
    let mut segment = None;
    for point in points {
        let Some(value) = value(point) else {
            segment = None;
            continue;
        };
        match runs.last_mut() {
            Some(run) if segment == Some(point.at.segment) => run.push(value),
            _ => runs.push(vec![value]),
        }
        segment = Some(point.at.segment);
    }
    runs
}

impl PanelLayout {
    pub fn runs(&self, points: &[Point]) -> Vec<Run> {
        runs(points, |p| Some((self.x_px(p.at), self.y_px(p.median?))))
    }

    pub fn band_runs(&self, points: &[Point]) -> Vec<BandRun> {
        runs(points, |p| {
            let [low, high] = p.band?;
            Some((self.x_px(p.at), self.y_px(low), self.y_px(high)))
        })
    }

    /// The farthest value of every stretch of points that leaves the plot at the top, or on a
    /// linear axis at the bottom. (Below a logarithmic axis values stand on its bottom line.)
    pub fn off_scale(&self, points: &[Point]) -> Vec<(Place, f64)> {
        let slack = 1e-9 * (self.y.max - self.y.min).abs();
        let above = |p: &Point| {
            let value = p.band.map_or(p.median, |b| Some(b[1].max(p.median.unwrap_or(b[1]))))?;
            (value > self.y.max + slack).then_some((p.at, value))
        };
        let below = |p: &Point| {
            let value = p.band.map_or(p.median, |b| Some(b[0].min(p.median.unwrap_or(b[0]))))?;
            let linear = self.y.scale == Scale::Linear;
            (linear && value < self.y.min - slack).then_some((p.at, value))
        };
        let farthest = |run: Vec<(Place, f64)>| run.into_iter().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
        let (above, below) = (runs(points, above), runs(points, below));
        above.into_iter().chain(below).filter_map(farthest).collect()
    }
}

/// The pixel of the last measured point.
pub fn end(panel: &PanelLayout, points: &[Point]) -> Option<(f64, f64)> {
    let last = points.iter().rev().find(|p| p.median.is_some())?;
    Some((panel.x_px(last.at), panel.y_px(last.median?)))
}

/// The part of a line inside `clip`, as one or more lines.
pub fn clipped(line: &[(f64, f64)], clip: Rect) -> Vec<Run> {
    let mut parts: Vec<Run> = Vec::new();
    for pair in line.windows(2) {
        let Some((a, b)) = clipped_segment(pair[0], pair[1], clip) else { continue };
        match parts.last_mut() {
            Some(part) if part.last() == Some(&a) => part.push(b),
            _ => parts.push(vec![a, b]),
        }
    }
    parts
}

/// Liang and Barsky's clipping of a segment to a rectangle.
fn clipped_segment((ax, ay): (f64, f64), (bx, by): (f64, f64), clip: Rect) -> Option<((f64, f64), (f64, f64))> {
    let (dx, dy) = (bx - ax, by - ay);
    let (mut enter, mut leave) = (0.0f64, 1.0f64);
    for (step, room) in [(-dx, ax - clip.x0), (dx, clip.x1 - ax), (-dy, ay - clip.y0), (dy, clip.y1 - ay)] {
        if step == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if step < 0.0 {
            enter = enter.max(room / step);
        } else {
            leave = leave.min(room / step);
        }
    }
    let at = |t: f64| {
        if t == 0.0 {
            (ax, ay)
        } else if t == 1.0 {
            (bx, by)
        } else {
            (ax + t * dx, ay + t * dy)
        }
    };
    (enter <= leave).then(|| (at(enter), at(leave)))
}
