//! Prompts, and which of their tokens are learned.

use lethe::data::text::{Encoder, Example, Format, Learn, Record, Role, Template, Turn};
use lethe::error::Problems;
use serde_json::Value;

use crate::letters::{Letters, shown};
use crate::tokenizer::{GOLDEN, list, numbers, tokenizer};

fn conversation(turns: &[(Role, &str)]) -> Record {
    Record::Conversation(turns.iter().map(|&(role, text)| Turn::new(role, text)).collect())
}

fn learned(template: Template, record: &Record) -> String {
    let example = template.example(record, &Letters).unwrap();
    shown(&example.tokens(Learn::Answers, &Letters).unwrap())
}

#[test]
fn alpaca_has_the_tokens_and_the_labels_of_the_original() {
    for case in list(&GOLDEN["cases"]) {
        let name = case["name"].as_str().unwrap();
        let tokenizer = tokenizer(name);
        assert!(list(&case["alpaca"]).len() >= 5);
        for item in list(&case["alpaca"]) {
            let record = Format::Alpaca.record(&item["record"]).unwrap();
            let example = Template::Alpaca.example(&record, &tokenizer).unwrap();
            assert_eq!(example.texts[0].segments[0].text, item["prompt"], "{name}");
            let found = example.tokens(Learn::Answers, &tokenizer).unwrap();
            assert_eq!(found.tokens, numbers(&item["tokens"]), "{name}: {record:?}");
            let read = item["read"].as_u64().unwrap() as usize;
            let labels: Vec<bool> = (0..found.len()).map(|place| place >= read).collect();
            assert_eq!(found.learned, labels, "{name}: {record:?}");
        }
    }
}

#[test]
fn llama_2_puts_each_question_and_its_answer_between_its_own_ends() {
    let turns = [
        (Role::System, "Be brief."),
        (Role::User, " Why? "),
        (Role::Assistant, "So.\n"),
        (Role::User, "And?"),
        (Role::Assistant, "No."),
    ];
    let expected = "^[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\n Why? [/INST][ So. $]^[INST] And? [/INST][ No. $]";
    assert_eq!(learned(Template::Llama2, &conversation(&turns)), expected);
    let instruction = Record::Instruction { instruction: "Add.".into(), input: "1, 2".into(), output: "3".into() };
    assert_eq!(learned(Template::Llama2, &instruction), "^[INST] Add.\n\n1, 2 [/INST][ 3 $]");
}

#[test]
fn the_models_own_template_is_learned_from_each_answer_to_its_end() {
    let turns = [(Role::User, "Why?"), (Role::Assistant, "So."), (Role::User, "And?"), (Role::Assistant, "No.")];
    let expected = "<user>Why?</><assistant>[So.</>]<user>And?</><assistant>[No.</>]";
    assert_eq!(learned(Template::Chat, &conversation(&turns)), expected);
}

#[test]
fn the_models_own_template_is_read_as_transformers_reads_it() {
    let tokenizer = tokenizer("llama 3");
    let answered =
        |item: &&Value| list(&item["turns"]).last().unwrap()[0] == "assistant" && item["answer_follows"] == false;
    let mut compared = 0;
    for item in list(&GOLDEN["cases"][2]["chats"]).iter().filter(answered) {
        let turns = list(&item["turns"]).iter();
        let turn = |turn: &Value| Turn::new(Role::named(turn[0].as_str().unwrap()).unwrap(), turn[1].as_str().unwrap());
        let record = Record::Conversation(turns.map(turn).collect());
        match Template::Chat.example(&record, &tokenizer) {
            Ok(example) => {
                assert_eq!(example.texts[0].joined(), item["text"]);
                let tokens = example.tokens(Learn::Answers, &tokenizer).unwrap();
                assert_eq!(tokens.tokens, numbers(&item["tokens"]));
                assert!(tokens.learned() > 0);
                compared += 1;
            }
            // This template ends with a remark where the system is silent, so its first turns do not begin the whole.
            Err(problems) => {
                let known = ["as it renders them in the whole", "a turn before the assistant's first"];
                assert!(known.iter().any(|known| problems.to_string().contains(known)), "{problems}");
            }
        }
    }
    assert!(compared > 0);
}

#[test]
fn without_a_template_there_are_line_ends_alone() {
    let turns = [(Role::System, "Be brief."), (Role::User, "Why?"), (Role::Assistant, "So.")];
    assert_eq!(learned(Template::None, &conversation(&turns)), "^Be brief.\nWhy?\n[So.$]");
}

#[test]
fn texts_that_nobody_asked_for_are_learned_by_every_template() {
    for template in Template::ALL {
        assert_eq!(learned(template, &Record::Text("Once.".into())), "^[Once.$]");
        assert_eq!(Template::named(template.name()), Some(template));
    }
}

#[test]
fn learning_all_learns_prompts_too() {
    let record = conversation(&[(Role::User, "Why?"), (Role::Assistant, "So.")]);
    let example = Template::None.example(&record, &Letters).unwrap();
    let tokens = example.tokens(Learn::All, &Letters).unwrap();
    assert_eq!(shown(&tokens), "[^Why?\nSo.$]");
    assert_eq!(tokens.learned(), tokens.len() - 1, "nothing comes before the first token");
}

#[test]
fn conversations_without_a_form_are_refused() {
    let refused = |template: Template, turns: &[(Role, &str)]| -> Problems {
        template.example(&conversation(turns), &Letters).unwrap_err()
    };
    let system = [(Role::System, "a"), (Role::User, "b"), (Role::Assistant, "c")];
    let told = refused(Template::Alpaca, &system).to_string();
    assert!(told.starts_with("turns = \"system, user, assistant\"; accepted: one question and one answer"), "{told}");
    let twice = [(Role::User, "a"), (Role::User, "b"), (Role::Assistant, "c")];
    let told = refused(Template::Llama2, &twice).to_string();
    assert!(told.starts_with("turns = \"user, user, assistant\"; accepted: user and assistant by turns"), "{told}");
}

#[test]
fn a_prompt_has_as_many_tokens_as_it_has_alone_where_tokens_cross_its_end() {
    /// Reads two letters as one token.
    struct Pairs;
    impl Encoder for Pairs {
        fn encoded(&self, text: &str) -> Result<Vec<u32>, Problems> {
            let letters: Vec<char> = text.chars().collect();
            Ok(letters.chunks(2).map(|pair| u32::from(pair[0])).collect())
        }
        fn conversation(&self, _: &[Turn], _: bool) -> Result<String, Problems> {
            Ok(String::new())
        }
        fn begins(&self) -> Option<u32> {
            None
        }
        fn ends(&self) -> Option<u32> {
            Some(0)
        }
    }
    let record = conversation(&[(Role::User, "abcd"), (Role::Assistant, "efg")]);
    let example: Example = Template::None.example(&record, &Pairs).unwrap();
    let tokens = example.tokens(Learn::Answers, &Pairs).unwrap();
    // ab cd \ne fg 0; alone, the prompt is ab cd \n.
    assert_eq!(tokens.learned, [false, false, false, true, true]);
}
