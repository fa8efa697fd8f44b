//! The batches of a run: rows drawn, put into words, encoded and laid out.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::Corpus;
use crate::data::text::{Batch, Encoder, Example, Learn, Mixture, Order, Packing, Part, State, Template, Tokens, Unit};
use crate::error::{Problem, Problems};
use crate::native::cli::Failure;
use crate::seed::Seed;
use crate::train::ReplaySchedule;

/// What a run reads and how.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Of new rows and of replayed ones.
    pub templates: [Template; 2],
    pub learn: Learn,
    pub packing: Packing,
    /// Of what the replay fraction is one.
    pub unit: Unit,
    /// The replay fraction by step.
    pub replay: ReplaySchedule,
    /// How often each row of the replayed corpus is drawn; without, each once an epoch.
    pub weights: Option<Vec<f64>>,
    /// Rows of the new corpus that are kept for measuring.
    pub hold_out: u32,
    /// Epochs of the new corpus after which there are no more batches; without, there is no end.
    pub epochs: Option<u32>,
    pub seed: Seed,
}

/// What was made of the rows drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Examples longer than a sequence, whose end was left out.
    pub cut: u64,
    /// Examples left out because nothing of them is learned, as when a prompt fills the sequence.
    pub without_learning: u64,
    /// Tokens that are learned.
    pub learned: u64,
}

/// Where a feed is: all that is needed to go on with the same batches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Batches given.
    pub step: u32,
    pub mixture: State,
    /// Texts that are drawn and wait for the next batch.
    pub pending: VecDeque<Tokens>,
    pub counts: Counts,
}

/// The batches of a run, in order. They depend on the plan and the rows alone, and go on from any [`Progress`].
#[derive(Debug)]
pub struct Feed<'a, E> {
    new: &'a Corpus,
    replayed: Option<&'a Corpus>,
    encoder: &'a E,
    plan: Plan,
    /// Rows of the new corpus that are trained.
    trained: Vec<u32>,
    held_out: Vec<u32>,
    mixture: Mixture,
    progress: Progress,
}

impl<'a, E: Encoder> Feed<'a, E> {
    /// A feed from its start.
    ///
    /// # Errors
    /// A plan that these corpora do not allow: a sequence of fewer than two tokens, no row left to train, weights that
    /// are not one for each row.
    pub fn new(new: &'a Corpus, replayed: Option<&'a Corpus>, encoder: &'a E, plan: Plan) -> Result<Self, Failure> {
        Self::at(new, replayed, encoder, plan, Progress::default())
    }

    /// The same, going on from what [`progress`](Self::progress) told.
    ///
    /// # Errors
    /// Those of [`new`](Self::new).
    pub fn at(
        new: &'a Corpus,
        replayed: Option<&'a Corpus>,
        encoder: &'a E,
        plan: Plan,
        progress: Progress,
    ) -> Result<Self, Failure> {
        let mut problems = Vec::new();
        if plan.packing.sequence < 2 {
            problems.push(Problem::new("sequence", &plan.packing.sequence.to_string(), "2 tokens or more"));
        }
        if plan.packing.sequences == 0 {
            problems.push(Problem::new("batch", "0", "1 sequence or more"));
        }
        let rows = new.len() as u32;
        if plan.hold_out >= rows {
            let accepted = format!("fewer than the {rows} rows there are");
            problems.push(Problem::new("hold_out", &plan.hold_out.to_string(), accepted));
        }
        let order = |corpus: &Corpus| match &plan.weights {
            None => Some(Order::shuffled(corpus.len() as u32, plan.seed.fork("replay"))),
            Some(weights) => {
                Order::weighted(weights, plan.seed.fork("replay")).filter(|_| weights.len() == corpus.len())
            }
        };
        let replay = replayed.map(order);
        if matches!(replay, Some(None)) {
            let accepted = "a weight of 0 or more for each row, one of them above 0";
            problems.push(Problem::new("weights", "of replay", accepted));
        }
        if !problems.is_empty() {
            return Err(Problems(problems).into());
        }
        let shuffled = Order::permutation(rows, &plan.seed.fork("held out"));
        let (held_out, trained) = shuffled.split_at(plan.hold_out as usize);
        let [mut held_out, mut trained] = [held_out.to_vec(), trained.to_vec()];
        held_out.sort_unstable();
        trained.sort_unstable();
        let order = Order::shuffled(trained.len() as u32, plan.seed.fork("new"));
        let mixture = Mixture::at(plan.unit, order, replay.flatten(), progress.mixture);
        Ok(Self { new, replayed, encoder, plan, trained, held_out, mixture, progress })
    }

    /// Where it is.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Rows of the new corpus that no batch holds, in order.
    pub fn held_out(&self) -> &[u32] {
        &self.held_out
    }

