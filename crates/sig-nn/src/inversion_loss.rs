use burn::tensor::{Tensor, TensorData};

use sig_core::signatures::SignatureSpec;

/// The loss of signatures against target signatures: the logarithm of the mean square of their
/// differences, each term weighted by its level, since level `k` shrinks as `1/k!`.
///
/// `L = log mean_{b,w} (|w| · (S_{b,w} − T_{b,w}))²`
///
/// This is the loss of signax's notebook on inversion; for two channels, its weight
/// `⌊log₂(i + 1)⌋` of term `i` is the level.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::signatures::signature;
/// use burn_sig::nn::{InversionLoss, LearnedPathConfig};
///
/// let device = Device::flex();
/// let target = signature(Tensor::<3>::from_floats([[[0., 0.], [1., 0.], [1., 1.]]], &device), 3);
/// let path = LearnedPathConfig::new(3, 2, 3).init(&device);
/// let loss = InversionLoss::new(target, 2, 3).forward(path.forward()); // minimise it
/// assert_eq!(loss.dims(), [1]);
/// ```
#[derive(Clone, Debug)]
pub struct InversionLoss {
    target: Tensor<2>,
    weights: Tensor<2>,
}

impl InversionLoss {
    /// A loss against target signatures.
    ///
    /// # Arguments
    ///
    /// - `channels`, `depth`: the number of channels and the depth of the signatures.
    ///
    /// # Shapes
    ///
    /// - target: `[batch, terms]`
    ///
    /// # Panics
    ///
    /// Panics if `target` has not the terms of signatures of these channels and this depth.
    #[track_caller]
    pub fn new(target: Tensor<2>, channels: usize, depth: usize) -> Self {
        let spec = SignatureSpec::new_for("InversionLoss", channels, depth);
        let [_, terms] = target.dims();
        assert!(
            terms == spec.terms(),
            "InversionLoss: target must have {} terms (axis 1; {channels} channels at depth \
             {depth}), got {terms}",
            spec.terms()
        );
        let level = |k: usize| core::iter::repeat_n(k as f64, spec.level_terms(k));
        let weights: Vec<f64> = (1..=depth).flat_map(level).collect();
        let weights = TensorData::new(weights, [1, terms]).convert_dtype(target.dtype());
        let weights = Tensor::from_data(weights, (&target.device(), target.dtype()));
        Self { target, weights }
    }

    /// The mean loss over all paths and terms.
    ///
    /// # Shapes
    ///
    /// - signature: `[batch, terms]`
    /// - output: `[1]`
    ///
    /// # Panics
    ///
    /// Panics if the shape is not that of the target.
    #[track_caller]
    pub fn forward(&self, signature: Tensor<2>) -> Tensor<1> {
        self.squares(signature).mean().log()
    }

    /// The loss of each path by itself, `log mean_w (|w| · (S_{b,w} − T_{b,w}))²`. In the sum of
    /// these losses, the paths do not influence each other's gradients.
    ///
    /// # Shapes
    ///
    /// - signature: `[batch, terms]`
    /// - output: `[batch]`
    ///
    /// # Panics
    ///
    /// Panics if the shape is not that of the target.
    #[track_caller]
    pub fn forward_no_reduction(&self, signature: Tensor<2>) -> Tensor<1> {
        self.squares(signature).mean_dim(1).squeeze_dim(1).log()
    }

    /// The weighted squares of the differences, `[batch, terms]`.
    #[track_caller]
    fn squares(&self, signature: Tensor<2>) -> Tensor<2> {
        assert!(
            signature.dims() == self.target.dims(),
            "InversionLoss: the signature must have the shape of the target, {:?}, got {:?}",
            self.target.dims(),
            signature.dims()
        );
        let error = (signature - self.target.clone()) * self.weights.clone();
        error.clone() * error
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn weight_is_the_level() {
        let device = Device::default();
        let target = Tensor::<2>::zeros([1, 6], &device);
        let loss = InversionLoss::new(target, 2, 2);
        let ones = Tensor::<2>::ones([1, 6], &device);
        let value = loss.forward(ones).into_scalar::<f32>();
        let expected = ((2.0 + 4.0 * 4.0) / 6.0f32).ln();
        assert!((value - expected).abs() < 1e-6, "{value}, {expected}");
    }

    #[test]
    fn each_path_by_itself() {
        let device = Device::default();
        let loss = InversionLoss::new(Tensor::zeros([2, 6], &device), 2, 2);
        let signatures = Tensor::from_floats([[1.0; 6], [2.0; 6]], &device);
        let each = loss.forward_no_reduction(signatures).into_data();
        let alone = ((2.0 + 4.0 * 4.0) / 6.0f32).ln();
        let expected = TensorData::from([alone, alone + 4f32.ln()]);
        each.assert_approx_eq::<f32>(&expected, Default::default());
    }

    #[test]
    #[should_panic(expected = "target must have 6 terms (axis 1; 2 channels at depth 2), got 5")]
    fn target_of_another_size() {
        InversionLoss::new(Tensor::zeros([1, 5], &Device::default()), 2, 2);
    }

    #[test]
    #[should_panic(expected = "the shape of the target, [1, 6], got [2, 6]")]
    fn signature_of_another_batch() {
        let device = Device::default();
        let loss = InversionLoss::new(Tensor::zeros([1, 6], &device), 2, 2);
        loss.forward(Tensor::zeros([2, 6], &device));
    }
}
