//! The field on `Backend` primitives. Burn's autodiff is of first order, so the derivative along the
//! tangents is written out.

use burn::backend::{Backend, TensorMetadata, tensor::FloatTensor};
use burn::tensor::Shape;
use sig_core::backend::narrow;

/// See [`FieldWithAreas`](super::FieldWithAreas).
pub(super) fn field_with_areas<B: Backend>(
    [states, controls, weights]: [FloatTensor<B>; 3],
    sizes: &[usize],
) -> FloatTensor<B> {
    let [batch, hidden] = states.shape().dims();
    let layers = layers::<B>(weights, sizes);
    let (last, layers) = layers.split_last().expect("a field has a layer");
    let mut input = states;
    let mut slopes = Vec::with_capacity(layers.len());
    for layer in layers {
        let z = layer.apply(input);
        let s = B::sigmoid(z.clone());
        input = B::float_mul(z, s.clone());
        // d(z s)/dz = s (1 + z (1 − s)) = s + z s − z s s
        let falling = B::float_mul(input.clone(), s.clone());
        slopes.push(B::float_sub(B::float_add(s, input.clone()), falling));
    }
    let channels = sizes[sizes.len() - 1] / hidden;
    let by_channels = Shape::from([batch, channels, hidden]);
    let fields = B::float_reshape(B::float_tanh(last.apply(input)), by_channels);

    let areas = narrow::<B>(
        controls.clone(),
        1,
        channels..channels + channels * channels,
    );
    let areas = B::float_reshape(areas, Shape::from([batch, channels, channels]));
    let mut tangents = B::float_matmul(B::float_transpose(areas), fields.clone());
    for (layer, slope) in layers.iter().zip(slopes) {
        let [inputs, outputs] = layer.weight.shape().dims();
        let pushed = B::float_reshape(tangents, Shape::from([batch * channels, inputs]));
        let pushed = B::float_matmul(pushed, layer.weight.clone());
        let pushed = B::float_reshape(pushed, Shape::from([batch, channels, outputs]));
        let slope = B::float_reshape(slope, Shape::from([batch, 1, outputs]));
        tangents = B::float_mul(pushed, slope);
    }
    // Of each tangent, the block of its own channel.
    let [width, _] = last.weight.shape().dims();
    let blocks = B::float_reshape(last.weight.clone(), Shape::from([width, channels, hidden]));
    let blocks = B::float_swap_dims(blocks, 0, 1);
    let tangents = B::float_swap_dims(tangents, 0, 1);
    let tangents = B::float_swap_dims(B::float_matmul(tangents, blocks), 0, 1);
    let squares = B::float_mul(fields.clone(), fields.clone());
    let brackets = B::float_sub(tangents.clone(), B::float_mul(tangents, squares));

    let increments = narrow::<B>(controls, 1, 0..channels);
    let increments = B::float_reshape(increments, Shape::from([batch, 1, channels]));
    let along = B::float_matmul(increments, fields);
    let sum = B::float_add(along, B::float_sum_dim(brackets, 1));
    B::float_reshape(sum, Shape::from([batch, hidden]))
}

struct Layer<B: Backend> {
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
}

impl<B: Backend> Layer<B> {
    fn apply(&self, input: FloatTensor<B>) -> FloatTensor<B> {
        B::float_add(
            B::float_matmul(input, self.weight.clone()),
            self.bias.clone(),
        )
    }
}

fn layers<B: Backend>(weights: FloatTensor<B>, sizes: &[usize]) -> Vec<Layer<B>> {
    let mut start = 0;
    let mut take = |shape: [usize; 2]| {
        let range = start..start + shape[0] * shape[1];
        start = range.end;
        B::float_reshape(narrow::<B>(weights.clone(), 0, range), Shape::from(shape))
    };
    let layer = |ends: &[usize]| Layer {
        weight: take([ends[0], ends[1]]),
        bias: take([1, ends[1]]),
    };
    sizes.windows(2).map(layer).collect()
}
