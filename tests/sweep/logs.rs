//! What a run logs.

use std::path::Path;
use std::process::Command;

use lethe::native::llama::log::{Log, event, record};

use super::folder;

const COLUMNS: [&str; 2] = ["loss", "fine_tuning_loss"];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Written by TensorFlow's `TFRecordWriter` and protocol buffers, as TensorBoard 2.20 has them: `tests/golden/events.py`.
#[test]
fn events_have_the_bytes_that_tensorboard_writes() {
    let golden = include_str!("../golden/events.json");
    let golden: serde_json::Value = serde_json::from_str(golden).unwrap();
    let own = record(&event(1.5, 300, &[("loss", 2.25), ("fine_tuning_loss", -0.5)]));
    assert_eq!(hex(&own), golden["record"].as_str().unwrap());
    assert_eq!(hex(&record(b"")), golden["empty"].as_str().unwrap());
}

fn log(folder: &Path, resumed: Option<u64>, steps: std::ops::Range<u64>) {
    let mut log = Log::open(folder, &COLUMNS, resumed).unwrap_or_else(|_| panic!("a log in {}", folder.display()));
    for step in steps {
        let value = step as f64 / 8.0 + if resumed.is_some() { 100.0 } else { 0.0 };
        let looked = step.is_multiple_of(2).then_some(-value);
        log.row(step, &[Some(value), looked]).unwrap_or_else(|_| panic!("a row"));
    }
}

fn table(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("log.csv")).unwrap()
}

#[test]
fn a_resumed_table_has_no_row_twice_and_none_that_was_half_written() {
    let folder = folder("table");
    log(&folder, None, 1..5);
    assert_eq!(table(&folder), "step,loss,fine_tuning_loss\n1,0.125,\n2,0.25,-0.25\n3,0.375,\n4,0.5,-0.5\n");
    std::fs::write(folder.join("log.csv"), table(&folder) + "5,0.6").unwrap();
    log(&folder, Some(2), 3..5);
    assert_eq!(table(&folder), "step,loss,fine_tuning_loss\n1,0.125,\n2,0.25,-0.25\n3,100.375,\n4,100.5,-100.5\n");
    log(&folder, None, 1..2);
    assert_eq!(table(&folder), "step,loss,fine_tuning_loss\n1,0.125,\n", "a run that begins anew begins a new table");
    assert!(Log::open(&folder, &["other"], Some(1)).is_err(), "other columns are not mixed");
}

#[test]
#[ignore = "needs Python with tensorboard: LETHE_TENSORBOARD_PYTHON says where"]
fn tensorboard_reads_the_events_of_a_resumed_run() {
    let python = std::env::var("LETHE_TENSORBOARD_PYTHON").unwrap();
    let folder = folder("events");
    log(&folder, None, 1..5);
    log(&folder, Some(2), 3..5);
    let code = "
import sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1]).Reload()
print([[(e.step, e.value) for e in events.Scalars(tag)] for tag in ('loss', 'fine_tuning_loss')])";
    let done = Command::new(python).args(["-c", code, folder.to_str().unwrap()]).output().unwrap();
    let told = super::text(&done.stdout);
    assert_eq!(
        told.trim(),
        "[[(1, 0.125), (2, 0.25), (3, 100.375), (4, 100.5)], [(2, -0.25), (4, -100.5)]]",
        "{}",
        super::text(&done.stderr)
    );
}
