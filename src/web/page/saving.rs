//! Records and series leave as files, made in pieces between frames: those of ten thousand networks are
//! forty megabytes.

use js_sys::{Array, JSON};
use serde::Serialize;
use web_sys::Blob;

use super::export::{offer, plain};
use super::state::State;
use crate::platform::now_millis;
use crate::record::csv;
use crate::record::recording::Recording;

/// Where the pieces of a record go in the JSON of one without them.
const PLACE: &str = "\"functions\":[],\"series\":[]";

/// What is being saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Record,
    Series,
}

/// A file in the making.
pub(super) struct Saving {
    kind: Kind,
    recording: Recording,
    /// The pieces so far; a browser joins them without reading them.
    pieces: Array,
    /// Text of the next piece.
    text: String,
    /// Text after the last piece.
    end: String,
    /// Cells and networks written.
    written: [usize; 2],
}

impl State {
    /// Begins to save the record of a finished run.
    pub fn save_record(&mut self) {
        self.save(Kind::Record);
    }

    /// Begins to save every series of a finished run.
    pub fn save_series(&mut self) {
        self.save(Kind::Series);
    }

    fn save(&mut self, kind: Kind) {
        let (Some(results), Some(fingerprint)) = (self.results(), &self.shown.fingerprint) else { return };
        let mut saving = Saving {
            kind,
            recording: self.recording(&results, fingerprint),
            pieces: Array::new(),
            text: String::new(),
            end: String::new(),
            written: [0, 0],
        };
        drop(results);
        match saving.open() {
            Some(()) => self.saving = Some(saving),
            None => self.not_written(),
        }
    }

    fn not_written(&mut self) {
        self.record_error = Some("The file was not written: this browser could not make it.".to_owned());
    }

    /// Goes on with what is being saved until the clock says `deadline`.
    pub fn save_on(&mut self, deadline: f64) {
        let Some(mut saving) = self.saving.take() else { return };
        // A run that was begun meanwhile has taken the results away.
        let Some(results) = self.results().filter(|_| self.shown.fingerprint.is_some()) else { return };
        let (mut complete, mut written) = (false, Some(()));
        while !complete && written.is_some() && now_millis() < deadline {
            complete = saving.recording.advance(&results);
            written = saving.take_piece();
        }
        drop(results);
        match written.and_then(|()| saving.close_piece()) {
            None => self.not_written(),
            Some(()) if complete => saving.offer(),
            Some(()) => self.saving = Some(saving),
        }
    }
}

impl Saving {
    /// Writes what comes before the pieces; `None` where this browser cannot.
    fn open(&mut self) -> Option<()> {
        if self.kind == Kind::Series {
            self.text = csv::header();
            return Some(());
        }
        let json = json(&self.recording.record)?;
        let (before, after) = json.split_once(PLACE)?;
        self.text = format!("{before}\"functions\":[");
        self.end = format!("]{after}");
        Some(())
    }

    /// Writes the cell or the network that the record has got, and takes it out of it.
    fn take_piece(&mut self) -> Option<()> {
        let (cell, network) = (self.recording.record.functions.pop(), self.recording.record.series.pop());
        match (self.kind, cell, network) {
            (Kind::Series, _, network) => network.iter().for_each(|network| csv::rows(&mut self.text, network)),
            (Kind::Record, Some(cell), _) => {
                let apart = if self.written[0] > 0 { "," } else { "" };
                self.text += &format!("{apart}{}", json(&cell)?);
                self.written[0] += 1;
            }
            (Kind::Record, None, Some(network)) => {
                let apart = if self.written[1] > 0 { "," } else { "],\"series\":[" };
                self.text += &format!("{apart}{}", json(&network)?);
                self.written[1] += 1;
            }
            (Kind::Record, None, None) => self.text += &core::mem::take(&mut self.end),
        }
        Some(())
    }

    /// Gives what is written to the browser.
    fn close_piece(&mut self) -> Option<()> {
        let text = core::mem::take(&mut self.text);
        self.pieces.push(Blob::new_with_str_sequence(&Array::of1(&text.into())).ok()?.as_ref());
        Some(())
    }

    fn offer(self) {
        let id = &self.recording.record.run_id;
        match self.kind {
            Kind::Record => offer(&format!("lethe-{id}.json"), "application/json", &self.pieces),
            Kind::Series => offer(&format!("lethe-{id}.csv"), "text/csv", &self.pieces),
        }
    }
}

fn json(value: &impl Serialize) -> Option<String> {
    JSON::stringify(&plain(value)?).ok()?.as_string()
}
