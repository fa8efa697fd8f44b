//! The comparison of two records, one network at a time.

use super::document::Record;
use super::verdict::{Agreement, TOLERANCE};

/// A comparison that goes on.
#[derive(Default)]
pub struct Agreeing {
    /// Series compared.
    compared: usize,
    /// Where the first difference is, and how many series differ.
    first: Option<String>,
    differing: usize,
    /// The largest relative difference; `None` beside a difference of another kind.
    largest: Option<f64>,
}

impl Agreeing {
    /// Compares the series of one more network; whether that was the last.
    pub fn advance(&mut self, own: &Record, rerun: &Record) -> bool {
        if own.series.len() != rerun.series.len() {
            return true;
        }
        if let (Some(a), Some(b)) = (own.series.get(self.compared), rerun.series.get(self.compared)) {
            if let Some(place) = a.first_difference(b) {
                let before = if self.first.is_none() { Some(0.0) } else { self.largest };
                self.largest = before.zip(a.largest_difference(b)).map(|(before, d)| f64::max(before, d));
                self.first.get_or_insert(place);
                self.differing += 1;
            }
            self.compared += 1;
        }
        self.compared == own.series.len()
    }

    /// The verdict, once all series are compared.
    pub fn finish(self, own: &Record, rerun: &Record) -> Agreement {
        let differs = |place: &str| Agreement::Differs { place: place.to_owned(), series: None, largest: None };
        if own.series.len() != rerun.series.len() {
            return differs(&format!("the number of series, {} against {}", own.series.len(), rerun.series.len()));
        }
        if let Some(place) = self.first {
            return match self.largest {
                Some(d) if d <= TOLERANCE => Agreement::Within(d),
                largest => {
                    let series = Some([self.differing, own.series.len()]);
                    Agreement::Differs { place, series, largest }
                }
            };
        }
        match () {
            () if own.summary != rerun.summary => differs("the summary, which does not follow from its series,"),
            () if own.functions != rerun.functions => differs("the functions"),
            () if own.fingerprint != rerun.fingerprint => differs("the fingerprint"),
            () => Agreement::Exact,
        }
    }
}
