//! Sizes and offsets of a truncated signature: the one place where they are computed.

use core::ops::Range;

use serde::{Deserialize, Serialize};

/// The shape of a signature: how many channels the path has and where the tensor series is cut.
///
/// A signature of depth `N` over `d` channels has levels `1..=N`; level `k` holds `d^k` terms, one
/// for each word of `k` letters, in C order (first letter slowest). Levels are stored one after
/// another, without the scalar term.
///
/// ```
/// # use sig_kernels::SignatureSpec;
///
/// let spec = SignatureSpec::new(2, 3);
/// assert_eq!(spec.terms(), 2 + 4 + 8);
/// assert_eq!(spec.level_range(2), 2..6);
/// assert_eq!(spec.word_index(&[1, 0]), 4);
/// assert_eq!(spec.word(4), [1, 0]);
/// ```
///
/// A module of Burn holds it in a field with `#[module(skip)]`, a configuration as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Sizes", into = "Sizes")]
pub struct SignatureSpec {
    channels: usize,
    depth: usize,
    terms: usize,
}

/// The two numbers that a [`SignatureSpec`] is saved as.
#[derive(Serialize, Deserialize)]
struct Sizes {
    channels: usize,
    depth: usize,
}

impl From<SignatureSpec> for Sizes {
    fn from(spec: SignatureSpec) -> Self {
        let (channels, depth) = (spec.channels, spec.depth);
        Self { channels, depth }
    }
}

impl TryFrom<Sizes> for SignatureSpec {
    type Error = SpecError;

    fn try_from(sizes: Sizes) -> Result<Self, SpecError> {
        Self::try_new(sizes.channels, sizes.depth)
    }
}

/// Why no [`SignatureSpec`] exists for the sizes asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// The path has no channels.
    #[error("a signature needs at least 1 channel, got channels = 0")]
    NoChannels,
    /// The depth is zero.
    #[error("a signature needs a depth of at least 1, got depth = 0")]
    NoDepth,
    /// The number of terms does not fit in memory that this machine can address.
    #[error(
        "a signature of {channels} channels at depth {depth} has {terms} terms, \
         more than can be addressed; lower the depth or the number of channels"
    )]
    TooLarge {
        /// Channels of the path.
        channels: usize,
        /// Depth asked for.
        depth: usize,
        /// The number of terms, exact or, beyond 2^128, in words.
        terms: String,
    },
}

impl SignatureSpec {
    /// The spec of a signature, or a panic with the message of [`try_new`](Self::try_new).
    ///
    /// # Panics
    ///
    /// If `channels` or `depth` is 0, or the number of terms cannot be addressed.
    #[track_caller]
    pub fn new(channels: usize, depth: usize) -> Self {
        Self::new_for("SignatureSpec", channels, depth)
    }

    /// As [`new`](Self::new), with a panic in the name of an operation.
    #[doc(hidden)]
    #[track_caller]
    pub fn new_for(operation: &str, channels: usize, depth: usize) -> Self {
        match Self::try_new(channels, depth) {
            Ok(spec) => spec,
            Err(error) => panic!("{operation}: {error}"),
        }
    }

    /// The spec of a signature.
    ///
    /// # Errors
    ///
    /// [`SpecError`] if `channels` or `depth` is 0, or if the terms of one path, as 8-byte numbers,
    /// exceed what the machine can address. Nothing is allocated.
    pub fn try_new(channels: usize, depth: usize) -> Result<Self, SpecError> {
        if channels == 0 {
            return Err(SpecError::NoChannels);
        }
        if depth == 0 {
            return Err(SpecError::NoDepth);
        }
        match checked_terms(channels, depth) {
            Some(terms) => Ok(Self {
                channels,
                depth,
                terms,
            }),
            None => Err(SpecError::TooLarge {
                channels,
                depth,
                terms: terms_text(channels, depth),
            }),
        }
    }

    /// Channels of the path, the number of letters.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The last level kept.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Number of terms, `d + d² + … + d^N`, without the scalar term.
    pub fn terms(&self) -> usize {
        self.terms
    }

    /// Number of terms of one level, `d^level`.
    ///
    /// # Panics
    ///
    /// If `level` is not in `0..=depth`. Level 0 is the scalar term and has one.
    #[track_caller]
    pub fn level_terms(&self, level: usize) -> usize {
        self.assert_level(level, 0);
        self.channels.pow(level as u32)
    }

    /// Where a level lies among the terms.
    ///
    /// # Panics
    ///
    /// If `level` is not in `1..=depth`.
    #[track_caller]
    pub fn level_range(&self, level: usize) -> Range<usize> {
        self.assert_level(level, 1);
        let start = (1..level).map(|k| self.level_terms(k)).sum();
        start..start + self.level_terms(level)
    }

    /// The ranges of all levels, ascending.
    pub fn level_ranges(&self) -> impl Iterator<Item = Range<usize>> {
        let spec = *self;
        (1..=spec.depth).map(move |level| spec.level_range(level))
    }

    #[track_caller]
    fn assert_level(&self, level: usize, lowest: usize) {
        assert!(
            (lowest..=self.depth).contains(&level),
            "SignatureSpec: level must be in {lowest}..={}, got {level}",
            self.depth
        );
    }
}

/// Number of terms of a signature without the scalar term: `d + d² + … + d^N`.
///
/// # Panics
///
/// As [`SignatureSpec::new`].
#[track_caller]
pub fn signature_channels(channels: usize, depth: usize) -> usize {
    SignatureSpec::new(channels, depth).terms()
}

fn checked_terms(channels: usize, depth: usize) -> Option<usize> {
    let most = isize::MAX as usize / size_of::<f64>() - 1;
    if channels == 1 {
        return (depth <= most).then_some(depth);
    }
    let mut level = 1usize;
    let mut terms = 0usize;
    for _ in 0..depth {
        level = level.checked_mul(channels)?;
        terms = terms.checked_add(level).filter(|&terms| terms <= most)?;
    }
    Some(terms)
}

fn terms_text(channels: usize, depth: usize) -> String {
    if channels == 1 {
        return depth.to_string();
    }
    let mut level = 1u128;
    let mut terms = 0u128;
    for _ in 0..depth {
        let next = level
            .checked_mul(channels as u128)
            .and_then(|level| Some((level, terms.checked_add(level)?)));
        match next {
            Some((l, t)) => (level, terms) = (l, t),
            None => return "over 2^128".into(),
        }
    }
    terms.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_and_ranges_of_every_level() {
        let spec = SignatureSpec::new(5, 4);
        assert_eq!(spec.terms(), 5 + 25 + 125 + 625);
        let ranges: Vec<_> = spec.level_ranges().collect();
        assert_eq!(ranges, [0..5, 5..30, 30..155, 155..780]);
        assert_eq!(spec.level_terms(0), 1);
        assert_eq!(SignatureSpec::new(1, 7).terms(), 7);
    }

    #[test]
    fn sizes_that_overflow_are_named() {
        assert_eq!(SignatureSpec::try_new(0, 2), Err(SpecError::NoChannels));
        assert_eq!(SignatureSpec::try_new(2, 0), Err(SpecError::NoDepth));
        let message = SignatureSpec::try_new(10, 20).unwrap_err().to_string();
        assert!(message.contains("111111111111111111110 terms"), "{message}");
        let message = SignatureSpec::try_new(2, 1 << 40).unwrap_err().to_string();
        assert!(message.contains("over 2^128 terms"), "{message}");
        assert!(SignatureSpec::try_new(usize::MAX, 1).is_err());
        assert!(SignatureSpec::try_new(1, usize::MAX).is_err());
    }
}
