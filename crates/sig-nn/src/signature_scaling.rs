use burn::config::Config;
use burn::nn::{LayerNorm, LayerNormConfig};
use burn::tensor::{Device, Tensor, TensorData};
use sig_core::signatures::SignatureSpec;

/// How the terms of a signature are brought to one scale: level `k` shrinks as `1/k!`.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum SignatureScaling {
    /// The terms stay as they are.
    None,
    /// Level `k` is multiplied by `k!`.
    Factorial,
    /// A layer norm over all terms, with learned scale and offset.
    LayerNorm,
}

impl SignatureScaling {
    /// The norm over a number of terms, with [`LayerNorm`](Self::LayerNorm).
    pub(crate) fn norm(self, terms: usize, device: &Device) -> Option<LayerNorm> {
        (self == Self::LayerNorm).then(|| LayerNormConfig::new(terms).init(device))
    }
}

/// A signature, `[batch, terms]`, after its norm or with level `k` multiplied by `k!`.
pub(crate) fn scaled(
    signature: Tensor<2>,
    norm: Option<&LayerNorm>,
    factorial: bool,
    spec: SignatureSpec,
) -> Tensor<2> {
    if let Some(norm) = norm {
        return norm.forward(signature);
    }
    if !factorial {
        return signature;
    }
    let factors = factorials(spec).convert_dtype(signature.dtype());
    let target = (&signature.device(), signature.dtype());
    signature * Tensor::<1>::from_data(factors, target).unsqueeze()
}

/// `k!` for each term of level `k`.
fn factorials(spec: SignatureSpec) -> TensorData {
    let mut factors = Vec::with_capacity(spec.terms());
    let mut factorial = 1f64;
    for (level, range) in (1..).zip(spec.level_ranges()) {
        factorial *= level as f64;
        factors.extend(range.map(|_| factorial));
    }
    TensorData::new(factors, [spec.terms()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn level_factors() {
        let factors = factorials(SignatureSpec::new(2, 3))
            .try_to_vec::<f64>()
            .unwrap();
        assert_eq!(factors, [&[1.0; 2][..], &[2.0; 4], &[6.0; 8]].concat());
    }
}
