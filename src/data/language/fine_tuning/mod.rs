//! What fine-tuning reads: instructions with the steps of their answers, or news.

mod instructions;
mod news;

pub(super) use news::News;

/// The two sets, after those of Kalajdzievski (2401.05605).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FineTuning {
    /// In the place of OpenOrca: instructions, answered step by step. Only answers count.
    Orca,
    /// In the place of the news articles: plain text of facts that are new or have changed. Every word counts.
    News,
}

impl FineTuning {
    /// Every set of this build.
    pub const ALL: [Self; 2] = [Self::Orca, Self::News];

    pub fn name(self) -> &'static str {
        match self {
            Self::Orca => "orca",
            Self::News => "news",
        }
    }
}
