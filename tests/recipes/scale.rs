//! Three sizes of base models of one world.

use lethe::record::llama::Record;

use super::kitchen::{Recipe, contains, of, statement, value};

#[test]
fn forgetting_by_size_is_read_at_equal_loss_and_at_equal_gain() {
    let mut recipe = Recipe::small("scale", "scale");
    recipe.run("data.files", &format!("[{}]", of("orca.jsonl")));
    recipe.run("data.format", "chat");
    recipe.run("data.template", "chat");
    recipe.run("training.steps", "12");
    let size = |name: &str| format!("{{ name = \"{name}\", model = {} }}", of(name));
    recipe.change("vary.size", &format!("[{}, {}, {}]", size("small"), size("medium"), size("large")));
    recipe.change("vary.seed", "[0, 1]");
    recipe.cook();
    let report = recipe.json("report", &[]);
    let records = recipe.records(&report);
    assert_eq!(records.len(), 6);

    let end = |record: &Record| losses(record).into_iter().fold(f64::INFINITY, f64::min);
    let level = records.iter().map(end).fold(0.0, f64::max);
    let of_size = |parameters: u64| records.iter().filter(move |record| record.model.parameters == parameters);
    let mut sizes: Vec<u64> = records.iter().map(|record| record.model.parameters).collect();
    sizes.sort_unstable();
    sizes.dedup();
    assert_eq!(sizes, [46_560, 89_808, 196_672]);
    let mean_at = |parameters: u64| {
        let values: Vec<f64> = of_size(parameters).map(|record| at_loss(record, level)).collect();
        values.iter().sum::<f64>() / 2.0
    };
    let expected: Vec<f64> = sizes.iter().map(|&size| mean_at(size)).collect();
    let told = statement(&report, "size-at-equal-loss");
    assert!((value(told, "level") - level).abs() < 1e-12, "{told}");
    assert!((value(told, "first") - expected[0]).abs() < 1e-9, "{told} {expected:?}");
    assert!((value(told, "last") - expected[2]).abs() < 1e-9, "{told} {expected:?}");
    let text = told["text"].as_str().unwrap();
    let word = match (expected[1] < expected[0], expected[2] < expected[1]) {
        (true, true) => "It falls with size",
        (false, false) => "It rises with size",
        _ => "It does not go one way",
    };
    contains(text, &[word, "from 2 seeds, too few to be sure", "46,560 parameters"]);
    contains(report["headline"].as_str().unwrap(), &["At equal fine-tuning loss ("]);

    let gained = |record: &Record| losses(record)[0] - end(record);
    let least = records.iter().map(gained).fold(f64::INFINITY, f64::min);
    let told = statement(&report, "size-at-equal-gain");
    assert!((value(told, "level") - least).abs() < 1e-9, "{told} {least}");
    let page = recipe.page();
    contains(
        &page,
        &["At equal fine-tuning loss, does forgetting fall", "Forgetting by size of the model", "2 seeds:"],
    );
}

#[test]
fn where_no_loss_is_equal_nothing_is_said_of_size() {
    // At such a rate nothing is learned, so that no model comes to where another begins.
    let mut recipe = Recipe::small("scale", "scale-apart");
    recipe.run("data.files", &format!("[{}]", of("news.jsonl")));
    recipe.run("data.format", "text");
    recipe.run("data.template", "none");
    recipe.run("training.steps", "2");
    recipe.run("training.learning_rate", "1e-6");
    let size = |name: &str| format!("{{ name = \"{name}\", model = {} }}", of(name));
    recipe.change("vary.size", &format!("[{}, {}]", size("small"), size("large")));
    recipe.change("vary.seed", "[0]");
    recipe.cook();
    let report = recipe.json("report", &[]);
    let starts: Vec<f64> = recipe.records(&report).iter().map(|record| losses(record)[0]).collect();
    assert!((starts[0] - starts[1]).abs() > 1e-3, "they begin apart: {starts:?}");
    let told = statement(&report, "size-at-equal-loss");
    contains(told["text"].as_str().unwrap(), &["Nothing to compare: before any tuning"]);
    contains(report["headline"].as_str().unwrap(), &["equal fine-tuning loss does not tell"]);
}

fn losses(record: &Record) -> Vec<f64> {
    record.points.iter().filter_map(|point| point.fine_tuning_loss).collect()
}

/// KL where the loss first comes to a level, along the logarithm of the loss.
fn at_loss(record: &Record, level: f64) -> f64 {
    let kl: Vec<f64> = record.points.iter().map(|point| point.measures.forgetting.as_ref().unwrap().kl).collect();
    let losses = losses(record);
    let after = losses.iter().position(|&loss| loss <= level).unwrap();
    let part = libm::log(losses[after - 1] / level) / libm::log(losses[after - 1] / losses[after]);
    kl[after - 1] + part * (kl[after] - kl[after - 1])
}
