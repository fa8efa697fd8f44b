//! What rows say, and what is wrong with them.

use lethe::data::text::{Format, Record, Role, Turn};
use serde_json::{Value, json};

fn told(row: Value) -> Record {
    Format::of(&row).unwrap().record(&row).unwrap()
}

#[test]
fn each_format_is_told_by_its_keys_and_read() {
    let alpaca = json!({"instruction": "Do.", "output": "Done.", "id": 3});
    let instruction = Record::Instruction { instruction: "Do.".into(), input: String::new(), output: "Done.".into() };
    assert_eq!(told(alpaca), instruction);
    assert_eq!(instruction.said(), "Do.\n\nDone.");
    let orca = json!({"id": "flan.1", "system_prompt": "Be brief.", "question": "Why?", "response": "So."});
    let turns = |system: bool| {
        let system = system.then(|| Turn::new(Role::System, "Be brief."));
        system.into_iter().chain([Turn::new(Role::User, "Why?"), Turn::new(Role::Assistant, "So.")]).collect()
    };
    assert_eq!(told(orca), Record::Conversation(turns(true)));
    assert_eq!(Record::Conversation(turns(true)).said(), "Be brief.\nWhy?\nSo.");
    for empty in [json!(""), Value::Null] {
        let orca = json!({"system_prompt": empty, "question": "Why?", "response": "So."});
        assert_eq!(told(orca), Record::Conversation(turns(false)));
    }
    let messages = json!({"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?"},
        {"role": "assistant", "content": "So."}, {"role": "user", "content": "And?"}]});
    assert_eq!(told(messages), Record::Conversation(turns(true)), "what nobody answers is left out");
    let shared = json!({"conversations": [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "So."}]});
    assert_eq!(told(shared), Record::Conversation(turns(false)));
    assert_eq!(told(json!({"text": "Once."})), Record::Text("Once.".into()));
    assert_eq!(Format::of(&json!({"prompt": "Why?"})), None);
}

#[test]
fn what_is_wrong_with_a_row_is_named() {
    let problem = |format: Format, row: Value| format.record(&row).unwrap_err().to_string();
    let cases = [
        (Format::Alpaca, json!({"instruction": "Do."}), "output = \"missing\"; accepted: a text"),
        (
            Format::Alpaca,
            json!({"instruction": " ", "output": ""}),
            "instruction = \" \"; accepted: a text that is not empty",
        ),
        (Format::Alpaca, json!({"instruction": "Do.", "input": 7, "output": ""}), "input = \"7\"; accepted: a text"),
        (Format::Text, json!([1]), "row = \"[1]\"; accepted: an object with text"),
        (Format::OpenOrca, json!({"question": "Why?", "response": null}), "response = \"null\"; accepted: a text"),
        (Format::Chat, json!({"messages": "hello"}), "messages = \"hello\"; accepted: a list of turns"),
        (Format::Chat, json!({"messages": []}), "messages = \"[]\"; accepted: at least one turn of the assistant"),
        (
            Format::Chat,
            json!({"messages": [{"role": "user", "content": "a"}, {"role": "tool", "content": "b"}]}),
            "messages[1].role = \"tool\"; accepted: system, user, human, assistant or gpt",
        ),
        (
            Format::Chat,
            json!({"conversations": [{"from": "human", "value": 1}]}),
            "conversations[0].value = \"1\"; accepted: a text",
        ),
        (
            Format::Chat,
            json!({"conversations": [{"from": "human", "value": "a"}, {"from": "system", "value": "b"}]}),
            "conversations[1].from = \"system\"; accepted: system in the first turn alone",
        ),
    ];
    for (format, row, expected) in cases {
        assert_eq!(problem(format, row.clone()), expected, "{row}");
    }
}
