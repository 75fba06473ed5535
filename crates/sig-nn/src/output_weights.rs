use burn::tensor::Tensor;
use burn::tensor::activation::softmax;

/// The softmax of scores `[batch, d_output]` as weights of outputs, `[batch, 1, d_output]`; `mean_one` makes
/// their mean 1 instead of their sum.
pub(crate) fn output_weights(scores: Tensor<2>, mean_one: bool) -> Tensor<3> {
    let [_, d_output] = scores.dims();
    let weights = softmax(scores, 1);
    let weights = match mean_one {
        true => weights * d_output as f64,
        false => weights,
    };
    weights.unsqueeze_dim(1)
}
