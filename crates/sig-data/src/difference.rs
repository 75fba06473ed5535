use serde::Serialize;
use serde_json::{Map, Value};

/// The first field in which two configurations differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Its name, with dots where it is inside of others.
    pub field: String,
    /// Its value in the first.
    pub before: Value,
    /// Its value in the second.
    pub now: Value,
}

/// Compares two configurations as JSON.
///
/// # Returns
///
/// The first field that differs; nothing if they are the same.
pub fn difference<T: Serialize>(before: &T, now: &T) -> Option<Difference> {
    let value = |config| serde_json::to_value(config).expect("plain data becomes JSON");
    within("", value(before), value(now))
}

fn within(field: &str, before: Value, now: Value) -> Option<Difference> {
    match (before, now) {
        (Value::Object(before), Value::Object(now)) => {
            let value = |map: &Map<_, _>, key| map.get(key).cloned().unwrap_or(Value::Null);
            before.keys().chain(now.keys()).find_map(|key| {
                let field = [field, key].join(if field.is_empty() { "" } else { "." });
                within(&field, value(&before, key), value(&now, key))
            })
        }
        (before, now) => (before != now).then(|| Difference {
            field: field.into(),
            before,
            now,
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_field_is_named_with_its_path() {
        let one = json!({"a": 1, "b": {"c": [1], "d": null}});
        assert_eq!(difference(&one, &one), None);
        let other = json!({"a": 1, "b": {"c": [2], "d": null}});
        let found = difference(&one, &other).unwrap();
        assert_eq!((&*found.field, found.now), ("b.c", json!([2])));
        let fewer = difference(&one, &json!({"a": 1})).unwrap();
        assert_eq!((&*fewer.field, fewer.now), ("b", Value::Null));
    }
}
