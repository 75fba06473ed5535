//! Options of a log-signature beside its depth.

use crate::logsignatures::LogSignatureBasis;
use crate::signatures::SignatureOptions;

/// Options of [`logsignature_with`](crate::logsignatures::logsignature_with) and
/// [`logsignature_stream_with`](crate::logsignatures::logsignature_stream_with). The default is the log-signature at the
/// Lyndon words, [`LogSignatureBasis::Words`], of the plain signature.
#[derive(Clone, Debug, Default)]
pub struct LogSignatureOptions {
    /// What the result holds coordinates in; [`Words`](LogSignatureBasis::Words) if not set.
    pub basis: LogSignatureBasis,
    /// Options of the signature the logarithm is taken of; [`initial`](SignatureOptions::initial) is
    /// a signature, too. There is no scalar term.
    pub signature: SignatureOptions,
}

impl LogSignatureOptions {
    /// The plain log-signature at the Lyndon words; the same as `default()`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the basis.
    pub fn with_basis(mut self, basis: LogSignatureBasis) -> Self {
        self.basis = basis;
        self
    }

    /// Sets the options of the signature.
    pub fn with_signature(mut self, signature: SignatureOptions) -> Self {
        self.signature = signature;
        self
    }
}
