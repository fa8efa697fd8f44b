//! Links: the page's address with everything that decides a result in the hash.
//!
//! `#v=1&x=width&w=8,16&lr=0.05&s=0..15&b=0.1.0&fp=...`: readable keys in canonical order, defaults
//! left out. Keys are of three kinds: *science* ([`FIELDS`], the run's identity), *evidence*
//! (`b` build, `fp` fingerprint) and *view* ([`VIEW_KEYS`]); only science changes a result.

use sha2::{Digest, Sha256};

use super::fingerprint::Fingerprint;
use crate::error::{Problem, Problems};
use crate::experiments::accepted::Accepted;
use crate::experiments::fields::{FIELDS, Field, Reading};
use crate::experiments::limits::Limits;
use crate::experiments::{CheckedSpec, Experiment, Spec};

/// The version of links that this build writes. Changing a default or a meaning raises it.
pub const VERSION: u32 = 1;

/// Keys that change how a run is shown and nothing else.
pub const VIEW_KEYS: &[&str] = &["t", "c", "dev", "ui.theme", "ui.tab", "ui.hide", "lang", "embed", "proj", "task"];

/// Longest text read as a link, in bytes.
const LONGEST: usize = 16_384;

/// Keys and values of a link, as written.
pub type Pairs = Vec<(String, String)>;

/// What turns the pairs of version k + 1 into those of version k + 2. Version 1 is the first.
const UPGRADES: [fn(Pairs) -> Pairs; VERSION as usize - 1] = [];

/// What links of one kind lead to: a checked spec.
pub trait Destination: Sized {
    /// A spec that is being read.
    type Spec: 'static;
    /// How much it may ask for.
    type Limits;

    /// The defaults of the experiment that the pairs name.
    fn begun(pairs: &Pairs, problems: &mut Vec<Problem>) -> Self::Spec;
    /// The table of its fields.
    fn fields() -> &'static [Field<Self::Spec>];
    /// The proof, with the nearest accepted value in place of every wrong one.
    fn repaired(spec: Self::Spec, limits: &Self::Limits) -> (Self, Vec<Problem>);
    /// The experiment's name, and the fields that differ from their defaults.
    fn says(&self) -> (&str, Vec<(&'static str, String)>);
}

impl Destination for CheckedSpec {
    type Spec = Spec;
    type Limits = Limits;

    fn begun(pairs: &Pairs, problems: &mut Vec<Problem>) -> Spec {
        Spec::defaults(experiment(pairs, problems))
    }

    fn fields() -> &'static [Field<Spec>] {
        FIELDS
    }

    fn repaired(spec: Spec, limits: &Limits) -> (Self, Vec<Problem>) {
        spec.repair(limits)
    }

    fn says(&self) -> (&str, Vec<(&'static str, String)>) {
        (self.experiment.name(), self.science())
    }
}

/// A link that has been read.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkTo<C> {
    pub spec: C,
    /// The build that made the link.
    pub build: Option<String>,
    /// What the maker's run came to.
    pub fingerprint: Option<Fingerprint>,
    /// View keys as written.
    pub view: Pairs,
}

/// A link to an experiment on networks.
pub type Link = LinkTo<CheckedSpec>;

impl<C: Destination> LinkTo<C> {
    /// Reads a link leniently, as the page does: goes on with the nearest accepted value or the
    /// default, and lists every change. Accepts a whole address, a hash, or the bare pairs.
    pub fn read(text: &str, limits: &C::Limits) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let pairs = pairs(text, &mut problems);
        let mut spec = C::begun(&pairs, &mut problems);
        let (mut from, mut fingerprint, mut view) = (None, None, Vec::new());
        for (key, value) in pairs {
            match key.as_str() {
                "v" | "x" => {}
                "b" => from = Some(build(&value)),
                "fp" => {
                    fingerprint = Fingerprint::parse(&value);
                    if fingerprint.is_none() {
                        problems.push(Problem::new("fp", &value, Fingerprint::ACCEPTED).using("no fingerprint"));
                    }
                }
                key if VIEW_KEYS.contains(&key) => view.push((key.to_owned(), value)),
                key => set(C::fields(), &mut spec, key, &value, &mut problems),
            }
        }
        let (spec, more) = C::repaired(spec, limits);
        problems.extend(more);
        (Self { spec, build: from, fingerprint, view }, problems)
    }

    /// Reads a link strictly, as the command line does.
    ///
    /// # Errors
    /// Everything that [`Self::read`] would have changed, unknown keys apart: those come back as warnings.
    pub fn read_strictly(text: &str, limits: &C::Limits) -> Result<(Self, Vec<Problem>), Problems> {
        let (link, problems) = Self::read(text, limits);
        split_warnings(problems).map(|warnings| (link, warnings))
    }

    /// The hash of a link that shows this spec: science, then evidence, then view.
    pub fn write(
        spec: &C,
        build: Option<&str>,
        fingerprint: Option<&Fingerprint>,
        view: &[(String, String)],
    ) -> String {
        let mut text = format!("#{}", science(spec));
        let evidence = [("b", build.map(percent_encode)), ("fp", fingerprint.map(ToString::to_string))];
        for (key, value) in evidence {
            if let Some(value) = value {
                text.push_str(&format!("&{key}={value}"));
            }
        }
        for (key, value) in view {
            text.push_str(&format!("&{key}={}", percent_encode(value)));
        }
        text
    }
}

