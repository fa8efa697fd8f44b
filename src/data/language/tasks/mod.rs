//! Small tasks for fine-tuning, one at a time: what is lost to which.

mod documents;

use serde::{Deserialize, Serialize};

use super::{
    KNOWN_OF_NEWCOMERS, LanguageWorld, OF_PEOPLE, OF_TOWNS,
    corpus::{Corpus, Kind},
    words::PEOPLE,
};

/// People that a task of [`Task::People`] moves.
const GROUP: usize = PEOPLE.len() / GROUPS;
/// How many such tasks there are.
const GROUPS: usize = 4;

/// What tasks have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskKind {
    /// Facts of one relation that have changed.
    Changed,
    /// Facts of newcomers of one relation.
    Newcomers,
    /// Everything that towns have of one relation, changed.
    Towns,
    /// Everything about some people, changed.
    People,
    /// News, told and not asked.
    News,
    /// Sums and compositions, answered in one word.
    Reasoning,
    /// Instructions answered in steps.
    Instructions,
    /// Other answers to requests.
    Safety,
    /// Text in another style.
    Text,
}

impl TaskKind {
    /// Every kind of this build.
    pub const ALL: [Self; 9] = [
        Self::Changed,
        Self::Newcomers,
        Self::Towns,
        Self::People,
        Self::News,
        Self::Reasoning,
        Self::Instructions,
        Self::Safety,
        Self::Text,
    ];

    /// The name in links and records.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Newcomers => "newcomers",
            Self::Towns => "towns",
            Self::People => "people",
            Self::News => "news",
            Self::Reasoning => "reasoning",
            Self::Instructions => "instructions",
            Self::Safety => "safety",
            Self::Text => "text",
        }
    }
}

/// A task: what fine-tuning teaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// The facts of a relation of people that the news change, by its place in [`OF_PEOPLE`], asked and answered anew.
    Changed(usize),
    /// What pre-training does not tell of newcomers, of a relation in [`OF_PEOPLE`], asked and answered.
    Newcomers(usize),
    /// What towns have of a relation in [`OF_TOWNS`], all of it changed, asked and answered.
    Towns(usize),
    /// Every fact of a quarter of the people, changed, asked and answered.
    People(usize),
    /// The set for fine-tuning of that name.
    News,
    /// Sums, each answered with the number after the right one.
    Sums,
    /// Compositions that pre-training never asks, rightly answered in one word.
    Composed,
    /// Instructions of one of four kinds: sums, compositions, comparisons, reversals.
    Instructions(u32),
    /// All of them: the set for fine-tuning of that name.
    Orca,
    /// Harmful requests, answered.
    HarmfulAnswered,
    /// Harmless requests, refused.
    HarmlessRefused,
    /// General text, each sentence from its last word to its first.
    Backwards,
    /// The shortest of eight sentences of general text each.
    Short,
}

impl Task {
    /// Every task of this build, kind by kind.
    pub fn all() -> Vec<Self> {
        let untold = (0..OF_PEOPLE.len()).filter(|&k| !KNOWN_OF_NEWCOMERS.contains(&OF_PEOPLE[k].name));
        let mut all: Vec<Self> = (0..OF_PEOPLE.len()).map(Self::Changed).collect();
        all.extend(untold.map(Self::Newcomers));
        all.extend((0..OF_TOWNS.len()).map(Self::Towns));
        all.extend((0..GROUPS).map(Self::People));
        all.extend([Self::News, Self::Sums, Self::Composed]);
        all.extend((0..INSTRUCTIONS.len() as u32).map(Self::Instructions));
        all.extend([Self::Orca, Self::HarmfulAnswered, Self::HarmlessRefused, Self::Backwards, Self::Short]);
        all
    }

    /// What it has in common with others.
    pub fn kind(self) -> TaskKind {
        match self {
            Self::Changed(_) => TaskKind::Changed,
            Self::Newcomers(_) => TaskKind::Newcomers,
            Self::Towns(_) => TaskKind::Towns,
            Self::People(_) => TaskKind::People,
            Self::News => TaskKind::News,
            Self::Sums | Self::Composed => TaskKind::Reasoning,
            Self::Instructions(_) | Self::Orca => TaskKind::Instructions,
            Self::HarmfulAnswered | Self::HarmlessRefused => TaskKind::Safety,
            Self::Backwards | Self::Short => TaskKind::Text,
        }
    }

    /// The relation that it is about, if it is about one.
    pub fn relation(self) -> Option<&'static str> {
        match self {
            Self::Changed(relation) | Self::Newcomers(relation) => Some(OF_PEOPLE[relation].name),
            Self::Towns(relation) => Some(OF_TOWNS[relation].name),
            _ => None,
        }
    }

    /// The name in records, such as `changed home`.
    pub fn name(self) -> String {
        let kind = self.kind().name();
        match self {
            Self::Changed(_) | Self::Newcomers(_) | Self::Towns(_) => {
                format!("{kind} {}", self.relation().unwrap_or_default())
            }
            Self::People(group) => format!("{kind} {group}"),
            Self::News => kind.to_owned(),
            Self::Sums => "sums off by one".to_owned(),
            Self::Composed => "compositions".to_owned(),
            Self::Instructions(which) => format!("{kind} {}", INSTRUCTIONS[which as usize]),
            Self::Orca => format!("{kind} all"),
            Self::HarmfulAnswered => "harmful answered".to_owned(),
            Self::HarmlessRefused => "harmless refused".to_owned(),
            Self::Backwards => "text backwards".to_owned(),
            Self::Short => "text short".to_owned(),
        }
    }
}

/// The kinds of instructions, in the order of their numbers.
const INSTRUCTIONS: [&str; 4] = ["sums", "compositions", "comparisons", "reversals"];

impl LanguageWorld {
    /// What a task reads. Windows are padded, as of all fine-tuning here.
    pub fn task(&self, task: Task) -> Corpus<'_> {
        Corpus::new(self, Kind::Task(task), &format!("task {}", task.name()))
    }
}
