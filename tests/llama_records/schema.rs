//! The published schema holds of real records, and refuses what readers refuse.

use serde_json::Value;

use crate::json;
use crate::made::ALL;
use crate::schemas::{assert_needs, assert_refuses, schema, wrong};

#[test]
fn the_schema_names_everything_in_the_committed_records() {
    let schema = schema("llama-record");
    for asked in ALL {
        let value: Value = serde_json::from_str(&json(asked.name)).expect("JSON");
        assert_eq!(wrong(&schema, &value), Vec::<String>::new(), "{}", asked.name);
    }
}

#[test]
fn the_schema_refuses_what_no_record_is() {
    let schema = schema("llama-record");
    let good: Value = serde_json::from_str(&json("rank-2")).expect("JSON");
    let refused = |pointer: &str, other: Value| assert_refuses(&schema, &good, pointer, other);
    refused("/schema", 2.into());
    refused("/experiment", "laws".into());
    refused("/run_id", "a/b".into());
    refused("/replay", 2.into());
    refused("/ending", "fine".into());
    refused("/points/1/step", (-1).into());
    refused("/points/1/measures/forgetting/tokens", "many".into());
    refused("/points/1/measures/tasks/0/prompts/0/tuned/acc/count", 0.5.into());
    assert_needs(&schema, &good, "timing");
}
