//! The rule of `SignatureMethod::Auto`.

use burn::tensor::Device;

use crate::{SignatureMethod, SignatureSpec};

impl SignatureMethod {
    /// The method that [`Auto`](Self::Auto) stands for; any other is returned as it is.
    pub fn resolve(
        self,
        _device: &Device,
        _spec: SignatureSpec,
        _batch: usize,
        _steps: usize,
    ) -> Self {
        match self {
            Self::Auto => Self::Parallel,
            method => method,
        }
    }
}
