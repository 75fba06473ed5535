//! Products along an axis, in a number of operations that grows with the logarithm of its length. On
//! `Backend` primitives, of which operations are made.

use burn::backend::{Backend, TensorMetadata, tensor::FloatTensor};
use burn::tensor::Shape;
use sig_core::backend::narrow;

/// The product of the matrices along axis 1 of `[rows, count, .., m, m]` in the order of time, `join(earlier,
/// later)` being that of two; the axis has the length 1 after. There must be one at least.
pub(crate) fn product<B: Backend>(
    mut matrices: FloatTensor<B>,
    join: impl Fn(FloatTensor<B>, FloatTensor<B>) -> FloatTensor<B>,
) -> FloatTensor<B> {
    loop {
        let shape = matrices.shape();
        let (count, half) = (shape[1], shape[1] / 2);
        if count == 1 {
            return matrices;
        }
        let mut pairs = shape.to_vec();
        pairs[0] *= half;
        pairs[1] = 2;
        let even = narrow::<B>(matrices.clone(), 1, 0..2 * half);
        let even = B::float_reshape(even, Shape::from(pairs));
        let side = |side: usize| narrow::<B>(even.clone(), 1, side..side + 1);
        let mut joined = shape.to_vec();
        joined[1] = half;
        let joined = B::float_reshape(join(side(0), side(1)), Shape::from(joined));
        matrices = match count % 2 {
            0 => joined,
            _ => B::float_cat(vec![joined, narrow::<B>(matrices, 1, count - 1..count)], 1),
        };
    }
}

/// The products of all prefixes, by doubling: of the last 2, 4, 8, … matrices.
pub(crate) fn prefix_products<B: Backend>(
    mut matrices: FloatTensor<B>,
    join: impl Fn(FloatTensor<B>, FloatTensor<B>) -> FloatTensor<B>,
) -> FloatTensor<B> {
    let count = matrices.shape()[1];
    let mut done = 1;
    while done < count {
        let earlier = narrow::<B>(matrices.clone(), 1, 0..count - done);
        let later = narrow::<B>(matrices.clone(), 1, done..count);
        let finished = narrow::<B>(matrices, 1, 0..done);
        matrices = B::float_cat(vec![finished, join(earlier, later)], 1);
        done *= 2;
    }
    matrices
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::backend::Dispatch;
    use burn::tensor::{Device, Tensor, TensorData, Tolerance};

    #[test]
    fn products_of_any_number() {
        let device = Device::default();
        fn join<B: Backend>(earlier: FloatTensor<B>, later: FloatTensor<B>) -> FloatTensor<B> {
            B::float_matmul(later, earlier)
        }
        for count in 1..12 {
            let steps = Tensor::<1, burn::tensor::Int>::arange(0..(2 * count * 4) as i64, &device);
            let all = (steps.float() * 0.7).sin().reshape([2, count, 2, 2]);
            let mut want = all.clone().narrow(1, 0, 1);
            let mut prefixes = vec![want.clone()];
            for i in 1..count {
                want = all.clone().narrow(1, i, 1).matmul(want);
                prefixes.push(want.clone());
            }
            let close = |got: TensorData, want: TensorData| {
                got.assert_approx_eq::<f32>(&want, Tolerance::absolute(1e-5));
            };
            let got = product::<Dispatch>(all.clone().into_dispatch(), join::<Dispatch>);
            close(
                Tensor::<4>::from_dispatch(got).into_data(),
                want.into_data(),
            );
            let got = prefix_products::<Dispatch>(all.into_dispatch(), join::<Dispatch>);
            let want = Tensor::cat(prefixes, 1).into_data();
            close(Tensor::<4>::from_dispatch(got).into_data(), want);
        }
    }
}
