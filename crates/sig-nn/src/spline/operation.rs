use burn::backend::tensor::FloatTensor;
use burn::tensor::Shape;
use sig_core::backend::{Operation, SignatureOps};
#[cfg(feature = "host-backend")]
use {
    sig_core::backend::{HostNumber, HostTensor},
    sig_kernels::spline::{HIGHEST_ORDER, Linear, Splines},
};

use super::portable;

/// `[base, B(z)] W`: of positions `z` and base `[rows, features]`, with `B` the cardinal B-splines
/// `B(z − j)`, `j = 0..count`, whose knots are the whole numbers, features slowest; the weight `W` is
/// `[features · (1 + count), outputs]`, the result `[rows, outputs]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SplineLinear {
    /// The degree of the pieces.
    pub order: usize,
    /// How many splines there are of a feature, one knot apart.
    pub count: usize,
    /// Columns of the weight.
    pub outputs: usize,
}

impl SplineLinear {
    /// Rows of the weight: one a feature, then one a spline, those of a feature together.
    pub fn inputs(&self, features: usize) -> usize {
        features * (1 + self.count)
    }
}

impl Operation<3> for SplineLinear {
    const IDS: [&'static str; 2] = ["sig::spline_linear@1", "sig::spline_linear_backward@1"];
    /// The splines are, in `portable`, the product is not.
    const IN_F32: bool = false;

    fn numbers(&self) -> Vec<usize> {
        vec![self.order, self.count, self.outputs]
    }

    fn read(numbers: &[usize]) -> Option<Self> {
        let [order, count, outputs] = *numbers else {
            return None;
        };
        Some(Self {
            order,
            count,
            outputs,
        })
    }

    fn inputs(&self, positions: &Shape) -> [Shape; 3] {
        let [_, features] = positions.dims();
        let weight = Shape::from([SplineLinear::inputs(self, features), self.outputs]);
        [positions.clone(), positions.clone(), weight]
    }

    fn output(&self, positions: &Shape) -> Shape {
        let [rows, _] = positions.dims();
        Shape::from([rows, self.outputs])
    }

    fn portable<B: SignatureOps>(
        &self,
        [positions, base, weight]: [FloatTensor<B>; 3],
    ) -> FloatTensor<B> {
        portable::linear::<B>(positions, base, weight, *self)
    }

    fn portable_gradients<B: SignatureOps>(
        &self,
        [positions, base, weight]: [FloatTensor<B>; 3],
        output: FloatTensor<B>,
    ) -> [FloatTensor<B>; 3] {
        portable::gradients::<B>(positions, base, weight, output, *self)
    }

    #[cfg(feature = "host-backend")]
    fn host<T: HostNumber>(
        &self,
        inputs: [HostTensor<'_, T>; 3],
        _keeps: bool,
    ) -> Option<(Vec<T>, Option<Vec<T>>)> {
        Some((self.call(inputs)?.values(), None))
    }

    #[cfg(feature = "host-backend")]
    fn host_gradients<T: HostNumber>(
        &self,
        inputs: [HostTensor<'_, T>; 3],
        output: &[T],
        _kept: Option<&[T]>,
    ) -> Option<[Vec<T>; 3]> {
        let gradients = self.call(inputs)?.gradients(output);
        Some([gradients.positions, gradients.base, gradients.weight])
    }
}

#[cfg(feature = "host-backend")]
impl SplineLinear {
    fn call<'a, T: HostNumber>(
        &self,
        [positions, base, weight]: [HostTensor<'a, T>; 3],
    ) -> Option<Linear<'a, T>> {
        let features = positions.shape[1];
        let [positions, base, weight] = [positions, base, weight].map(|input| input.numbers);
        let splines = Splines {
            order: self.order,
            count: self.count,
            outputs: self.outputs,
        };
        (self.order <= HIGHEST_ORDER).then_some(Linear {
            splines,
            features,
            positions,
            base,
            weight,
        })
    }
}
