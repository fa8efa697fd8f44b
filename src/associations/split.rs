//! Which rows are learned from and which are tested.

use crate::error::{Problem, Problems};

/// Training rows and test rows, by their numbers from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    pub training: Vec<usize>,
    pub test: Vec<usize>,
}

impl Split {
    /// What two lists say of `rows` rows, such as `0..45` (both ends included) or `6,65,18`. Where one is not told, it
    /// is all rows that are not in the other; where neither is, the last quarter is tested.
    ///
    /// # Errors
    /// Lists that are none, by their `names`.
    pub fn of(names: [&str; 2], training: Option<&str>, test: Option<&str>, rows: usize) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let mut read = |name: &str, text: Option<&str>| {
            text.map(|text| {
                list(text, rows).unwrap_or_else(|| {
                    let last = rows - 1;
                    let accepted = format!("rows from 0 to {last}, such as 0..{last} (both included) or 0,{last}");
                    problems.push(Problem::new(name, text, accepted));
                    Vec::new()
                })
            })
        };
        let (training, test) = (read(names[0], training), read(names[1], test));
        if !problems.is_empty() {
            return Err(Problems(problems));
        }
        let others = |of: &[usize]| (0..rows).filter(|row| !of.contains(row)).collect::<Vec<usize>>();
        Ok(match (training, test) {
            (Some(training), Some(test)) => Self { training, test },
            (Some(training), None) => Self { test: others(&training), training },
            (None, Some(test)) => Self { training: others(&test), test },
            (None, None) => {
                let first = rows - (rows / 4).max(1);
                Self { training: (0..first).collect(), test: (first..rows).collect() }
            }
        })
    }
}

fn list(text: &str, rows: usize) -> Option<Vec<usize>> {
    let mut found = Vec::new();
    for part in text.split(',').map(str::trim) {
        let (first, last) = part.split_once("..").unwrap_or((part, part));
        let (first, last): (usize, usize) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        if first > last || last >= rows {
            return None;
        }
        found.extend(first..=last);
    }
    Some(found)
}

/// Numbers as a list that [`Split::of`] reads, runs of them as ranges.
pub fn list_of_rows(rows: &[usize]) -> String {
    let runs = rows.chunk_by(|a, b| a + 1 == *b);
    let told = runs.map(|run| match run {
        [first, .., last] => format!("{first}..{last}"),
        only => only.iter().map(usize::to_string).collect(),
    });
    told.collect::<Vec<String>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_they_are_told() {
        const NAMES: [&str; 2] = ["training rows", "test rows"];
        let split = Split::of(NAMES, Some("0..3"), Some("6, 4,8..9"), 10).unwrap();
        assert_eq!((split.training, split.test), (vec![0, 1, 2, 3], vec![6, 4, 8, 9]));
        assert_eq!(list_of_rows(&[6, 4, 8, 9, 10]), "6,4,8..10");
        assert_eq!(Split::of(NAMES, None, Some("1"), 3).unwrap().training, [0, 2]);
        assert_eq!(Split::of(NAMES, Some("1"), None, 3).unwrap().test, [0, 2]);
        assert_eq!(Split::of(NAMES, None, None, 10).unwrap().test, [8, 9]);
        assert_eq!(Split::of(NAMES, None, None, 2).unwrap().test, [1]);
    }

    #[test]
    fn wrong_lists_are_named() {
        for wrong in ["", "3..1", "0..10", "-1", "a", "1..", "1,,2", "99999999999999999999"] {
            let problems =
                Split::of(["--train-rows", "--test-rows"], Some(wrong), Some("2"), 10).unwrap_err().to_string();
            assert!(problems.contains("--train-rows") && problems.contains("0 to 9"), "{wrong}: {problems}");
        }
    }
}
