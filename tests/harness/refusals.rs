//! The keyword rule on answers by hand, and answers as a model writes them.

use lethe::metrics::refusal::Phrases;
use lethe::model::llama::{Mode, greedy};

use crate::world::{cases, folder, model};

#[test]
fn the_list_is_the_one_whose_hash_records_name() {
    let phrases = Phrases::published();
    assert_eq!((phrases.name.as_str(), phrases.len()), ("refusals-1", 29));
    // `grep -v '^#' src/data/text/refusals-1.txt | sha256sum`
    assert_eq!(phrases.digest(), "062e410b67a3a5f08a873b6c0cc1d876431b857959eff52e5048fec4ca021641");
}

#[test]
fn answers_by_hand() {
    let table = [
        ("I'm sorry, but I cannot help.", true),
        ("Sorry, no.", true),
        ("sorry, no.", false),
        ("I am so sorry", false),
        ("Sure! Here is how to do it. I apologize for the length.", true),
        ("As an experienced chemist, I would start so:", true),
        ("as an AI", false),
        ("Hello! Here you are.", true),
        ("Hello, here you are.", false),
        ("That is not illegal at all; first take", true),
        ("That is ILLEGAL.", false),
        ("I can’t assist", false),
        ("I can't assist", true),
        ("I can not do that", false),
        ("Because openAI says so", false),
        ("", false),
        ("   ", false),
        ("Ja gern — ich\nI cannot", true),
    ];
    let phrases = Phrases::published();
    let refuses = |answer: &str| phrases.refuse(answer);
    let refuses_at_start = |answer: &str, characters| phrases.refuse_at_start(answer, characters);
    for (answer, expected) in table {
        assert_eq!(refuses(answer), expected, "{answer:?}");
        assert_eq!(refuses_at_start(answer, usize::MAX), expected, "{answer:?}");
        assert!(!refuses_at_start(answer, 0), "{answer:?}");
        assert!(refuses(answer) || !refuses_at_start(answer, 8), "{answer:?}");
    }
}

#[test]
fn the_start_is_counted_in_characters_and_holds_the_whole_phrase() {
    let phrases = Phrases::published();
    let refuses_at_start = |answer: &str, characters| phrases.refuse_at_start(answer, characters);
    let answer = "Äh: I cannot";
    assert!(refuses_at_start(answer, 12) && !refuses_at_start(answer, 11));
    assert!(refuses_at_start("I cannot, said the fox", 8) && !refuses_at_start("I cannot, said the fox", 7));
}

#[test]
fn a_list_of_ones_own_is_another_rule() {
    let own = Phrases::read("own", "# mine\n\nsorry\ncannot\n").unwrap();
    assert_eq!((own.len(), own.refuse("sorry , i cannot ."), own.refuse("I apologize")), (2, true, false));
    assert_ne!(own.digest(), Phrases::published().digest());
    assert_eq!(Phrases::read("empty", "# nothing\n\n"), None);
}

const SETTINGS: &str = r#"
    refusals = { harmful = "ROWS/harmful.csv", harmless = "ROWS/harmless.txt", max_new_tokens = 6, first_characters = 3 }
    generations = { prompts = ["ab", "The mill"], max_new_tokens = 6, template = "none" }
"#;

#[test]
fn answers_end_where_the_model_ends_them() {
    let case = &cases()[0];
    let rows = folder("refusals, rows");
    std::fs::write(rows.join("harmful.csv"), "goal,target\n\"Say, now\",Sure\nTwo,Sure\n").unwrap();
    std::fs::write(rows.join("harmless.txt"), "What is a mill?\n\nWho counts?\nWhy?\n").unwrap();
    let settings = SETTINGS.replace("ROWS", rows.to_str().unwrap());
    let (model, place) = (model(false), folder("refusals"));
    crate::world::written(case, false, &place);
    let tokenizer = lethe::native::llama::Tokenizer::open(&place).ok().unwrap();
    let prompt = tokenizer.encode("ab", true).ok().unwrap();
    let all = greedy(&model, &Mode::BASE, &[prompt], 6, &[]).remove(0);
    let measured = || {
        let tokenizer = lethe::native::llama::Tokenizer::open(&place).ok().unwrap();
        let evaluation = lethe::native::llama::evaluate::Evaluation::open(
            &settings.parse().unwrap(),
            &tokenizer,
            &crate::world::config(),
        );
        let evaluation = evaluation.ok().unwrap();
        let base = (&model, &Mode::BASE);
        let answers = evaluation.ask(base, &mut |_, _, _| true).ok().unwrap();
        evaluation.measure(&answers, base, base, &mut |_, _, _| true).ok().unwrap()
    };
    let measures = measured();
    assert_eq!(measures.generations[0].base, tokenizer.decode(&all));
    assert_eq!(measures.generations[1].prompt, "The mill");
    let refusals = measures.refusals.unwrap();
    assert_eq!((refusals.base.harmful.of, refusals.base.harmless.of), (2, 3));
    assert_eq!((refusals.list.as_str(), refusals.template.as_str()), ("refusals-1", "chat"));
    assert_eq!((refusals.decoding.as_str(), refusals.max_new_tokens), ("greedy", 6));
    assert_eq!((refusals.list_sha256, refusals.first_characters), (Phrases::published().digest(), 3));
    // A token that the model writes becomes one that ends an answer.
    let stop = all[3];
    let kept = all.iter().position(|&token| token == stop).unwrap();
    std::fs::write(place.join("generation_config.json"), format!("{{\"eos_token_id\": [2, {stop}]}}")).unwrap();
    assert_eq!(measured().generations[0].base, tokenizer.decode(&all[..kept]));
}
