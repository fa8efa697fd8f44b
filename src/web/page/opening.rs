//! What opening a link or a record does to the state.

use super::state::{Address, Claim, State, Verdict};
use super::view::View;
use crate::experiments::job::{networks, work};
use crate::experiments::limits::Limits;
use crate::record::{BUILD, Link};
use crate::web::protocol::{Answer, Asked};

impl State {
    /// Shows what a link asks for, lists what it cannot have, and runs it where it asks for anything
    /// and is not too much to start unasked.
    pub fn open_link(&mut self, text: &str) {
        let (link, problems) = Link::read(text, &Limits::PAGE);
        let (view, unseen) = View::read(&link.view, &link.spec);
        self.view = view;
        if let Some(choice) = self.view.device {
            self.runner.choose(choice);
        }
        let problems = problems.iter().chain(&unseen);
        self.notices = problems.map(|problem| format!("The link asked for {problem}.")).collect();
        self.address = Some(Address::Replace);
        self.errors.clear();
        let same = self.asks(&link.spec);
        let claimed = link.fingerprint.is_some();
        let asks = !text.trim().trim_start_matches('#').is_empty();
        self.spec = link.spec;
        self.claim = link.fingerprint.map(|fingerprint| Claim::Link { build: link.build.clone(), fingerprint });
        if let Some(build) = link.build.filter(|build| claimed && build != BUILD) {
            self.notices.push(format!(
                "The link was made by build {build}; this is {BUILD}. Its result is compared all the same."
            ));
        }
        if same && self.results().is_some() && !claimed {
            return;
        }
        self.verdict = Verdict::New;
        let cheap = work(&self.spec) <= Limits::UNASKED.work && networks(&self.spec) <= Limits::UNASKED.networks;
        if asks && cheap {
            self.begin(false);
            // The browser is at the entry of this link already.
            self.address = Some(Address::Replace);
        } else if asks {
            self.notices.push(too_long());
        }
    }

    /// Shows a claim's spec and runs it at once: the visitor asked for it.
    pub fn open_claim(&mut self, text: &str) {
        let (link, _) = Link::read(text, &Limits::PAGE);
        self.errors.clear();
        self.notices.clear();
        self.view.scrubbed = None;
        self.view.focus = None;
        self.ask(link.spec);
        self.run();
    }

    /// Loads a record's spec, reruns it and compares.
    pub fn open_record(&mut self, json: String) {
        self.ask_worker(Asked::Read { json: json.clone() }, false, move |state, answer| {
            state.opening = false;
            match answer {
                Ok(Answer::Opened { link, build }) => {
                    state.record_error = None;
                    state.errors.clear();
                    state.notices.clear();
                    state.view.scrubbed = None;
                    state.view.focus = None;
                    state.spec = Link::read(&link, &Limits::PAGE).0.spec;
                    state.claim = Some(Claim::Record { json, build });
                    state.started = false;
                    state.run();
                }
                Ok(_) => {}
                Err(why) => {
                    state.record_error = Some(format!("This record was not opened. {}.", why.trim_end_matches('.')));
                }
            }
        });
    }
}

/// Why a run does not start unasked.
pub(super) fn too_long() -> String {
    format!("This run is long ({}), so it waits for you: press Run.", Limits::UNASKED.why)
}
