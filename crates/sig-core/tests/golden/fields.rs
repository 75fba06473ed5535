//! The fields of a case, read with messages that say what is wrong where.

use serde_json::{Map, Value};

use crate::support::tensors::Array;

/// The fields of one case.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a>(pub(crate) &'a Map<String, Value>);

impl<'a> Fields<'a> {
    pub(crate) fn has(self, field: &str) -> bool {
        self.0.contains_key(field)
    }

    pub(crate) fn get(self, field: &str) -> Result<&'a Value, String> {
        self.0
            .get(field)
            .ok_or_else(|| format!("field \"{field}\" is missing"))
    }

    pub(crate) fn text(self, field: &str) -> Result<&'a str, String> {
        self.get(field)?
            .as_str()
            .ok_or_else(|| format!("field \"{field}\" is not a text"))
    }

    pub(crate) fn count(self, field: &str) -> Result<usize, String> {
        let count = self.get(field)?.as_u64().filter(|&count| count > 0);
        count
            .map(|count| count as usize)
            .ok_or_else(|| format!("field \"{field}\" is not a whole number of at least 1"))
    }

    pub(crate) fn number(self, field: &str) -> Result<f64, String> {
        let number = self.get(field)?.as_f64();
        number.ok_or_else(|| format!("field \"{field}\" is not a number"))
    }

    /// Numbers under names of their own; none where the field is not given.
    pub(crate) fn numbers_by_name(self, field: &str) -> Result<Vec<(&'a str, f64)>, String> {
        let Some(value) = self.0.get(field) else {
            return Ok(Vec::new());
        };
        let number =
            |(name, value): (&'a String, &'a Value)| Some((name.as_str(), value.as_f64()?));
        let numbers = value.as_object();
        let numbers = numbers.and_then(|numbers| numbers.iter().map(number).collect());
        numbers.ok_or_else(|| format!("field \"{field}\" is not numbers by name"))
    }

    /// A truth value, false where it is not given.
    pub(crate) fn flag(self, field: &str) -> Result<bool, String> {
        match self.0.get(field) {
            None => Ok(false),
            Some(value) => value
                .as_bool()
                .ok_or_else(|| format!("field \"{field}\" is not true or false")),
        }
    }

    /// A nested list of numbers; a stream of one step and a path of one point are still nested.
    pub(crate) fn array(self, field: &str) -> Result<Array, String> {
        let value = self.get(field)?;
        let mut shape = Vec::new();
        let mut inner = value;
        while let Value::Array(list) = inner {
            shape.push(list.len());
            let Some(first) = list.first() else { break };
            inner = first;
        }
        let mut values = Vec::new();
        flatten(value, &shape, field, &mut values)?;
        Ok(Array::new(shape, values))
    }

    /// A nested list of numbers with so many axes.
    pub(crate) fn array_of(self, field: &str, axes: usize) -> Result<Array, String> {
        let array = self.array(field)?;
        match array.shape.len() == axes {
            true => Ok(array),
            false => Err(format!(
                "field \"{field}\" has {} axes {:?}, expected {axes}",
                array.shape.len(),
                array.shape
            )),
        }
    }

    /// A nested list of numbers of a known shape.
    pub(crate) fn array_like(self, field: &str, shape: &[usize]) -> Result<Array, String> {
        let array = self.array(field)?;
        match array.shape == shape {
            true => Ok(array),
            false => Err(format!(
                "field \"{field}\" has the shape {:?}, expected {shape:?}",
                array.shape
            )),
        }
    }

    /// A list of texts.
    pub(crate) fn texts(self, field: &str) -> Result<Vec<&'a str>, String> {
        let list = self.get(field)?.as_array();
        let texts = list.and_then(|list| list.iter().map(Value::as_str).collect());
        texts.ok_or_else(|| format!("field \"{field}\" is not a list of texts"))
    }

    /// A list of lists of indices, of any lengths.
    pub(crate) fn lists(self, field: &str) -> Result<Vec<Vec<usize>>, String> {
        let index = |value: &Value| value.as_u64().map(|index| index as usize);
        let list = |value: &Value| value.as_array()?.iter().map(index).collect();
        let lists = self.get(field)?.as_array();
        let lists = lists.and_then(|lists| lists.iter().map(list).collect());
        lists.ok_or_else(|| format!("field \"{field}\" is not a list of lists of indices"))
    }

    /// Whole numbers, as many in a row as `width`.
    pub(crate) fn indices(self, field: &str, axes: usize) -> Result<Vec<usize>, String> {
        let whole = |value: f64| match value >= 0.0 && value.fract() == 0.0 {
            true => Ok(value as usize),
            false => Err(format!("field \"{field}\": {value} is not an index")),
        };
        self.array_of(field, axes)?
            .values
            .into_iter()
            .map(whole)
            .collect()
    }
}

fn flatten(
    value: &Value,
    shape: &[usize],
    place: &str,
    values: &mut Vec<f64>,
) -> Result<(), String> {
    match (value, shape) {
        (Value::Array(list), [size, rest @ ..]) if list.len() == *size => {
            for (i, value) in list.iter().enumerate() {
                flatten(value, rest, &format!("{place}[{i}]"), values)?;
            }
            Ok(())
        }
        (Value::Array(list), [size, ..]) => Err(format!(
            "{place} has {} entries, expected {size}",
            list.len()
        )),
        (Value::Number(number), []) => {
            values.push(number.as_f64().ok_or("a number beyond f64")?);
            Ok(())
        }
        (other, _) => Err(format!(
            "{place} is {other}, expected a number or a list as beside it"
        )),
    }
}
