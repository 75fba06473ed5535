use serde_json::Value;

/// The first field in which two values differ, with both: `"epochs is 20 there and 30 here"`.
pub(super) fn difference(at: &str, here: &Value, there: &Value) -> Option<String> {
    match (here, there) {
        (Value::Object(one), Value::Object(other)) => {
            one.keys().chain(other.keys()).find_map(|key| {
                let value =
                    |map: &serde_json::Map<_, _>| map.get(key).cloned().unwrap_or(Value::Null);
                let at = match at {
                    "" => key.clone(),
                    at => format!("{at}.{key}"),
                };
                difference(&at, &value(one), &value(other))
            })
        }
        (here, there) if here == there => None,
        _ => Some(format!("{at} is {here} there and {there} here")),
    }
}
