//! What a field accepts, and how its text is read.

use core::fmt;

use super::mitigations::Mitigated;
use crate::decimal;
use crate::train::mitigation::ALL;

/// Bytes of a number's text at most.
const LONGEST: usize = 40;

/// What a field accepts; its text form is shown to whoever wrote something else.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Accepted {
    Whole {
        min: u32,
        max: u32,
    },
    Real {
        min: f64,
        max: f64,
    },
    Wholes {
        min: u32,
        max: u32,
        most: usize,
    },
    Reals {
        min: f64,
        max: f64,
        most: usize,
    },
    /// Exactly two numbers.
    Pair {
        min: f64,
        max: f64,
    },
    Choice(&'static [&'static str]),
    /// Different names, `least` of them or more.
    Choices {
        names: &'static [&'static str],
        least: usize,
    },
    /// Seed numbers and ranges such as `0..15` (sixteen seeds).
    Seeds {
        most: usize,
    },
    /// Steps `p@first step`, the first at step 0.
    Schedule {
        last: u32,
        most: usize,
    },
    /// Mitigations `name@strength`.
    Mitigations {
        most: usize,
    },
    /// Runs `weight x how many`.
    Weights {
        max: f64,
        most: usize,
    },
}

impl fmt::Display for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole { min, max } => write!(f, "a whole number from {min} to {max}"),
            Self::Real { min, max } => write!(f, "a number from {min} to {max}"),
            Self::Wholes { min, max, most } => {
                write!(f, "1 to {most} different whole numbers from {min} to {max}, separated by commas")
            }
            Self::Reals { min, max, most } => {
                write!(f, "1 to {most} different numbers from {min} to {max}, separated by commas")
            }
            Self::Pair { min, max } => write!(f, "two numbers from {min} to {max}, separated by a comma"),
            Self::Choice(names) => write!(f, "one of {}", names.join(", ")),
            Self::Choices { names, least: 0 } => {
                write!(f, "none, or different ones of {}, separated by commas", names.join(", "))
            }
            Self::Choices { names, least } => {
                write!(f, "{least} or more different ones of {}, separated by commas", names.join(", "))
            }
            Self::Seeds { most } => {
                write!(f, "1 to {most} seeds from 0 to {}, as numbers and ranges such as 0..15", u32::MAX)
            }
            Self::Schedule { last, most } => write!(
                f,
                "up to {most} pieces p@step with p from 0 to 1 and rising steps from 0 to {last}, \
                 the first at step 0, such as 0@0,0.3@400"
            ),
            Self::Mitigations { most } => {
                write!(f, "up to {most} different mitigations name@strength with strengths above 0, of")?;
                ALL.iter().skip(1).try_for_each(|mitigation| write!(f, " {}", mitigation.name))
            }
            Self::Weights { max, most } => write!(
                f,
                "up to {most} runs weight\u{d7}count such as 2x128,0x128, weights from 0 to {max} and not all 0"
            ),
        }
    }
}

/// One finite number of a text.
fn number(text: &str) -> Option<f64> {
    decimal::read(text).filter(|value| text.len() <= LONGEST && value.is_finite())
}

/// A whole number, or the nearest end of what `u32` holds; `true` if it was written as such.
fn whole(text: &str) -> Option<(u32, bool)> {
    if let Some(value) = text.parse().ok().filter(|_| text.len() <= LONGEST) {
        return Some((value, true));
    }
    let value = number(text)?;
    Some((value.clamp(0.0, f64::from(u32::MAX)) as u32, false))
}

/// A value read from a text, and whether the text said exactly that.
pub type Read<T> = Option<(T, bool)>;

/// A whole number, clamped to `min..=max`.
pub fn read_whole(text: &str, min: u32, max: u32) -> Read<u32> {
    let (value, exact) = whole(text.trim())?;
    let clamped = value.clamp(min, max);
    Some((clamped, exact && clamped == value))
}

/// A finite number, clamped to `min..=max`.
pub fn read_real(text: &str, min: f64, max: f64) -> Read<f64> {
    let value = number(text.trim())?;
    // Adding zero turns -0 into 0, so that one number has one text.
    Some((value.clamp(min, max) + 0.0, (min..=max).contains(&value)))
}

