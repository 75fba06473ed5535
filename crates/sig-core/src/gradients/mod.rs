//! Gradients without autodiff, for training loops of your own: from the gradient of a result to the
//! gradients of its inputs.

use burn::tensor::Tensor;

mod combine;
mod signature;

pub use combine::signature_combine_backprop;
pub use signature::{
    SignatureGradients, signature_backprop, signature_backprop_with, signature_stream_backprop,
    signature_stream_backprop_with,
};

/// The gradient of any function of a tensor, without a device with autodiff.
///
/// The function may be composed of transforms, log-signatures, windows and other operations.
///
/// # Arguments
///
/// - `input`: what the function is applied to.
/// - `cotangent`: the gradient of a loss in the result.
/// - `function`: what is differentiated; it is given the input on a device with autodiff.
///
/// # Shapes
///
/// - input, output: the same
/// - cotangent: that of the result of the function
///
/// # Panics
///
/// If shape or dtype of the cotangent are not those of the result.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::gradients::backprop;
/// use burn_sig::logsignatures::logsignature;
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[0., 0.], [1., 0.], [1., 1.]]], &device);
/// let area = Tensor::<2>::from_floats([[0., 0., 1.]], &device);
/// let gradient = backprop(path, area, |path| logsignature(path, 2));
/// assert_eq!(gradient.dims(), [1, 3, 2]);
/// ```
#[cfg(feature = "autodiff")]
#[track_caller]
pub fn backprop<const D: usize, const R: usize>(
    input: Tensor<D>,
    cotangent: Tensor<R>,
    function: impl FnOnce(Tensor<D>) -> Tensor<R>,
) -> Tensor<D> {
    let (input, cotangent) = (constant(input), constant(cotangent));
    let tracked = Tensor::from_inner(input.clone()).require_grad();
    let result = function(tracked.clone());
    assert!(
        result.dims() == cotangent.dims() && result.dtype() == cotangent.dtype(),
        "backprop: the cotangent must have the shape and dtype of the result, {:?} and {:?}, got \
         {:?} and {:?}",
        result.dims(),
        result.dtype(),
        cotangent.dims(),
        cotangent.dtype()
    );
    let loss = (result * Tensor::from_inner(cotangent)).sum();
    let gradients = loss.backward();
    tracked
        .grad(&gradients)
        .unwrap_or_else(|| input.zeros_like())
}

/// A tensor without its graph, on the device below autodiff.
fn constant<const D: usize>(tensor: Tensor<D>) -> Tensor<D> {
    if tensor.device().is_autodiff() {
        tensor.inner()
    } else {
        tensor
    }
}
