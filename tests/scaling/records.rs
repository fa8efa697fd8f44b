//! Records, fingerprints, CSV.

use lethe::experiments::scaling::{Limits, Results};
use lethe::laws::import;
use lethe::laws::{Observations, import::Options};
use lethe::model::Size;
use lethe::record::scaling::{Record, Taken, against_fingerprint, tidy};
use lethe::record::{Agreement, Timing};

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
    let mut near = record.clone();
    near.series[0].points[2].forgetting *= 1.0 + 1e-4;
    near.fingerprint = "a00000000".to_owned();
    assert!(matches!(near.agreement(&record), Agreement::Within(d) if d > 5e-5 && d < 2e-4));
    let mut far = record.clone();
    far.series[3].points[1].fine_tuning_loss *= 1.1;
    let Agreement::Differs { place, .. } = far.agreement(&record) else { panic!("a tenth is no rounding") };
    assert_eq!(place, "step 1, seed 1, cell 1");
    let mut other = taken.fingerprint.clone();
    other.hash = "00000000".to_owned();
    other.medians[0] *= 1.05;
    let Agreement::Differs { place, .. } = against_fingerprint(&results, &taken, &other) else { panic!("5 %") };
    assert_eq!(place, "step 1, rank 1");
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
    assert_eq!(Record::read("{}", &Limits::PAGE).expect_err("no record").0[0].field, "record");
    assert_eq!(Record::read("not JSON", &Limits::PAGE).expect_err("no record").0[0].field, "record");
}

#[test]
fn a_record_is_read_by_the_fits() {
    let results = small();
    let json = serde_json::to_string(&record(&results)).expect("JSON");
    let read = Record::observations(json.as_bytes()).expect("a record").expect("a good one");
    assert_eq!(read, results.observations());
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
