//! Published schemas of records, held against records.

use serde_json::Value;

/// The schema of that name in `docs/`.
pub fn schema(name: &str) -> Value {
    let file = format!("{}/docs/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(file).expect("the schema")).expect("JSON")
}

/// What is wrong with a value, by a schema.
pub fn wrong(schema: &Value, value: &Value) -> Vec<String> {
    within(schema, schema, value, "")
}

/// What is wrong with a value, by JSON Schema 2020-12 as far as these schemas use it; a keyword beyond is a defect.
fn within(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (keyword, rule) in schema.as_object().expect("a schema is an object") {
        let number = || (value.as_f64(), rule.as_f64().unwrap_or(f64::NAN));
        let holds = match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" => true,
            "$ref" => {
                let name = rule.as_str().and_then(|text| text.strip_prefix("#/$defs/")).expect("a definition");
                found.extend(within(root, &root["$defs"][name], value, at));
                root["$defs"].get(name).is_some()
            }
            "anyOf" => {
                let mut ways = rule.as_array().expect("ways").iter();
                ways.any(|way| within(root, way, value, at).is_empty())
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
            "exclusiveMinimum" => number().0.is_none_or(|own| own > number().1),
            "exclusiveMaximum" => number().0.is_none_or(|own| own < number().1),
            "enum" => rule.as_array().expect("values").contains(value),
            "minLength" => value.as_str().is_none_or(|text| text.len() as u64 >= rule.as_u64().expect("a count")),
            "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= rule.as_u64().expect("a count")),
            "maxItems" => value.as_array().is_none_or(|items| items.len() as u64 <= rule.as_u64().expect("a count")),
            "pattern" => {
                let pattern = regex::Regex::new(rule.as_str().expect("a pattern")).expect("a pattern");
                value.as_str().is_none_or(|text| pattern.is_match(text))
            }
            "properties" => {
                for (name, rule) in rule.as_object().expect("properties") {
                    let own = value.get(name).map(|own| within(root, rule, own, &format!("{at}.{name}")));
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
                    found.extend(within(root, rule, item, &format!("{at}[{k}]")));
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

/// Asserts that a schema refuses a record that it accepts once something else stands in a place of it.
pub fn assert_refuses(schema: &Value, good: &Value, pointer: &str, other: Value) {
    let mut value = good.clone();
    *value.pointer_mut(pointer).expect("a field of the record") = other;
    assert!(!wrong(schema, &value).is_empty(), "{pointer} was accepted");
}

/// Asserts that a schema refuses a record without a field.
pub fn assert_needs(schema: &Value, good: &Value, name: &str) {
    let mut value = good.clone();
    assert!(value.as_object_mut().expect("an object").remove(name).is_some(), "{name} is a field");
    assert!(!wrong(schema, &value).is_empty(), "without {name} it was accepted");
}
