//! Ranks and seeds, with the fits that `lethe laws fit` makes of the gathered table.

use std::process::Command;

use serde_json::Value;

use super::kitchen::{LETHE, Recipe, contains, of, told, value};

#[test]
fn the_laws_of_the_report_are_those_of_laws_fit() {
    let mut recipe = Recipe::small("scaling-laws", "scaling-laws");
    recipe.run("model", &of("small"));
    recipe.run("training.steps", "20");
    recipe.run("evaluation.at", "2");
    recipe.run("tuning.alpha", "8.0");
    recipe.change("vary.tuning.rank", "[2, 4, 8]");
    recipe.change("vary.seed", "[0, 1]");
    let orca = format!("data = {{ files = [{}], format = \"chat\", template = \"chat\" }}", of("orca.jsonl"));
    let news = format!("data = {{ files = [{}], format = \"text\" }}", of("news.jsonl"));
    recipe.change("vary.set", &format!("[{{ name = \"Orca\", {orca} }}, {{ name = \"News\", {news} }}]"));
    recipe.cook();
    let gathered = recipe.json("gather", &[]);
    assert_eq!(gathered["runs"], 12);
    let report = recipe.json("report", &[]);
    let records = recipe.records(&report);
    // Each set is fitted by itself; the first 3 of 20 steps are left out, as 50 of 260 are in the paper.
    let lines: Vec<&Value> =
        report["statements"].as_array().unwrap().iter().filter(|statement| statement["id"] == "line").collect();
    assert_eq!(lines.len(), 2, "{report:#}");
    for (line, (set, name)) in lines.into_iter().zip([("Orca", "orca"), ("News", "news")]) {
        contains(
            line["text"].as_str().unwrap(),
            &[&format!("set = {set}: Linear law (eq. 4)"), "resamples of whole runs"],
        );
        let runs = report["runs"].as_array().unwrap().iter().zip(&records);
        let own = runs.filter(|(_, record)| record.settings["data"]["files"].to_string().contains(name));
        let file = |run: &Value| recipe.out.join("records").join(format!("{}.json", run["run"].as_str().unwrap()));
        let files: Vec<_> = own.map(|(run, _)| file(run)).collect();
        assert_eq!(files.len(), 6);
        let fit = Command::new(LETHE).args(["laws", "fit", "--warm-up", "3", "--json"]).args(&files).output().unwrap();
        assert!(fit.status.success(), "{}", told(&fit));
        let fit: Value = serde_json::from_slice(&fit.stdout).unwrap();
        for number in ["slope", "intercept", "r2"] {
            let [own, theirs] = [value(line, number), fit["linear"][number].as_f64().unwrap()];
            assert!((own - theirs).abs() < 1e-9 * theirs.abs().max(1.0), "{set}, {number}: {own} and {theirs}");
        }
        let low = fit["intervals"]["linear"]["slope"]["low"].as_f64().unwrap();
        assert!((value(line, "slope_low") - low).abs() < 1e-9, "{set}: {low}");
    }
    contains(report["headline"].as_str().unwrap(), &["set = Orca: Each nat of fine-tuning loss", "set = News: "]);
    let page = recipe.page();
    contains(
        &page,
        &[
            "follow the fine-tuning loss by a line",
            "Forgetting against learning, set = Orca",
            "Both losses over steps, set = News",
            "<td>2, 4, 8</td>",
            "6 or more would tell",
        ],
    );
    // Three ranks over twenty steps cannot tell thirteen parameters apart, and the report does not hide it.
    let warnings = report["warnings"].to_string();
    assert!(warnings.contains("set = Orca: "), "{warnings}");
}
