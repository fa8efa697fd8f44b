//! What a record holds is read back, what is wrong with one is named, and the laws take it.

use lethe::laws::import::{self, Options};
use lethe::laws::{Observation, Observations};
use lethe::record::llama::{Measure, Record, courses, tidy};
use serde_json::Value;

use crate::made::{ALL, folder, made};
use crate::{json, record};

/// The fields that are refused when one of a record's is something else.
fn refused(pointer: &str, other: impl Into<Value>) -> Vec<String> {
    let mut value: Value = serde_json::from_str(&json("rank-8")).expect("JSON");
    *value.pointer_mut(pointer).expect("a field of a record") = other.into();
    match Record::read(value.to_string().as_bytes()) {
        Ok(_) => panic!("{pointer} was taken"),
        Err(problems) => problems.0.into_iter().map(|problem| problem.field).collect(),
    }
}

#[test]
fn a_record_reads_back_as_it_was() {
    let record = record("rank-8");
    let json = serde_json::to_vec(&record).expect("JSON");
    assert_eq!(Record::read(&json).expect("its own record"), record);
    assert!(Record::is_one(&json));
    assert!(!Record::is_one(b"{\"experiment\": \"laws\"}") && !Record::is_one(b"step,loss\n"));
}

#[test]
fn the_committed_records_are_of_this_code() {
    // Single precision on another processor may turn the last bits, and with them an answer or two.
    let made = made(ALL[0]);
    let kept = record(ALL[0].name);
    let ends = |record: &Record| {
        let last = record.points.last().expect("checkpoints");
        let forgetting = last.measures.forgetting.as_ref().expect("measured");
        [last.fine_tuning_loss.expect("measured"), forgetting.soft_cross_entropy, forgetting.nll]
    };
    for (own, other) in ends(&made).iter().zip(ends(&kept)) {
        assert!((own / other - 1.0).abs() < 0.02, "{own} and {other}");
    }
    let steps = |record: &Record| record.points.iter().map(|point| (point.step, point.new)).collect::<Vec<_>>();
    assert_eq!(steps(&made), steps(&kept));
    assert_eq!((made.settings, made.tuning, made.model), (kept.settings, kept.tuning, kept.model));
}

#[test]
fn a_record_of_ever_new_names_is_refused() {
    let mut value: Value = serde_json::from_str(&json("rank-8")).expect("JSON");
    let points = value["points"].as_array_mut().expect("checkpoints");
    for (step, point) in points.iter_mut().enumerate() {
        let task = point["measures"]["tasks"][0].clone();
        let named = |number: usize| {
            let mut task = task.clone();
            task["name"] = format!("{step}, {number}").into();
            task
        };
        point["measures"]["tasks"] = (0..300).map(named).collect::<Vec<_>>().into();
    }
    let problems = Record::read(value.to_string().as_bytes()).expect_err("too many to be a table");
    let fields: Vec<&str> = problems.0.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, ["names of tasks and prompts, over all points"]);
}

#[test]
fn what_is_wrong_with_a_record_is_named() {
    assert_eq!(refused("/schema", 2), ["schema"]);
    assert_eq!(refused("/experiment", "laws"), ["experiment"]);
    assert_eq!(refused("/run_id", "../../etc"), ["run_id"]);
    assert_eq!(refused("/replay", 1.5), ["replay"]);
    assert_eq!(refused("/tuning/parameters", 0), ["tuning.parameters"]);
    assert_eq!(refused("/model/parameters", u64::MAX), ["model.parameters"]);
    assert_eq!(refused("/timing/seconds", -1.0), ["timing.seconds"]);
    assert_eq!(refused("/points/3/step", 2), ["points[3].step"]);
    assert_eq!(refused("/points/3/new/tokens", u64::MAX), ["points[3].new.tokens"]);
    assert_eq!(refused("/points/3/fine_tuning_loss", -0.1), ["points[3].fine_tuning_loss"]);
    let measures = "/points/2/measures";
    let at = |path: &str, other: Value| refused(&format!("{measures}/{path}"), other);
    assert_eq!(at("forgetting/kl", 1e7.into()), ["points[2].forgetting.kl"]);
    assert_eq!(at("forgetting/stride", 0.into()), ["points[2].forgetting.stride"]);
    assert_eq!(at("forgetting/windows/4", (-1.0).into()), ["points[2].forgetting.windows"]);
    assert_eq!(at("forgetting/agreement/count", 10_000.into()), ["points[2].forgetting.agreement"]);
    assert_eq!(
        at("tasks/0/prompts/1/tuned/acc_norm/count", 9_999.into()),
        ["points[2].tasks[0].prompts[1].tuned.acc_norm"]
    );
    assert_eq!(
        at("tasks/0/prompts/1/tuned/preferred/0", 9_999.into()),
        ["points[2].tasks[0].prompts[1].tuned.preferred"]
    );
    assert_eq!(
        at("tasks/0/prompts/0/base/confusion/counts", serde_json::json!([[1]])).len(),
        2,
        "neither square nor all"
    );
    assert_eq!(at("refusals/tuned/harmful/count", 9_999.into()), ["points[2].refusals.tuned.harmful"]);
    assert_eq!(at("perplexities/1/nll", (-1.0).into()), ["points[2].perplexities[1].nll"]);
    let many = |path: &str, value: Value, count: usize| at(path, Value::Array(vec![value; count]));
    let text = serde_json::json!({ "prompt": "", "base": "", "tuned": "" });
    assert_eq!(many("generations", text, 10_001), ["points[2].generations"]);
    assert_eq!(many("tasks", serde_json::json!({ "name": "", "shots": 0, "prompts": [] }), 1001), ["points[2].tasks"]);
}

