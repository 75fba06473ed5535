//! Activations whose gradient is finite for every input.

use burn::nn::activation::Activation;
use burn::tensor::Tensor;

/// `x` for `x > 0`, else `alpha (e^x − 1)`.
///
/// Burn 0.22's `elu` takes the exponential of positive inputs, too, and masks it afterwards: in f32
/// it is infinite from 89 on, and the gradient is 0 · ∞, NaN.
pub(crate) fn elu<const D: usize>(input: Tensor<D>, alpha: f64) -> Tensor<D> {
    let negative = input.clone().lower_equal_scalar(0);
    let curve = input.clone().clamp_max(0).exp().sub_scalar(1) * alpha;
    input.mask_where(negative, curve)
}

/// An activation, with [`elu`] in place of Burn's.
pub(crate) fn activate<const D: usize>(activation: &Activation, input: Tensor<D>) -> Tensor<D> {
    match activation {
        Activation::Elu(settings) => elu(input, settings.alpha),
        other => other.forward(input),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::nn::activation::EluConfig;
    use burn::tensor::{Device, TensorData};

    #[test]
    fn values_and_gradients() {
        let device = Device::default().autodiff();
        let inputs = [-1000.0f32, -1.0, -1e-3, 0.0, 1e-3, 1.0, 88.0, 89.0, 1000.0];
        let input = Tensor::<1>::from_floats(inputs, &device).require_grad();
        let elu = Activation::Elu(EluConfig::new().with_alpha(0.5).init());
        let output = activate(&elu, input.clone());
        let gradient = input.grad(&output.clone().sum().backward()).unwrap();

        let expected = inputs.map(|x| if x > 0.0 { x } else { 0.5 * (x.exp() - 1.0) });
        let slopes = inputs.map(|x| if x > 0.0 { 1.0 } else { 0.5 * x.exp() });
        for (tensor, expected) in [(output.inner(), expected), (gradient, slopes)] {
            let expected = TensorData::from(expected);
            tensor
                .into_data()
                .assert_approx_eq::<f32>(&expected, Default::default());
        }
    }
}
