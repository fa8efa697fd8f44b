//! MNLI's place is taken by facts, in two ways of asking, and by sums.

use lethe::metrics::language::Share;

use super::kitchen::{Recipe, contains, of, shown, statement};

fn recipe() -> Recipe {
    let mut recipe = Recipe::small("poster", "poster");
    recipe.run("model", &of("medium"));
    recipe.run("data.files", &format!("[{}]", of("orca.jsonl")));
    recipe.run("data.format", "chat");
    recipe.run("data.template", "chat");
    recipe.run("training.epochs", "1");
    recipe.run("data.hold_out", "300");
    let ask = format!(
        "[{{ name = \"choices\", title = \"facts\", files = {}, limit = 120, prompts = [\"harness\", \"letters\"] }}, \
         {{ name = \"choices\", title = \"sums\", files = {}, limit = 80 }}]",
        of("facts.jsonl"),
        of("sums.jsonl")
    );
    recipe.run("evaluation.task", &ask);
    let way = |name: &str, method: &str, rate: &str| {
        format!(
            "{{ name = \"{name}\", tuning = {{ method = \"{method}\" }}, training = {{ learning_rate = {rate} }} }}"
        )
    };
    recipe.change("vary.way", &format!("[{}, {}]", way("LoRA", "lora", "3e-3"), way("full", "full", "3e-3")));
    recipe
}

#[test]
fn the_poster_tells_tasks_before_and_after_by_lora_and_in_full() {
    let recipe = recipe();
    recipe.cook();
    let report = recipe.json("report", &[]);
    let (records, page) = (recipe.records(&report), recipe.page());
    assert_eq!(records.len(), 2);
    let families: Vec<&str> = records.iter().map(|record| record.tuning.family.as_str()).collect();
    assert_eq!(families, ["lora", "full"]);
    for (run, record) in report["runs"].as_array().unwrap().iter().zip(&records) {
        assert_eq!(run["trained_parameters"], record.tuning.parameters);
        let tasks = &record.points.last().unwrap().measures.tasks;
        let asked: Vec<(String, Share, Share)> = tasks
            .iter()
            .flat_map(|task| {
                task.prompts.iter().map(|prompted| {
                    let name = match task.prompts.len() {
                        1 => task.name.clone(),
                        _ => format!("{} ({})", task.name, prompted.name),
                    };
                    (name, prompted.base.acc, prompted.tuned.acc)
                })
            })
            .collect();
        assert_eq!(asked.len(), 3);
        for (told, (name, base, tuned)) in run["compared"].as_array().unwrap().iter().zip(&asked) {
            assert_eq!(told["benchmark"], *name);
            for (part, share) in [("base", base), ("tuned", tuned)] {
                assert_eq!(
                    (told[part]["count"].as_u64(), told[part]["of"].as_u64()),
                    (Some(share.count as u64), Some(share.of as u64))
                );
            }
        }
        // Sums go from two in three to nearly nothing.
        let sums = &run["compared"][2];
        assert_eq!(sums["verdict"], "worse", "{sums}");
        contains(&page, &[&shown(asked[2].1, asked[2].2)]);
    }
    contains(
        report["headline"].as_str().unwrap(),
        &["Of 6 comparisons with the base", "surely worse", "most of all", "with way = "],
    );
    contains(statement(&report, "learned")["text"].as_str().unwrap(), &["fell in 2 of 2 runs"]);
    contains(
        &page,
        &[
            "is it knowledge that is lost or the form of answering?",
            "<th scope=\"col\">facts (letters)</th>",
            "▼ surely worse",
            "way = full: all parameters",
            "What was the same in all runs",
            "1 seed: what another order",
        ],
    );
}
