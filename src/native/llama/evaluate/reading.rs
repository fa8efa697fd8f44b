//! Files of what is asked, on their way to tokens.

use super::asking::{AskedVariant, Evaluated, Texts};
use super::pairs::Pairs;
use super::rows::wrong;
use super::settings::{Examples, Task};
use super::tasks::{Answers, Prompt, Question};
use super::texts::{documents, words};
use crate::data::text::{Learn, Record, Template, Tokens};
use crate::error::Problems;
use crate::experiments::llama::{Item, Variant};
use crate::metrics::choice::Length;
use crate::metrics::likelihood::Continuation;
use crate::metrics::perplexity;
use crate::native::cli::Failure;
use crate::native::llama::Tokenizer;

/// What files are read with, and what was read.
pub struct Reading<'a> {
    pub tokenizer: &'a Tokenizer,
    pub pairs: &'a Pairs<'a>,
    pub longest: usize,
    pub read: Vec<Evaluated>,
}

impl Reading<'_> {
    /// Keeps texts for replay to be held against.
    pub fn note(&mut self, of: &str, one: &str, texts: impl Iterator<Item = String>) {
        let named = |(place, text)| Evaluated { of: of.to_owned(), name: format!("{one} {}", place + 1), text };
        self.read.extend(texts.enumerate().map(named));
    }

    /// The questions of a task in each way of asking.
    ///
    /// # Errors
    /// Files that cannot be read, or with too few questions; an answer that does not fit.
    pub fn task(&mut self, task: &Task) -> Result<Vec<AskedVariant>, Failure> {
        let mut questions: Vec<Question> = Vec::new();
        for file in &task.files {
            let left = task.limit.map(|limit| limit - questions.len().min(limit));
            questions.extend(task.kind.questions(file, left)?);
        }
        if questions.is_empty() {
            return Err(wrong("files", &task.title, "files with at least one question"));
        }
        let mut examples: Vec<Question> = Vec::new();
        for file in &task.shot_files {
            examples.extend(task.kind.questions(file, Some(task.shots - examples.len()))?);
        }
        if examples.len() < task.shots {
            let accepted = format!("files with at least {} questions", task.shots);
            return Err(wrong("shot_files", &format!("{} questions", examples.len()), accepted));
        }
        for question in questions.iter().chain(&examples) {
            let of = format!("questions of {}", task.title);
            let name = format!("a question of {}, {}", task.title, question.place);
            self.read.extend(question.said().map(|text| Evaluated { of: of.clone(), name: name.clone(), text }));
        }
        task.prompts.iter().map(|prompt| self.variant(prompt, &questions, &examples)).collect()
    }

    fn variant(&self, prompt: &Prompt, questions: &[Question], shots: &[Question]) -> Result<AskedVariant, Failure> {
        let before: String = shots.iter().map(|shot| prompt.example(shot) + "\n\n").collect();
        let mut continuations = Vec::new();
        let mut items = Vec::with_capacity(questions.len());
        for question in questions {
            let context = before.clone() + &prompt.context(question);
            let answers = prompt.answers(question);
            for answer in &answers {
                let text = format!(" {answer}");
                continuations.push(self.pairs.continuation(&context, &text, self.longest, &question.place)?);
            }
            items.push(Item { truth: question.truth, lengths: answers.iter().map(|text| Length::of(text)).collect() });
        }
        let classes = match &prompt.answers {
            Answers::Words(words) => Some(words.clone()),
            Answers::Own | Answers::Letters => None,
        };
        Ok(AskedVariant { variant: Variant { name: prompt.name.clone(), classes, items }, continuations })
    }

    /// A request as a prompt that leaves room for so many tokens of an answer.
    ///
    /// # Errors
    /// One that is too long.
    pub fn request(&self, text: &str, template: Template, answer: usize) -> Result<Vec<u32>, Failure> {
        let tokens = template.prompt(text, self.tokenizer)?;
        if tokens.is_empty() || tokens.len() + answer > self.longest {
            let accepted = format!(
                "a prompt of at least a token that leaves room for max_new_tokens, {answer}, in the model's {}; it has {}",
                self.longest,
                tokens.len()
            );
            return Err(wrong("prompt", text, accepted));
        }
        Ok(tokens)
    }

    /// Texts, or instructions of which the answers count.
    ///
    /// # Errors
    /// Files that cannot be read, or an example of whose answer nothing fits.
    pub fn texts(&mut self, name: &str, asked: &Examples) -> Result<Texts, Failure> {
        let documents = documents(&asked.files, asked.limit, asked.format)?;
        let template = asked.template.unwrap_or_else(|| documents.format.template());
        let mut texts = Texts {
            texts: documents.records.len(),
            words: 0,
            bytes: 0,
            format: documents.format,
            template,
            parts: Vec::new(),
        };
        let mut cut = 0;
        for (place, record) in documents.records {
            let parts = match &record {
                Record::Text(text) => {
                    let tokens = self.tokenizer.encode(text, false)?;
                    texts.words += words(text);
                    texts.bytes += text.len();
                    perplexity::parts(&tokens, self.pairs.prefix, self.longest)
                }
                instruction => {
                    let (parts, is_cut) = self.answers(instruction, template, &place)?;
                    let answers = parts.iter().map(|part| self.tokenizer.decode(&part.tokens));
                    answers.for_each(|text| {
                        (texts.words, texts.bytes) = (texts.words + words(&text), texts.bytes + text.len())
                    });
                    cut += usize::from(is_cut);
                    parts
                }
            };
            texts.parts.push(parts);
            let said = Evaluated {
                of: format!("texts of {name}"),
                name: format!("a text of {name}, {place}"),
                text: record.said(),
            };
            self.read.push(said);
        }
        if cut > 0 {
            eprintln!(
                "warning: {cut} of {} examples of {name} are longer than the model's {} positions; their ends are left out",
                texts.texts, self.longest
            );
        }
        Ok(texts)
    }

    /// The answers of an instruction or a conversation, each after all that comes before it, as training reads them; and
    /// whether its end is left out.
    fn answers(&self, record: &Record, template: Template, place: &str) -> Result<(Vec<Continuation>, bool), Failure> {
        let placed = |mut problems: Problems| {
            problems.0.iter_mut().for_each(|problem| problem.field = format!("{place}, {}", problem.field));
            problems
        };
        let example = template.example(record, self.tokenizer).map_err(placed)?;
        let Tokens { mut tokens, mut learned } = example.tokens(Learn::Answers, self.tokenizer).map_err(placed)?;
        let is_cut = tokens.len() > self.longest;
        tokens.truncate(self.longest);
        learned.truncate(self.longest);
        // Nothing comes before the first token.
        learned.iter_mut().take(1).for_each(|first| *first = false);
        let mut at = 0;
        let mut answers = Vec::new();
        for stretch in learned.chunk_by(|one, next| one == next) {
            if stretch[0] {
                let (context, tokens) = (tokens[..at].to_vec(), tokens[at..at + stretch.len()].to_vec());
                answers.push(Continuation { context, tokens });
            }
            at += stretch.len();
        }
        if answers.is_empty() {
            let accepted = format!("an answer of which something fits into the model's {} positions", self.longest);
            return Err(wrong(place, &format!("{} tokens before it", tokens.len()), accepted));
        }
        Ok((answers, is_cut))
    }
}
