//! Tokens and chat templates against transformers.

use std::sync::LazyLock;

use lethe::data::text::{Role, Turn};
use lethe::native::Failure;
use lethe::native::llama::Tokenizer;
use serde_json::{Value, json};

use crate::folder::Folder;

pub static GOLDEN: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../golden/texts.json")).unwrap());

pub fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

pub fn numbers(value: &Value) -> Vec<u32> {
    list(value).iter().map(|number| number.as_u64().unwrap() as u32).collect()
}

fn folder(name: &str, files: &Value) -> Folder {
    let folder = Folder::new(name);
    for (name, text) in files.as_object().unwrap() {
        folder.write(name, text.as_str().unwrap());
    }
    folder
}

/// The script's tokenizer of this name, its folder gone.
pub fn tokenizer(name: &str) -> Tokenizer {
    let case = list(&GOLDEN["cases"]).iter().find(|case| case["name"] == name).unwrap();
    let thread = format!("{:?}", std::thread::current().id());
    opened(&folder(&format!("{name}-{thread}"), &case["files"]))
}

fn opened(folder: &Folder) -> Tokenizer {
    Tokenizer::open_at(folder.path(), GOLDEN["millis"].as_f64().unwrap()).unwrap()
}

fn each_case(check: impl Fn(&str, &Tokenizer, &Value)) {
    for case in list(&GOLDEN["cases"]) {
        let name = case["name"].as_str().unwrap();
        check(name, &tokenizer(name), case);
    }
}

#[test]
fn texts_become_the_tokens_that_transformers_makes_of_them() {
    each_case(|name, tokenizer, case| {
        assert!(list(&case["texts"]).len() > 50);
        for item in list(&case["texts"]) {
            let text = item["text"].as_str().unwrap();
            assert_eq!(tokenizer.encode(text, false).unwrap(), numbers(&item["plain"]), "{name}: {text:?}");
            let special = tokenizer.encode(text, true).unwrap();
            assert_eq!(special, numbers(&item["special"]), "{name}, special: {text:?}");
            assert_eq!(tokenizer.decode(&special), item["decoded"], "{name}, decoded: {text:?}");
        }
    });
}

#[test]
fn any_tokens_become_the_text_that_transformers_makes_of_them() {
    each_case(|name, tokenizer, case| {
        for item in list(&case["decoded"]) {
            let tokens = numbers(&item["tokens"]);
            assert_eq!(tokenizer.decode(&tokens), item["decoded"], "{name}: {tokens:?}");
        }
    });
}

#[test]
fn special_tokens_and_the_size_of_the_vocabulary_are_those_of_transformers() {
    each_case(|name, tokenizer, case| {
        let number = |key: &str| case[key].as_u64().map(|number| number as u32);
        assert_eq!(tokenizer.bos(), number("bos"), "{name}");
        assert_eq!(tokenizer.eos(), number("eos"), "{name}");
        assert_eq!(Some(tokenizer.vocabulary() as u32), number("vocabulary"), "{name}");
    });
    assert_eq!(tokenizer("llama 3").stops(), [424, 421], "the end of a turn, and the end of a text");
    assert_eq!(tokenizer("llama 2").stops(), [2]);
}

#[test]
fn conversations_are_rendered_as_by_apply_chat_template() {
    each_case(|name, tokenizer, case| {
        let mut refused = 0;
        for item in list(&case["chats"]) {
            let turn =
                |turn: &Value| Turn::new(Role::named(turn[0].as_str().unwrap()).unwrap(), turn[1].as_str().unwrap());
            let turns: Vec<Turn> = list(&item["turns"]).iter().map(turn).collect();
            let found = tokenizer.chat(&turns, item["answer_follows"].as_bool().unwrap());
            match item["error"].as_str() {
                None => {
                    let text = found.unwrap();
                    assert_eq!(text, item["text"], "{name}: {turns:?}");
                    assert_eq!(tokenizer.encode(&text, false).unwrap(), numbers(&item["tokens"]), "{name}: {turns:?}");
                }
                Some(why) => {
                    let Failure::Input(problems) = found.unwrap_err() else { panic!("{name}: not wrong input") };
                    assert!(problems.to_string().ends_with(&format!("it says: {why}")), "{problems}");
                    refused += 1;
                }
            }
        }
        assert_eq!(refused > 0, name == "llama 2", "{name} refuses {refused}");
    });
}

