//! The published schema holds of real records, and refuses what readers refuse.

use serde_json::Value;

use crate::json;
use crate::made::ALL;

fn schema() -> Value {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/llama-record.schema.json");
    serde_json::from_str(&std::fs::read_to_string(file).expect("the schema")).expect("JSON")
}

/// What is wrong with a value, by JSON Schema 2020-12 as far as this schema uses it; a keyword beyond is a defect.
fn wrong(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (keyword, rule) in schema.as_object().expect("a schema is an object") {
        let number = || (value.as_f64(), rule.as_f64().unwrap_or(f64::NAN));
        let holds = match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" => true,
            "$ref" => {
                let name = rule.as_str().and_then(|text| text.strip_prefix("#/$defs/")).expect("a definition");
                found.extend(wrong(root, &root["$defs"][name], value, at));
                root["$defs"].get(name).is_some()
            }
            "anyOf" => {
                let mut ways = rule.as_array().expect("ways").iter();
                ways.any(|way| wrong(root, way, value, at).is_empty())
            }
            "const" => value == rule,
            "type" => match rule.as_str().expect("a type") {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "boolean" => value.is_boolean(),
                "null" => value.is_null(),
                "number" => value.is_number(),
                "integer" => value.is_i64() || value.is_u64(),
                other => panic!("no type {other}"),
            },
            "minimum" => number().0.is_none_or(|own| own >= number().1),
            "maximum" => number().0.is_none_or(|own| own <= number().1),
            "exclusiveMaximum" => number().0.is_none_or(|own| own < number().1),
            "maxItems" => value.as_array().is_none_or(|items| items.len() as u64 <= rule.as_u64().expect("a count")),
            "pattern" => {
                let pattern = regex::Regex::new(rule.as_str().expect("a pattern")).expect("a pattern");
                value.as_str().is_none_or(|text| pattern.is_match(text))
            }
            "properties" => {
                for (name, rule) in rule.as_object().expect("properties") {
                    let own = value.get(name).map(|own| wrong(root, rule, own, &format!("{at}.{name}")));
                    found.extend(own.into_iter().flatten());
                }
                // Without it a misspelt property would hold of everything.
                let known = |name: &String| rule.get(name).is_some();
                value.as_object().is_none_or(|object| object.keys().all(known))
            }
            "required" => {
                let has = |name: &Value| value.get(name.as_str().expect("a name")).is_some();
                !value.is_object() || rule.as_array().expect("names").iter().all(has)
            }
            "items" => {
                for (k, item) in value.as_array().into_iter().flatten().enumerate() {
                    found.extend(wrong(root, rule, item, &format!("{at}[{k}]")));
                }
                true
            }
            other => panic!("the schema uses {other}, which this test does not know"),
        };
        if !holds {
            found.push(format!("{at}: {keyword}"));
        }
    }
    found
}

#[test]
fn the_schema_names_everything_in_the_committed_records() {
    let schema = schema();
    for asked in ALL {
        let value: Value = serde_json::from_str(&json(asked.name)).expect("JSON");
        assert_eq!(wrong(&schema, &schema, &value, asked.name), Vec::<String>::new());
    }
}

#[test]
fn the_schema_refuses_what_no_record_is() {
    let schema = schema();
    let good: Value = serde_json::from_str(&json("rank-2")).expect("JSON");
    let refused = |pointer: &str, other: Value| {
        let mut value = good.clone();
        *value.pointer_mut(pointer).expect("a field of a record") = other;
        let found = wrong(&schema, &schema, &value, "");
        assert!(!found.is_empty(), "{pointer} was accepted");
    };
    refused("/schema", 2.into());
    refused("/experiment", "laws".into());
    refused("/run_id", "a/b".into());
    refused("/replay", 2.into());
    refused("/ending", "fine".into());
    refused("/points/1/step", (-1).into());
    refused("/points/1/measures/forgetting/tokens", "many".into());
    refused("/points/1/measures/tasks/0/prompts/0/tuned/acc/count", 0.5.into());
    let mut lacking = good.clone();
    lacking.as_object_mut().expect("an object").remove("timing");
    assert!(!wrong(&schema, &schema, &lacking, "").is_empty());
}
