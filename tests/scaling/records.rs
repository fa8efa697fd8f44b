//! Records, fingerprints, CSV.

use lethe::experiments::scaling::{Limits, Results};
use lethe::laws::import::{self, Options};
use lethe::laws::{Observation, Observations};
use lethe::model::Size;
use lethe::record::scaling::{Link, Record, Taken, against_fingerprint, tidy};
use lethe::record::{Agreement, Timing};

use crate::schemas::{assert_needs, assert_refuses, schema, wrong};
use crate::{results, spec};

fn small() -> Results {
    results(&spec(|spec| {
        spec.bases = vec![Size::Small];
        (spec.ranks, spec.seeds, spec.steps) = (vec![1, 4], vec![0, 1], 6);
    }))
}

fn record(results: &Results) -> Record {
    Record::of(results, "a test", Timing { seconds: 1.0, workers: 1 })
}

#[test]
fn a_record_holds_everything_and_reads_back() {
    let results = small();
    assert!(results.is_complete());
    let record = record(&results);
    let json = serde_json::to_string(&record).expect("JSON");
    let (read, checked) = Record::read(&json, &Limits::PAGE).expect("its own record");
    assert_eq!(read, record);
    assert_eq!(read.results(checked).expect("its series"), results);
    assert_eq!(record.agreement(&read), Agreement::Exact);
    assert_eq!(record.summary.cells.len(), 2);
    assert_eq!(record.summary.cells[1].rank, Some(4));
    assert_eq!(record.summary.cells[1].forgetting.n, 2);
}

#[test]
fn a_rerun_is_told_apart_from_another_run() {
    let results = small();
    let (record, taken) = (record(&results), Taken::of(&results));
    assert_eq!(against_fingerprint(&results, &taken, &taken.fingerprint), Agreement::Exact);
    let changed = |change: &dyn Fn(&mut Record)| {
        let mut changed = record.clone();
        change(&mut changed);
        // A forger would write a summary that follows.
        let spec = changed.spec.clone().check(&Limits::PAGE).expect("the same spec");
        let results = changed.results(spec).expect("finite numbers");
        changed.summary = Record::of(&results, "a test", changed.timing).summary;
        changed.agreement(&record)
    };
    let near = changed(&|record| record.series[0].points[2].forgetting *= 1.0 + 1e-4);
    assert!(matches!(near, Agreement::Within(d) if d > 5e-5 && d < 2e-4), "{near:?}");
    let turned = changed(&|record| {
        let last = record.series[0].points.last_mut().expect("points");
        last.abilities.as_mut().expect("tested").get_mut("kept").expect("counted")[0] -= 2;
        last.kl += 1e-4;
    });
    assert!(matches!(turned, Agreement::Within(_)), "{turned:?}");
    let differs = |change: &dyn Fn(&mut Record)| match changed(change) {
        Agreement::Differs { place, .. } => place,
        other => panic!("{other:?}"),
    };
    assert_eq!(differs(&|record| record.series[3].points[1].fine_tuning_loss *= 1.1), "step 1, seed 1, cell 1");
    assert_eq!(differs(&|record| record.series[0].points[1].kl += 0.01), "step 1, seed 0, cell 0");
    assert_eq!(differs(&|record| record.series[0].points[1].forgetting = 1e30), "step 1, seed 0, cell 0");
    assert_eq!(
        differs(&|record| {
            let last = record.series[0].points.last_mut().expect("points");
            last.abilities.as_mut().expect("tested").get_mut("composed").expect("counted")[0] -= 9;
        }),
        "step 6, seed 0, cell 0"
    );
    assert_eq!(
        differs(&|record| record.series[0].points.last_mut().expect("points").texts[0].tuned = "better".to_owned()),
        "step 6, seed 0, cell 0"
    );
    let mut praised = record.clone();
    praised.summary.cells[0].abilities.insert("kept".to_owned(), 0.12);
    let Agreement::Differs { place, .. } = praised.agreement(&record) else { panic!("a summary of nothing") };
    assert!(place.starts_with("the summary"));
    let mut other = taken.fingerprint.clone();
    other.hash = "00000000".to_owned();
    other.medians[0] *= 1.05;
    let Agreement::Differs { place, .. } = against_fingerprint(&results, &taken, &other) else { panic!("5 %") };
    assert_eq!(place, "step 1, rank 1");
}

#[test]
fn the_schema_names_everything_in_a_record_and_refuses_what_none_is() {
    let (schema, record) = (schema("laws-record"), serde_json::to_value(record(&small())).expect("JSON"));
    assert_eq!(wrong(&schema, &record), Vec::<String>::new());
    record.as_object().expect("an object").keys().for_each(|name| assert_needs(&schema, &record, name));
    assert_refuses(&schema, &record, "/spec/experiment", "width".into());
    assert_refuses(&schema, &record, "/series/0/points/1/kl", "none".into());
}

