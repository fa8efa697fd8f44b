//! The sentence above the figures and the line under it.

use web_sys::{Element, Node};

use super::dom::{by_id, create, document, set_attribute};
use super::state::{Claim, State, Verdict};
use crate::experiments::Spec;
use crate::experiments::job::networks;
use crate::figure::number::{count, seeds};
use crate::platform::now_millis;
use crate::record::verdict::TOLERANCE;
use crate::record::{Agreement, BUILD};
use crate::report::sentence::result;
use crate::report::{Part, Role, Sentence};
use crate::web::pool::Phase;

/// Milliseconds between two versions of the sentence while seeds come in: it is read aloud.
const PACE: f64 = 1500.0;

/// Words that belong on one line.
const TOGETHER: [&str; 2] = ["old-task", "new-task"];

/// The places of the sentence.
pub(super) struct Saying {
    said: Element,
    more: Element,
    /// What the page says before it has run anything.
    invitation: Sentence,
    shown: Sentence,
    since: f64,
}

impl Saying {
    /// Finds them, and learns the invitation that stands there.
    pub fn new() -> Self {
        let (said, more): (Element, Element) = (by_id("said"), by_id("said-more"));
        let text = |element: &Element| plain(element.text_content().unwrap_or_default());
        let invitation = Sentence { headline: text(&said), more: text(&more) };
        Self { said, more, shown: invitation.clone(), invitation, since: f64::NEG_INFINITY }
    }

    /// What the page says now, in full.
    pub fn sentence(&self, state: &State) -> Sentence {
        say(state).unwrap_or_else(|| self.invitation.clone())
    }

    /// Says it; while a run goes on, not more often than it can be read.
    pub fn show(&mut self, state: &State) {
        let sentence = self.sentence(state);
        if sentence == self.shown {
            return;
        }
        let growing = state.runner.status().phase == Phase::Running && !state.stale() && state.shown.complete_seeds > 1;
        if growing && now_millis() - self.since < PACE {
            return;
        }
        write(&self.said, &sentence.headline);
        write(&self.more, &sentence.more);
        self.shown = sentence;
        self.since = now_millis();
    }
}

/// The sentence of a state; `None` before anything was run.
fn say(state: &State) -> Option<Sentence> {
    let status = state.runner.status();
    let of = |headline: String, more: String| Some(Sentence { headline: plain(headline), more: plain(more) });
    if state.stale() {
        return of("Settings changed; press Run.".to_owned(), "The figures still show the run before.".to_owned());
    }
    if matches!(status.phase, Phase::Stopped(_)) {
        // What stopped it is said by the alert.
        let (done, all) = (status.seeds_done, seeds(status.seeds));
        return of(format!("Stopped: {done} of {all} finished and kept. Press Retry to do the rest."), String::new());
    }
    let results = state.results()?;
    let settling = "Medians settle as seeds arrive; the interval appears when all have finished.";
    let goes_on = matches!(status.phase, Phase::Running | Phase::Paused);
    let some = state.shown.summary.as_ref().filter(|_| state.shown.complete_seeds > 0);
    let focus = some.and_then(|summary| {
        let cell = state.view.cell(&results.spec);
        Some((summary, summary.cell(cell.width, cell.branch)?))
    });
    let Some((summary, focus)) = focus else {
        return match status.phase {
            Phase::Idle => {
                of("Cancelled before the first seed had finished. Press Run to start again.".to_owned(), String::new())
            }
            _ => of(training_has_begun(&results.spec), settling.to_owned()),
        };
    };
    let mut sentence = result(summary, &results.spec, focus, state.shown.complete_seeds, results.spec.seeds.len());
    if goes_on && state.shown.complete_seeds < results.spec.seeds.len() {
        sentence.more.splice(0..0, plain(settling.to_owned()));
    } else if !goes_on && !results.is_complete() {
        sentence.more.splice(
            0..0,
            plain(format!("Cancelled after {} of {}; Run does the rest.", status.seeds_done, seeds(status.seeds))),
        );
    }
    if let Some(evidence) = evidence(state) {
        sentence.more = evidence;
    }
    Some(sentence)
}

fn training_has_begun(spec: &Spec) -> String {
    match networks(spec) {
        1 => "Training has begun: one network, from its own random start.".to_owned(),
        many => format!("Training has begun: {} networks, each from its own random start.", count(many)),
    }
}

/// What the comparison with a link or a record found, where that says more than the badge.
fn evidence(state: &State) -> Option<Vec<Part>> {
    let source = match &state.claim {
        Some(Claim::Record { build, .. }) if build == BUILD => format!(" Its record was made by this build, {BUILD}."),
        Some(Claim::Record { build, .. }) => format!(" Its record was made by build {build}; this is {BUILD}."),
        // A notice has said that already.
        Some(Claim::Link { build: Some(build), .. }) if build != BUILD => String::new(),
        Some(Claim::Link { build: Some(_), .. }) => format!(" The link was made by this build, {BUILD}."),
        _ => format!(" The link does not name its build; this is {BUILD}."),
    };
    let strong = |text: &str| Part { text: text.to_owned(), role: Role::Strong };
    let rest = |text: String| Part { text, role: Role::Plain };
    Some(match &state.verdict {
        Verdict::Known(Agreement::Within(0.0)) => vec![
            strong("Within tolerance."),
            rest(format!(" The medians agree to every digit that is kept, yet some bit of some seed differs.{source}")),
        ],
        Verdict::Known(Agreement::Within(d)) => vec![
            strong("Within tolerance."),
            rest(format!(" The medians differ by at most {d:.1e}; the promise is {TOLERANCE:.0e}.{source}")),
        ],
        Verdict::Known(differs @ Agreement::Differs { .. }) => {
            vec![strong("Not the same result."), rest(format!(" It {}.{source}", differs.sentence()))]
        }
        _ => return None,
    })
}

fn plain(text: String) -> Vec<Part> {
    if text.is_empty() { Vec::new() } else { vec![Part { text, role: Role::Plain }] }
}

/// Puts the parts of a sentence into an element.
pub(super) fn write(place: &Element, parts: &[Part]) {
    place.set_text_content(None);
    for part in parts {
        let class = match part.role {
            Role::Plain => {
                write_plain(place, &part.text);
                continue;
            }
            Role::Strong => None,
            Role::Old => Some("old"),
            Role::New => Some("new"),
        };
        let strong = create("b");
        set_attribute(&strong, "class", class);
        strong.set_text_content(Some(&part.text));
        append(place, &strong);
    }
}

/// Plain text, with the words of [`TOGETHER`] kept on one line.
fn write_plain(place: &Element, text: &str) {
    let next = TOGETHER.iter().filter_map(|word| Some((text.find(word)?, word))).min();
    let Some((at, word)) = next else { return append(place, &document().create_text_node(text)) };
    append(place, &document().create_text_node(&text[..at]));
    let span = create("span");
    set_attribute(&span, "class", Some("nb"));
    span.set_text_content(Some(word));
    append(place, &span);
    write_plain(place, &text[at + word.len()..]);
}

fn append(place: &Element, node: &Node) {
    // A new node has no parent and no children: appending it cannot fail.
    let _ = place.append_child(node);
}
