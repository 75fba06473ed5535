//! Series that cannot be used, beside others that can.

use sig_data::shown;

use super::missing::plural;

/// Series that are left out, together with those that have the same reason.
#[derive(Default)]
pub(crate) struct LeftOut(Vec<(String, Vec<String>)>);

/// Series whose names are told.
const NAMED: usize = 5;

impl LeftOut {
    /// # Arguments
    ///
    /// - `key`: by what the series is known.
    pub(crate) fn add(&mut self, key: &str, reason: String) {
        let name = shown(key);
        match self.0.iter_mut().find(|(other, _)| *other == reason) {
            Some((_, names)) => names.push(name),
            None => self.0.push((reason, vec![name])),
        }
    }

    /// Tells each reason, with its series.
    pub(crate) fn tell(&self) {
        self.notes().for_each(|note| tell!("note: {note}"));
    }

    fn notes(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(reason, names)| {
            let (_, are) = plural(names.len());
            let more = match names.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let count = names.len();
            let named = names[..count.min(NAMED)].join("; ");
            format!("{count} series {are} left out ({named}{more}): {reason}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_told_once() {
        let mut out = LeftOut::default();
        out.add("x\u{1f}1", "too short".into());
        for series in 0..7 {
            out.add(&format!("s{series}"), "constant".into());
        }
        assert_eq!(
            out.notes().collect::<Vec<_>>(),
            [
                "1 series is left out (x, 1): too short",
                "7 series are left out (s0; s1; s2; s3; s4 and 2 more): constant"
            ]
        );
    }
}