#[test]
fn what_a_record_leaves_out_of_its_spec_has_its_default() {
    let record = record(&small());
    let mut json = serde_json::to_value(&record).expect("JSON");
    let spec = json["spec"].as_object_mut().expect("an object");
    let names: Vec<String> = spec.keys().cloned().collect();
    for name in names.iter().filter(|name| !["bases", "ranks", "steps", "seeds"].contains(&name.as_str())) {
        spec.remove(name);
    }
    assert_eq!(Record::read(&json.to_string(), &Limits::PAGE).expect("the defaults").0, record);
}

#[test]
fn a_build_that_pretends_to_be_more_stays_a_build() {
    let link = Link::write(&spec(|_| ()), Some("1&ft=4000#x"), None, &[]);
    let (read, problems) = Link::read(&link, &Limits::PAGE);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!((read.spec.steps, read.build.as_deref()), (200, Some("1&ft=4000#x")));
}

#[test]
fn a_record_from_anywhere_is_checked() {
    let record = record(&small());
    let refused = |change: &dyn Fn(&mut Record)| {
        let mut changed = record.clone();
        change(&mut changed);
        let json = serde_json::to_string(&changed).expect("JSON");
        let read = Record::read(&json, &Limits::PAGE);
        match read.and_then(|(record, spec)| record.results(spec)) {
            Ok(_) => panic!("it was taken"),
            Err(problems) => problems.0[0].field.clone(),
        }
    };
    assert_eq!(refused(&|record| record.schema = 9), "schema");
    assert_eq!(refused(&|record| record.spec.steps = 7), "run_id");
    assert_eq!(refused(&|record| record.spec.experiment = "width".to_owned()), "experiment");
    assert_eq!(
        refused(&|record| {
            record.series.pop();
        }),
        "series"
    );
    assert_eq!(refused(&|record| record.series[1].points[2].step = 1), "series of seed 0, cell 1");
    assert_eq!(refused(&|record| record.series[1].points[2].kl = 1e39), "series of seed 0, cell 1");
    assert_eq!(Record::read("{}", &Limits::PAGE).expect_err("no record").0[0].field, "record");
    assert_eq!(Record::read("not JSON", &Limits::PAGE).expect_err("no record").0[0].field, "record");
}

#[test]
fn a_record_is_read_by_the_fits() {
    let results = small();
    let json = serde_json::to_string(&record(&results)).expect("JSON");
    let read = Record::observations(json.as_bytes()).expect("a record").expect("a good one");
    assert_eq!(read.len(), results.observations().len());
    for (own, other) in results.observations().into_iter().zip(&read) {
        assert!(other.run.as_ref().is_some_and(|run| run.ends_with(own.run.as_deref().expect("a name"))));
        assert_eq!(Observation { run: None, ..other.clone() }, Observation { run: None, ..own });
    }
    assert!(Record::observations(b"parameters,steps\n1,2\n").is_none());
    assert!(Record::observations(b"{\"log_history\": []}").is_none());
    let other = json.replace("\"schema\":1", "\"schema\":7");
    assert!(Record::observations(other.as_bytes()).is_some_and(|read| read.is_err()));

    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("laws-record.json");
    std::fs::write(&file, &json).expect("a file");
    let lethe = |warm_up: &str| {
        let fit = ["laws", "fit", file.to_str().expect("a path"), "--bootstrap", "0", "--json", "--warm-up", warm_up];
        std::process::Command::new(env!("CARGO_BIN_EXE_lethe")).args(fit).output().expect("it runs")
    };
    let told: serde_json::Value = serde_json::from_slice(&lethe("1").stdout).expect("one object");
    assert_eq!(told["observations"], results.observations().len());
    assert_eq!(lethe("50").status.code(), Some(2), "nothing is left after 50 steps");
}

#[test]
fn the_csv_is_read_by_the_fits() {
    let results = small();
    let read = import::read(tidy(&results).as_bytes(), &Options::default()).expect("a table");
    // Step 0 has no place in a law of steps.
    let own = Observations::gather(results.observations());
    let other = Observations::gather(read.observations).after(0.0);
    assert_eq!(other.len(), own.len());
    assert_eq!(other.runs().len(), own.runs().len());
    for ((_, a), (_, b)) in other.rows().iter().zip(own.rows()) {
        assert_eq!(
            (a.parameters, a.steps, a.replay, a.model_parameters),
            (b.parameters, b.steps, b.replay, b.model_parameters)
        );
        assert!((a.forgetting - b.forgetting).abs() < 1e-6 && (a.fine_tuning_loss - b.fine_tuning_loss).abs() < 1e-6);
    }
}