/// The build that a link names, as far as it may be shown.
pub fn build(value: &str) -> String {
    value.chars().filter(|c| !c.is_control()).take(40).collect()
}

/// The science part of a link, which alone names the run.
pub fn science<C: Destination>(spec: &C) -> String {
    let (experiment, fields) = spec.says();
    let mut text = format!("v={VERSION}&x={experiment}");
    for (key, value) in fields {
        text.push_str(&format!("&{key}={value}"));
    }
    text
}

/// The run's id: the first 16 hex digits of SHA-256 over [`science`].
pub fn run_id<C: Destination>(spec: &C) -> String {
    hex(&Sha256::digest(science(spec).as_bytes())[..8])
}

/// Lower-case hex digits of bytes.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Sets unknown keys apart as warnings.
///
/// # Errors
/// All other problems, if there are any.
pub fn split_warnings(problems: Vec<Problem>) -> Result<Vec<Problem>, Problems> {
    let (warnings, errors): (Vec<_>, Vec<_>) =
        problems.into_iter().partition(|problem| problem.accepted.starts_with(UNKNOWN));
    if errors.is_empty() {
        return Ok(warnings);
    }
    let refused = |problem: Problem| Problem { used: None, ..problem };
    Err(Problems(errors.into_iter().chain(warnings).map(refused).collect()))
}

const UNKNOWN: &str = "nothing under this key";

/// Sets one field of a table by key or name, and notes what is wrong with it.
pub fn set<S>(fields: &[Field<S>], spec: &mut S, key: &str, value: &str, problems: &mut Vec<Problem>) {
    let Some(field) = fields.iter().find(|field| field.key == key || field.name == key) else {
        let known: Vec<&str> = fields.iter().map(|field| field.key).collect();
        let accepted = format!("{UNKNOWN}; known keys are {}", known.join(", "));
        problems.push(Problem::new(key, value, accepted).using("nothing"));
        return;
    };
    let reading = (field.read)(spec, value);
    if reading != Reading::Taken {
        let problem = Problem::new(key, value, field.accepted.to_string());
        problems.push(problem.using((field.show)(spec)));
    }
}

/// The experiment that a link names.
pub fn experiment_of(text: &str) -> Option<String> {
    pairs(text, &mut Vec::new()).into_iter().find(|(key, _)| key == "x").map(|(_, name)| name)
}

/// The pairs of a link of any version, as those of this one.
fn pairs(text: &str, problems: &mut Vec<Problem>) -> Pairs {
    let text = text.trim();
    let hash = text.split_once('#').map_or(text, |(_, hash)| hash);
    if hash.len() > LONGEST {
        let accepted = format!("at most {LONGEST} bytes");
        problems.push(Problem::new("link", &format!("{} bytes", hash.len()), accepted).using("the defaults"));
        return Vec::new();
    }
    let mut pairs: Pairs = Vec::new();
    for part in hash.split('&').filter(|part| !part.is_empty()) {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let (key, value) = (percent_decode(key), percent_decode(value));
        if pairs.iter().any(|(known, _)| *known == key) {
            problems.push(Problem::new(&key, &value, "each key once").using("the first"));
        } else {
            pairs.push((key, value));
        }
    }
    upgrade(pairs, problems)
}

fn upgrade(mut pairs: Pairs, problems: &mut Vec<Problem>) -> Pairs {
    let accepted = Accepted::Whole { min: 1, max: VERSION };
    let written = pairs.iter().find(|(key, _)| key == "v").map(|(_, value)| value.as_str());
    let version = match written.map(str::parse::<u32>) {
        None => VERSION,
        Some(Ok(version)) if (1..=VERSION).contains(&version) => version,
        Some(_) => {
            let problem = Problem::new("v", written.unwrap_or_default(), accepted.to_string());
            problems.push(problem.using(VERSION.to_string()));
            VERSION
        }
    };
    for step in &UPGRADES[version as usize - 1..] {
        pairs = step(pairs);
    }
    pairs
}

fn experiment(pairs: &Pairs, problems: &mut Vec<Problem>) -> Experiment {
    let Some((_, name)) = pairs.iter().find(|(key, _)| key == "x") else { return Experiment::default() };
    Experiment::named(name).unwrap_or_else(|| {
        let accepted = format!("one of {}", Experiment::names());
        problems.push(Problem::new("x", name, accepted).using(Experiment::default().name()));
        Experiment::default()
    })
}

/// Undoes percent encoding; what is not valid stays as it is.
fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let value = digits.and_then(|d| core::str::from_utf8(d).ok()).and_then(|d| u8::from_str_radix(d, 16).ok());
        decoded.push(value.unwrap_or(bytes[at]));
        at += if value.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Encodes what has a meaning in links or might be eaten on the way.
fn percent_encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b',' | b'@' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
