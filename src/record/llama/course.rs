//! A measure over a run's steps.

use std::collections::BTreeMap;

use super::measured::{Estimate, Measure, kept_windows, measured};
use crate::experiments::llama::Point;

/// One measure of one task or domain, checkpoint by checkpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    pub measure: Measure,
    pub of: String,
    /// Steps with what was measured at them, and with the base's own.
    pub points: Vec<(u32, Estimate, Option<Estimate>)>,
}

/// All measures of a run, in the order in which they first appear.
pub fn courses(points: &[Point]) -> Vec<Course> {
    let mut courses: Vec<Course> = Vec::new();
    let mut places: BTreeMap<(Measure, String), usize> = BTreeMap::new();
    let start = kept_windows(points);
    for point in points {
        for found in measured(point, start) {
            let place = *places.entry((found.measure, found.of.clone())).or_insert_with(|| {
                courses.push(Course { measure: found.measure, of: found.of, points: Vec::new() });
                courses.len() - 1
            });
            let course = &mut courses[place].points;
            // Two tasks of one name would be one curve with two values at a step.
            if course.last().is_none_or(|(step, ..)| *step < point.step) {
                course.push((point.step, found.tuned, found.base));
            }
        }
    }
    courses
}