/// What is wrong with a folder of the first case, changed.
fn problems(name: &str, change: impl Fn(&mut Value)) -> String {
    let mut files = GOLDEN["cases"][0]["files"].clone();
    change(&mut files);
    let folder = folder(name, &files);
    match Tokenizer::open(folder.path()) {
        Err(Failure::Input(problems)) => problems.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_wrong_folder_is_refused_with_the_file_and_the_reason() {
    let missing = problems("missing", |files| drop(files.as_object_mut().unwrap().remove("tokenizer.json")));
    assert!(missing.contains("tokenizer.json"), "{missing}");
    let cut = problems("cut", |files| files["tokenizer.json"] = json!("{\"version\": \"1.0\", \"mod"));
    assert!(cut.contains("accepted: a tokenizer.json of Hugging Face's"), "{cut}");
    let settings =
        |settings: Value| move |files: &mut Value| files["tokenizer_config.json"] = json!(settings.to_string());
    let token = problems("token", settings(json!({"bos_token": "<begin>"})));
    assert_eq!(token, "bos_token = \"<begin>\"; accepted: a token of tokenizer.json");
    let template = problems("template", settings(json!({"chat_template": "{{ one }}\n{% if %}"})));
    assert!(template.starts_with("chat_template, line 2 = "), "{template}");
    let list = problems("list", settings(json!({"chat_template": [{"name": "tools", "template": ""}]})));
    assert!(list.contains("with one named default"), "{list}");
}

#[test]
fn a_template_that_would_not_end_is_refused() {
    let mut files = GOLDEN["cases"][0]["files"].clone();
    let template = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}";
    files["chat_template.jinja"] = json!(template);
    let tokenizer = opened(&folder("endless", &files));
    let found = tokenizer.chat(&[Turn::new(Role::User, "Hello")], true);
    assert!(matches!(found, Err(Failure::Input(_))));
}

#[test]
fn a_template_that_would_write_without_end_is_refused() {
    let much = "{% for a in range(9999) %}{{ '....' * 9999 }}{% endfor %}";
    let cases = [
        ("{{ messages | tojson(indent=10000000000000) }}", "an indent of 10000000000000, at most 16 are taken"),
        (much, "what it renders has more than 16777216 bytes"),
    ];
    for (number, (template, expected)) in cases.into_iter().enumerate() {
        let mut files = GOLDEN["cases"][0]["files"].clone();
        files["chat_template.jinja"] = json!(template);
        let tokenizer = opened(&folder(&format!("much {number}"), &files));
        let Err(Failure::Input(found)) = tokenizer.chat(&[Turn::new(Role::User, "Hello")], true) else { panic!() };
        assert!(found.to_string().contains(expected), "{found}");
    }
}

#[test]
fn tokens_named_by_number_alone_are_found() {
    let mut files = GOLDEN["cases"][0]["files"].clone();
    files["tokenizer_config.json"] = json!("{}");
    files["config.json"] = json!(json!({"bos_token_id": 1, "eos_token_id": [2, 0]}).to_string());
    let tokenizer = opened(&folder("numbered", &files));
    assert_eq!((tokenizer.bos(), tokenizer.eos(), tokenizer.stops()), (Some(1), Some(2), &[2, 0][..]));
    assert!(tokenizer.chat(&[Turn::new(Role::User, "Hello")], true).is_err(), "there is no template");
}