/// A list, each item by `read`; unreadable items and repetitions are dropped, items beyond `most` cut.
pub fn read_list<T: PartialEq>(text: &str, most: usize, read: impl Fn(&str) -> Read<T>) -> Read<Vec<T>> {
    let mut list = Vec::new();
    let mut exact = true;
    for item in text.split(',') {
        if list.len() == most {
            exact = false;
            break;
        }
        match read(item) {
            Some((value, as_written)) if !list.contains(&value) => {
                exact &= as_written;
                list.push(value);
            }
            _ => exact = false,
        }
    }
    (!list.is_empty()).then_some((list, exact))
}

/// Seeds as numbers and inclusive ranges.
pub fn read_seeds(text: &str, most: usize) -> Read<Vec<u32>> {
    let mut seeds: Vec<u32> = Vec::new();
    let mut exact = true;
    for item in text.split(',') {
        let (first, last) = item
            .split_once('.')
            .and_then(|(first, rest)| Some((first, rest.strip_prefix('.')?)))
            .unwrap_or((item, item));
        let (Some((first, a)), Some((last, b))) = (whole(first.trim()), whole(last.trim())) else {
            exact = false;
            continue;
        };
        exact &= a && b && first <= last;
        for seed in first..=last {
            if seeds.len() == most {
                exact = false;
                break;
            }
            if seeds.last().is_some_and(|&before| before >= seed) && seeds.contains(&seed) {
                exact = false;
            } else {
                seeds.push(seed);
            }
        }
    }
    (!seeds.is_empty()).then_some((seeds, exact))
}

/// The shortest text of seeds: ranges where three or more follow each other.
pub fn show_seeds(seeds: &[u32]) -> String {
    let mut parts = Vec::new();
    let mut rest = seeds;
    while let Some(&first) = rest.first() {
        let follow = (1..rest.len())
            .take_while(|&k| u32::try_from(k).ok().and_then(|k| first.checked_add(k)) == Some(rest[k]))
            .count();
        let taken = if follow >= 2 { follow + 1 } else { 1 };
        parts.push(if taken > 1 { format!("{first}..{}", rest[taken - 1]) } else { first.to_string() });
        rest = &rest[taken..];
    }
    parts.join(",")
}

/// A schedule `p@step,...`; empty text is no schedule.
pub fn read_schedule(text: &str, last: u32, most: usize) -> Read<Vec<(u32, f64)>> {
    if text.is_empty() {
        return Some((Vec::new(), true));
    }
    let mut segments: Vec<(u32, f64)> = Vec::new();
    let mut exact = true;
    for item in text.split(',') {
        let read =
            item.split_once('@').and_then(|(p, step)| Some((read_whole(step, 0, last)?, read_real(p, 0.0, 1.0)?)));
        let follows = |step| segments.last().map_or(step == 0, |&(before, _)| step > before);
        match read {
            Some(((step, a), (p, b))) if follows(step) && segments.len() < most => {
                exact &= a && b;
                segments.push((step, p));
            }
            _ => exact = false,
        }
    }
    (!segments.is_empty()).then_some((segments, exact))
}

/// Mitigations `name@strength,...`; empty text is none.
pub fn read_mitigations(text: &str, most: usize) -> Read<Vec<Mitigated>> {
    if text.is_empty() {
        return Some((Vec::new(), true));
    }
    read_list(text, most, |item| Mitigated::read(item).map(|mitigated| (mitigated, true)))
}

/// Runs of weights `weight x count,...`; empty text is equal weights.
pub fn read_weights(text: &str, max: f64, most: usize) -> Read<Vec<(f64, u32)>> {
    if text.is_empty() {
        return Some((Vec::new(), true));
    }
    let mut runs = Vec::new();
    let mut exact = true;
    for item in text.split(',') {
        let (weight, count) = item.split_once(['x', '\u{d7}']).unwrap_or((item, "1"));
        match (read_real(weight, 0.0, max), read_whole(count, 1, super::limits::SAMPLES_MAX)) {
            (Some((weight, a)), Some((count, b))) if runs.len() < most => {
                exact &= a && b;
                runs.push((weight, count));
            }
            _ => exact = false,
        }
    }
    runs.iter().any(|&(weight, _)| weight > 0.0).then_some((runs, exact))
}
