//! The power series of the truncated tensor algebra that signatures need.

use crate::{SignatureSpec, logsignature_channels};

/// A power series without constant term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PowerSeries {
    /// `exp(x) − 1 = Σ x^n / n!`
    Exp,
    /// `log(1 + x) = Σ (−1)^{n+1} x^n / n`
    Log,
    /// [`Log`](Self::Log) at the Lyndon words alone.
    LogAtLyndon,
    /// `(1 + x)⁻¹ − 1 = Σ (−x)^n`
    Inverse,
}

impl PowerSeries {
    /// The number of terms of the result.
    pub fn terms(self, spec: SignatureSpec) -> usize {
        match self {
            Self::LogAtLyndon => logsignature_channels(spec.channels(), spec.depth()),
            Self::Exp | Self::Log | Self::Inverse => spec.terms(),
        }
    }

    /// The factor of the `n`-th power.
    pub fn coefficient(self, n: usize) -> f64 {
        let sign = if n.is_multiple_of(2) { 1.0 } else { -1.0 };
        match self {
            Self::Exp => 1.0 / (1..=n).map(|i| i as f64).product::<f64>(),
            Self::Log | Self::LogAtLyndon => -sign / n as f64,
            Self::Inverse => sign,
        }
    }
}
