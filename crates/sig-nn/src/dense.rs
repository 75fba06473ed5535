use burn::module::Initializer;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

/// A linear layer that starts as a Keras `Dense` does: Glorot uniform weights, zero bias. The
/// layers of this crate come from Keras models, whose depth was tuned with that start.
pub(crate) fn dense(d_input: usize, d_output: usize, device: &Device) -> Linear {
    let mut linear = LinearConfig::new(d_input, d_output)
        .with_bias(false)
        .with_initializer(Initializer::XavierUniform { gain: 1.0 })
        .init(device);
    linear.bias = Some(Initializer::Zeros.init([d_output], device));
    linear
}

/// A linear layer at each point of paths: one product of all points with the weights. A product for each path
/// takes longer, most of all for the gradient of the weights.
pub(crate) fn each_point(linear: &Linear, path: Tensor<3>) -> Tensor<3> {
    let ([batch, length, channels], [_, d_output]) = (path.dims(), linear.weight.dims());
    let points = linear.forward(path.reshape([batch * length, channels]));
    points.reshape([batch, length, d_output])
}