    /// The tokens of the rows that no batch holds, in pieces that fit a sequence.
    ///
    /// # Errors
    /// A row for which the template has no form, or that cannot be read.
    pub fn held_out_texts(&self) -> Result<Vec<Tokens>, Failure> {
        let pieces = |&row: &u32| self.pieces(Part::New, row).map(|(pieces, _)| pieces);
        Ok(self.held_out.iter().map(pieces).collect::<Result<Vec<_>, _>>()?.concat())
    }

    /// That every row has a form by its template.
    ///
    /// # Errors
    /// The first row that has none.
    pub fn check(&self) -> Result<(), Failure> {
        for part in [Part::New, Part::Replay] {
            for row in 0..self.corpus(part).map_or(0, Corpus::len) {
                self.example(part, row as u32)?;
            }
        }
        Ok(())
    }

    fn corpus(&self, part: Part) -> Option<&'a Corpus> {
        match part {
            Part::New => Some(self.new),
            Part::Replay => self.replayed,
        }
    }

    /// A row as a model reads it.
    fn example(&self, part: Part, row: u32) -> Result<Example, Failure> {
        let corpus = self.corpus(part).unwrap_or(self.new);
        let record = corpus.row(row as usize)?;
        let example = self.plan.templates[part as usize].example(&record, self.encoder);
        example.map_err(|problems| self.named(part, row, problems))
    }

    /// Problems by the row they are of.
    fn named(&self, part: Part, row: u32, mut problems: Problems) -> Failure {
        let place = self.corpus(part).unwrap_or(self.new).place(row as usize);
        for problem in &mut problems.0 {
            problem.field = format!("{place}, {}", problem.field);
        }
        Failure::Input(problems)
    }

    /// The pieces of a row, and whether it was cut.
    fn pieces(&self, part: Part, row: u32) -> Result<(Vec<Tokens>, bool), Failure> {
        let example = self.example(part, row)?;
        let tokens = example.tokens(self.plan.learn, self.encoder);
        let tokens = tokens.map_err(|problems| self.named(part, row, problems))?;
        Ok(tokens.pieces(self.plan.packing.sequence, example.divisible))
    }

    /// Draws one more example, unless the last epoch is over.
    fn draw(&mut self) -> Result<Option<Vec<Tokens>>, Failure> {
        let drawn = self.mixture.state().examples[Part::New as usize];
        let end = self.plan.epochs.map(|epochs| u64::from(epochs) * self.trained.len() as u64);
        if end.is_some_and(|end| drawn >= end) {
            return Ok(None);
        }
        let draw = self.mixture.draw(self.plan.replay.at(self.progress.step));
        let (pieces, cut) = match (draw.part, self.replayed) {
            (Part::Replay, Some(_)) => self.pieces(Part::Replay, draw.row)?,
            _ => self.pieces(Part::New, self.trained[draw.row as usize])?,
        };
        self.mixture.count(pieces.iter().map(Tokens::len).sum());
        let counts = &mut self.progress.counts;
        counts.cut += u64::from(cut);
        counts.without_learning += u64::from(pieces.is_empty());
        counts.learned += pieces.iter().map(Tokens::learned).sum::<usize>() as u64;
        Ok(Some(pieces))
    }

    /// The next batch; `None` after the last epoch.
    ///
    /// # Errors
    /// A row for which the template has no form, or that cannot be read; an epoch of which nothing is learned.
    pub fn batch(&mut self) -> Result<Option<Batch>, Failure> {
        let mut pending = std::mem::take(&mut self.progress.pending);
        let (mut idle, most) = (0, self.trained.len() + self.replayed.map_or(0, Corpus::len));
        let packing = self.plan.packing;
        let batch = packing.batch(&mut pending, || {
            let drawn = self.draw()?;
            idle = if drawn.as_ref().is_some_and(Vec::is_empty) { idle + 1 } else { 0 };
            if idle > most {
                let accepted = "one with room for more than the prompts: nothing of any example is learned";
                return Err(super::wrong("sequence", &packing.sequence.to_string(), accepted));
            }
            Ok(drawn)
        })?;
        self.progress.pending = pending;
        self.progress.mixture = self.mixture.state();
        self.progress.step += u32::from(batch.is_some());
        Ok(batch)
    }

    /// How many batches are left, by making them all.
    ///
    /// # Errors
    /// Those of [`batch`](Self::batch); a plan without an end.
    pub fn steps(mut self) -> Result<u32, Failure> {
        if self.plan.epochs.is_none() {
            return Err(super::wrong("epochs", "", "a number of epochs, where steps are to be counted"));
        }
        let before = self.progress.step;
        while self.batch()?.is_some() {}
        Ok(self.progress.step - before)
    }
}
