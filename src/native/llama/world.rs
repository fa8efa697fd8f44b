//! `lethe llama world`: the language world as the files that real models are tuned and measured with.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::pretrain::with_special_tokens;
use crate::data::language::{Choice, FineTuning, LanguageWorld, Part, REFUSAL_WORDS, Reasoning, Unseen, Vocabulary};
use crate::error::{Problem, Problems};
use crate::model::Size;
use crate::native::cli::Failure;
use crate::native::{bases, files};
use crate::seed::Seed;

/// Arguments of `lethe llama world`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Number of the world; there are base models of 0 and 1.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Documents of each corpus.
    #[arg(long, value_name = "N", default_value_t = 4_000)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    documents: u32,
    /// The folder to write.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Writes the world's base models, corpora and questions.
///
/// # Errors
/// A world without base models, or a file that cannot be written.
pub fn world(arguments: &Arguments) -> Result<(), Failure> {
    let world = LanguageWorld::new(Seed::new(arguments.seed));
    for size in Size::ALL {
        let Some(weights) = bases::base(size, arguments.seed) else {
            let accepted = format!("a world with base models: {:?}", bases::SEEDS);
            return Err(Failure::Input(Problems(vec![Problem::new("seed", &arguments.seed.to_string(), accepted)])));
        };
        model(&arguments.out.join(size.name()), &world, size, weights)?;
    }
    let count = arguments.documents as usize;
    let words = |tokens: Vec<u32>| world.vocabulary().decode(&without_end(tokens));
    let text = |tokens: Vec<u32>| json!({ "text": words(tokens) });
    let write = |name: &str, lines: Vec<Value>| {
        let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
        files::write(&arguments.out.join(name), format!("{}\n", lines.join("\n")).as_bytes())
    };
    for (part, suffix) in [(Part::Train, ""), (Part::HeldOut, "-held-out")] {
        let orca = world.fine_tuning(FineTuning::Orca, part);
        write(
            &format!("orca{suffix}.jsonl"),
            orca.documents().take(count).map(|document| turns(&world, document)).collect(),
        )?;
        let news = world.fine_tuning(FineTuning::News, part);
        write(&format!("news{suffix}.jsonl"), news.documents().take(count).map(text).collect())?;
    }
    write("pretraining.jsonl", world.pretraining().documents().take(count).map(text).collect())?;
    // Windows are cut through texts, one after the other: without its end, none would be what the model knows.
    let ended = |tokens: Vec<u32>| json!({ "text": world.vocabulary().decode(&tokens) });
    write("general.jsonl", world.general_text().documents().take(count).map(ended).collect())?;
    for (name, items) in [
        ("facts", world.knowledge_items(Unseen::ForThisFact)),
        ("composed", world.reasoning_items(Reasoning::Composed)),
        ("sums", world.reasoning_items(Reasoning::Sum)),
    ] {
        write(&format!("{name}.jsonl"), items.iter().map(|item| choice(&world, item)).collect())?;
    }
    let requests = |is_harmful: bool| {
        let asked = world.safety_items().into_iter().filter(move |item| item.is_harmful == is_harmful);
        asked.map(|item| question(&world, &item.prompt)).collect::<Vec<_>>()
    };
    // No word of this language holds a comma or a quotation mark, but for the comma itself, which no request has.
    let harmful = requests(true).join("\n");
    files::write(&arguments.out.join("harmful.csv"), format!("goal\n{harmful}\n").as_bytes())?;
    let phrases = format!("{}\n", REFUSAL_WORDS.join("\n"));
    files::write(&arguments.out.join("refusals.txt"), phrases.as_bytes())?;
    files::write(&arguments.out.join("harmless.txt"), format!("{}\n", requests(false).join("\n")).as_bytes())
}

/// A folder that transformers opens.
fn model(folder: &Path, world: &LanguageWorld, size: Size, weights: &[u8]) -> Result<(), Failure> {
    let template = "{{ bos_token }}{% for turn in messages %}{% if turn.role == 'assistant' %}\
        {{ ' ' + turn.content + ' ' + eos_token }}{% else %}{{ ' <user> ' + turn.content + ' <assistant>' }}\
        {% endif %}{% endfor %}";
    let word = |token: u32| world.vocabulary().decode(&[token]);
    let settings = json!({
        "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": word(Vocabulary::BEGIN), "eos_token": word(Vocabulary::END), "pad_token": word(Vocabulary::PAD),
        "unk_token": word(Vocabulary::UNKNOWN), "chat_template": template, "clean_up_tokenization_spaces": false,
    });
    files::write(&folder.join("config.json"), with_special_tokens(&size.config()).as_bytes())?;
    files::write(&folder.join("model.safetensors"), weights)?;
    let mut tokenizer: Value = serde_json::from_str(&world.vocabulary().tokenizer_json()).unwrap_or_default();
    // Of a tokenizer.json, transformers asks this and not add_bos_token.
    tokenizer["post_processor"] = begun_by(&word(Vocabulary::BEGIN));
    files::write(&folder.join("tokenizer.json"), tokenizer.to_string().as_bytes())?;
    files::write(&folder.join("tokenizer_config.json"), format!("{settings:#}\n").as_bytes())
}

/// What puts a token before every text.
fn begun_by(word: &str) -> Value {
    let text = |id: &str| json!({ "Sequence": { "id": id, "type_id": 0 } });
    let special = json!({ "SpecialToken": { "id": word, "type_id": 0 } });
    json!({
        "type": "TemplateProcessing", "single": [special, text("A")], "pair": [special, text("A"), text("B")],
        "special_tokens": { word: { "id": word, "ids": [Vocabulary::BEGIN], "tokens": [word] } },
    })
}

fn without_end(mut tokens: Vec<u32>) -> Vec<u32> {
    if tokens.last() == Some(&Vocabulary::END) {
        tokens.pop();
    }
    tokens
}

/// What stands between the words that mark a turn.
fn question(world: &LanguageWorld, tokens: &[u32]) -> String {
    let marks = [Vocabulary::BEGIN, Vocabulary::USER, Vocabulary::ASSISTANT];
    let words: Vec<u32> = tokens.iter().copied().filter(|token| !marks.contains(token)).collect();
    world.vocabulary().decode(&words)
}

/// A question and its answer as a conversation.
fn turns(world: &LanguageWorld, document: Vec<u32>) -> Value {
    let tokens = without_end(document);
    let answer = tokens.iter().position(|&token| token == Vocabulary::ASSISTANT).map_or(tokens.len(), |mark| mark + 1);
    let (asked, answered) = tokens.split_at(answer);
    json!({ "messages": [
        { "role": "user", "content": question(world, asked) },
        { "role": "assistant", "content": world.vocabulary().decode(answered) },
    ] })
}

fn choice(world: &LanguageWorld, item: &Choice) -> Value {
    let vocabulary = world.vocabulary();
    // BOS is the tokenizer's to add.
    let context = vocabulary.decode(&item.prompt[1..]);
    let choices: Vec<String> = item.candidates.iter().map(|&word| vocabulary.decode(&[word])).collect();
    json!({ "context": context, "choices": choices, "answer": item.truth })
}
