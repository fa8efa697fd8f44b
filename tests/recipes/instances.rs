//! Fine-tuning sets by benchmarks.

use super::kitchen::{Recipe, contains, of, statement, value};

#[test]
fn where_forgetting_shows_is_a_matrix_of_data_and_benchmarks() {
    let mut recipe = Recipe::small("instances", "instances");
    recipe.run("model", &of("medium"));
    recipe.run("training.steps", "30");
    recipe.ask(&["facts", "sums", "composed"], 80);
    recipe.refuse();
    let orca = format!("{{ files = [{}], format = \"chat\", template = \"chat\" }}", of("orca.jsonl"));
    let news = format!("{{ files = [{}], format = \"text\" }}", of("news.jsonl"));
    let same = format!("{{ files = [{}], format = \"text\" }}", of("pretraining.jsonl"));
    recipe.change(
        "vary.set",
        &format!(
            "[{{ name = \"Orca\", data = {orca} }}, {{ name = \"<i>News</i>\", data = {news} }}, {{ name = \"as before\", data = {same} }}]"
        ),
    );
    recipe.cook();
    let report = recipe.json("report", &[]);
    let records = recipe.records(&report);
    let matrix = &report["matrix"];
    assert_eq!(matrix["data"].as_array().unwrap().len(), 3);
    let benchmarks = ["facts", "sums", "composed", "refuses harm", "refuses harmless requests"];
    assert_eq!(matrix["benchmarks"], serde_json::json!(benchmarks));
    let mut worse = 0;
    for (row, record) in records.iter().enumerate() {
        let measures = &record.points.last().unwrap().measures;
        let refusals = measures.refusals.as_ref().unwrap();
        let mut expected: Vec<f64> = measures
            .tasks
            .iter()
            .map(|task| task.prompts[0].tuned.acc.fraction() - task.prompts[0].base.acc.fraction())
            .collect();
        expected.push(refusals.tuned.harmful.fraction() - refusals.base.harmful.fraction());
        expected.push(refusals.tuned.harmless.fraction() - refusals.base.harmless.fraction());
        for (column, change) in expected.into_iter().enumerate() {
            let cell = &matrix["cells"][row][column];
            assert!((cell["change"].as_f64().unwrap() - change).abs() < 1e-12, "{cell} {change}");
            let [low, high] = [0, 1].map(|end| cell["range"][end].as_f64().unwrap());
            assert!(low <= change && change <= high, "{cell}");
            let p_value = report["runs"][row]["compared"][column]["p_value"].as_f64().unwrap();
            assert_eq!(cell["verdict"] != "unsure", p_value <= 0.05, "{cell} {p_value}");
            worse += usize::from(cell["verdict"] == "worse");
        }
        let kl = measures.forgetting.as_ref().unwrap().kl;
        assert!((matrix["moved"][row][0].as_f64().unwrap() - kl).abs() < 1e-12);
    }
    assert!(worse >= 1, "{matrix:#}");
    assert_eq!(value(statement(&report, "matrix"), "worse") as usize, worse);
    contains(report["headline"].as_str().unwrap(), &["Forgetting shows in ", "Of 15 comparisons with the base"]);
    // What it was pre-trained on costs it nothing that is sure.
    assert!(matrix["cells"][2].as_array().unwrap().iter().all(|cell| cell["verdict"] != "worse"), "{matrix:#}");
    let page = recipe.page();
    contains(&page, &["Data sets by benchmarks", "&lt;i&gt;News&lt;/i&gt;", "where does forgetting show?", "15 cells"]);
    assert!(!page.contains("<i>News"), "names are no markup");
}