#[test]
fn what_is_no_record_at_all_is_refused_in_words() {
    let field = |bytes: &[u8]| Record::read(bytes).expect_err("no record").0[0].field.clone();
    assert_eq!(field(b"{}"), "record");
    assert_eq!(field(b"\xff\xfe"), "record");
    assert_eq!(field(&vec![b' '; (64 << 20) + 1]), "record");
    assert_eq!(field("[".repeat(100_000).as_bytes()), "record");
    let infinite = json("rank-2").replacen("\"kl\":", "\"kl\":1e999,\"was\":", 1);
    assert_eq!(field(infinite.as_bytes()), "record");
}

#[test]
fn the_laws_are_fitted_to_it() {
    let record = record("rank-8-replay");
    let observations = record.observations();
    assert_eq!(observations.len(), record.points.len() - 1, "step 0 has no place in a law of steps");
    let (last, point) = (observations.last().expect("some"), record.points.last().expect("some"));
    let forgetting = point.measures.forgetting.as_ref().expect("measured");
    let expected = Observation {
        parameters: record.tuning.parameters as f64,
        steps: 120.0,
        fine_tuning_loss: point.fine_tuning_loss.expect("measured"),
        forgetting: forgetting.soft_cross_entropy,
        replay: Some(0.25),
        tokens: Some(point.new.tokens as f64),
        model_parameters: Some(46_560.0),
        run: Some("rank-8-replay".to_owned()),
        family: Some("lora".to_owned()),
    };
    assert_eq!(*last, expected);
    let diverged = json("rank-8").replace("\"ending\":\"complete\"", "\"ending\":{\"diverged\":121}");
    assert!(Record::read(diverged.as_bytes()).expect("a record").observations().is_empty());

    let files = ALL.map(|asked| folder().join(format!("{}.json", asked.name)).to_str().expect("a path").to_owned());
    let told = std::process::Command::new(env!("CARGO_BIN_EXE_lethe"))
        .args(["laws", "fit", "--bootstrap", "0", "--json", "--warm-up", "1"])
        .args(&files)
        .output()
        .expect("it runs");
    let told: Value = serde_json::from_slice(&told.stdout).expect("one object");
    assert_eq!(told["observations"], 3 * 8, "all but step 0");
}

#[test]
fn the_csv_has_a_row_for_everything_measured() {
    let record = record("rank-8");
    let csv = tidy(&record);
    let mut rows = csv.lines();
    let columns: Vec<&str> = rows.next().expect("a header").split(',').collect();
    assert_eq!(columns[..2], ["run", "step"]);
    assert_eq!(rows.count(), courses(&record.points).iter().map(|course| course.points.len()).sum::<usize>());
    let place = |name: &str| columns.iter().position(|column| *column == name).expect("a column");
    let kl = csv.lines().rfind(|row| row.split(',').nth(place("measure")) == Some("kl")).expect("the last");
    let fields: Vec<f64> = ["value", "low", "high"]
        .map(|name| kl.split(',').nth(place(name)).expect("a field").parse().expect("a number"))
        .to_vec();
    let forgetting = record.points.last().expect("some").measures.forgetting.as_ref().expect("measured");
    assert_eq!(fields[0], forgetting.kl, "in full");
    assert!(fields[1] < fields[0] && fields[0] < fields[2] && fields[1] > 0.0);
    // A table of measures is no table of runs, and says so.
    assert!(import::read(csv.as_bytes(), &Options::default()).is_err());
    assert_eq!(Observations::gather(record.observations()).runs().len(), 1);
}

#[test]
fn an_interval_of_forgetting_is_that_of_the_paired_windows() {
    let record = record("rank-8");
    let courses = courses(&record.points);
    let of = |measure| courses.iter().find(|course| course.measure == measure).expect("measured");
    let width = |measure| {
        let [low, high] = of(measure).points.last().expect("some").1.interval.expect("windows");
        high - low
    };
    let windows = |place: usize| record.points[place].measures.forgetting.as_ref().expect("measured").windows.clone();
    let (start, end) = (windows(0), windows(record.points.len() - 1));
    let rises: Vec<f64> = end.iter().zip(&start).map(|(a, b)| a - b).collect();
    let mean = rises.iter().sum::<f64>() / rises.len() as f64;
    let variance = rises.iter().map(|rise| (rise - mean) * (rise - mean)).sum::<f64>() / (rises.len() - 1) as f64;
    let by_hand = 2.0 * 1.959_964 * (variance / rises.len() as f64).sqrt();
    assert!((width(Measure::Kl) - by_hand).abs() < 1e-5, "{} and {by_hand}", width(Measure::Kl));
    assert!((mean - of(Measure::Kl).points.last().expect("some").1.value).abs() < 1e-6, "L_f less the base's entropy");
    let agreement = &of(Measure::Agreement).points[0].1;
    assert_eq!((agreement.value, agreement.interval.map(|ends| ends[1])), (1.0, Some(1.0)), "nothing has moved");
}
