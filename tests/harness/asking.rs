//! The base's answers, kept for later checkpoints.

use lethe::experiments::llama::{Answers, Measures};
use lethe::model::llama::Mode;
use lethe::native::llama::Tokenizer;
use lethe::native::llama::evaluate::Evaluation;

use crate::world::{cases, config, folder, model, rows, said, written};

const SETTINGS: &str = r#"
    at = "log"
    losses = { files = "FOLDER/documents.jsonl", limit = 2 }
    generations = { prompts = ["The"], max_new_tokens = 3, template = "none" }
    [[task]]
    name = "mnli"
    files = "FOLDER/mnli.jsonl"
    limit = 4
"#;

#[test]
fn answers_that_were_kept_give_the_same_measures_and_serve_no_other_questions() {
    let place = folder("asking");
    written(&cases()[0], false, &place);
    rows(&place);
    let tokenizer = Tokenizer::open(&place).map_err(said).unwrap();
    let open = |settings: &str| {
        let table = settings.replace("FOLDER", place.to_str().unwrap()).parse().unwrap();
        Evaluation::open(&table, &tokenizer, &config()).map_err(said).unwrap()
    };
    let (base, tuned) = (model(false), model(true));
    let (base, tuned) = ((&base, &Mode::BASE), (&tuned, &Mode::BASE));
    let evaluation = open(SETTINGS);
    let answers = evaluation.ask(base, &mut |_, _, _| true).map_err(said).unwrap();
    let kept: Answers = serde_json::from_str(&serde_json::to_string(&answers).unwrap()).unwrap();
    assert_eq!(kept, answers);
    let measures = evaluation.measure(&kept, base, tuned, &mut |_, _, _| true).map_err(said).unwrap();
    assert_eq!(measures.tasks[0].prompts[0].base.acc.of, 4);
    assert_eq!(measures.losses.as_ref().unwrap().tuned.len(), 2);
    assert_ne!(measures.losses.as_ref().unwrap().tuned, measures.losses.as_ref().unwrap().base);
    let written = serde_json::to_string(&measures).unwrap();
    assert_eq!(serde_json::from_str::<Measures>(&written).unwrap(), measures);
    // A later version may say more.
    let more = written.replacen('{', "{\"more\":1,", 1);
    assert_eq!(serde_json::from_str::<Measures>(&more).unwrap(), measures);
    for (from, to) in [("limit = 4", "limit = 3"), ("max_new_tokens = 3", "max_new_tokens = 4"), ("\"The\"", "\"A\"")] {
        let other = open(&SETTINGS.replace(from, to));
        assert!(!other.are_asked(&answers), "{to}");
        let refused = other.measure(&answers, base, tuned, &mut |_, _, _| true).map_err(said).unwrap_err();
        assert!(refused.contains("other questions"), "{refused}");
    }
}

#[test]
fn a_model_of_no_finite_numbers_is_told_and_not_measured() {
    let place = folder("not finite");
    written(&cases()[0], false, &place);
    rows(&place);
    let tokenizer = Tokenizer::open(&place).map_err(said).unwrap();
    let table = SETTINGS.replace("FOLDER", place.to_str().unwrap()).parse().unwrap();
    let evaluation = Evaluation::open(&table, &tokenizer, &config()).map_err(said).unwrap();
    let mut damaged = model(false);
    let norm = damaged.model.norm.weight.val();
    damaged.model.norm.weight = burn::module::Param::from_tensor(norm * f32::INFINITY);
    let told = evaluation.ask((&damaged, &Mode::BASE), &mut |_, _, _| true).map_err(said).unwrap_err();
    assert!(told.contains("not finite"), "{told}");
}
