//! How a question is put.

use super::Question;

/// A text with names in braces, and what the answers are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    pub name: String,
    pub text: String,
    pub answers: Answers,
}

/// What stands for each answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answers {
    /// Its own text.
    Own,
    /// Its letter, from A on.
    Letters,
    /// These words, the same for all questions.
    Words(Vec<String>),
}

impl Prompt {
    /// The answers of a question, in the order of its own.
    pub fn answers(&self, question: &Question) -> Vec<String> {
        match &self.answers {
            Answers::Own => question.answers.clone(),
            Answers::Letters => question.answers.iter().zip('A'..).map(|(_, letter)| letter.to_string()).collect(),
            Answers::Words(words) => words.clone(),
        }
    }

    /// What comes before an answer. What a question says is put in as it is, braces and all.
    pub fn context(&self, question: &Question) -> String {
        let mut context = String::new();
        let mut rest = self.text.as_str();
        while let Some(open) = rest.find('{') {
            let (before, after) = rest.split_at(open);
            context.push_str(before);
            let named = after.find('}').and_then(|close| Some((self.field(&after[1..close], question)?, close)));
            match named {
                Some((text, close)) => {
                    context.push_str(&text);
                    rest = &after[close + 1..];
                }
                None => {
                    context.push('{');
                    rest = &after[1..];
                }
            }
        }
        context + rest
    }

    /// A question with its true answer, as an example before others.
    pub fn example(&self, question: &Question) -> String {
        format!("{} {}", self.context(question), self.answers(question)[question.truth])
    }

    fn field(&self, name: &str, question: &Question) -> Option<String> {
        if name == "choices" && !question.answers.is_empty() {
            let line = |(answer, letter): (&String, char)| format!("{letter}. {answer}");
            return Some(question.answers.iter().zip('A'..).map(line).collect::<Vec<_>>().join("\n"));
        }
        question.fields.iter().find(|(known, _)| *known == name).map(|(_, text)| text.clone())
    }
}
