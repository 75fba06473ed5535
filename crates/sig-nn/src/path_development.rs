use burn::backend::{Backend, Dispatch, tensor::FloatTensor};
use burn::config::Config;
use burn::module::{Initializer, Module, Param};
use burn::tensor::{Device, Tensor, TensorData};
use sig_core::backend::{in_graph_of, nothing};
use sig_core::transforms::hold_last;

use crate::layer::{assert_positive, one_line_display};
use crate::matrices::{identity, matrix_exp, prefix_products, product};

/// The group of matrices that a [`PathDevelopment`] moves in, with its algebra as a function of any
/// matrix `A`.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum MatrixGroup {
    /// Rotations, SO(m): `tril(A, −1)` minus its transpose. Features are bounded.
    So,
    /// Symplectic matrices, Sp(m) for even m: `½ (A + Aᵀ) Jᵀ` with `J = [[0, I], [−I, 0]]`.
    Sp,
    /// Rigid motions, SE(m − 1): the antisymmetric part `B − Bᵀ` of the upper left block, and the last
    /// column.
    Se,
    /// Isometries of hyperbolic space, SO(m − 1, 1): `A − g Aᵀ g` with `g = diag(1, …, 1, −1)`.
    Hyperbolic,
    /// Invertible matrices, GL(m): `A`.
    Gl,
    /// Unitary matrices, U(m), in their real form `[[Re, −Im], [Im, Re]]` of twice the size:
    /// `½ (A − Aᴴ)`.
    Unitary,
}

/// Configuration to create a [`PathDevelopment`] using the
/// [init function](PathDevelopmentConfig::init).
#[derive(Config, Debug)]
pub struct PathDevelopmentConfig {
    /// The number of channels of the path.
    pub d_input: usize,
    /// The size `m` of the matrices.
    pub size: usize,
    /// How many developments are computed side by side. Default: 1
    #[config(default = 1)]
    pub copies: usize,
    /// The group. Default: [`MatrixGroup::So`]
    #[config(default = "MatrixGroup::So")]
    pub group: MatrixGroup,
}

/// The development of a path in a matrix group: a recurrent layer whose state is a matrix, and a
/// compact alternative to signatures.
///
/// `Z_0 = I`, `Z_{k+1} = Z_k exp(Σ_i (x_{k+1} − x_k)^i G_i)`, where the generators `G_i` are learned in
/// the algebra of the group ([Lou, Li & Ni 2022](https://arxiv.org/abs/2204.00740)). As a signature
/// does, it ignores where the path starts and how fast it is run through, turns concatenation into a
/// product and time reversal into the inverse; its size does not depend on the length or the number of
/// channels. Add time as a channel where the speed matters. Steps are computed in parallel.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::nn::{MatrixGroup, PathDevelopmentConfig};
///
/// let device = Device::flex();
/// let config = PathDevelopmentConfig::new(3, 4).with_group(MatrixGroup::Se);
/// let layer = config.init(&device);
/// assert_eq!(layer.forward(Tensor::ones([8, 20, 3], &device)).dims(), [8, 1, 4, 4]);
/// assert_eq!(config.d_output(), 16); // after `.flatten(1, 3)`
/// ```
///
/// Should be created with [`PathDevelopmentConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct PathDevelopment {
    /// The matrices `A`, `[channels, copies, m, m]`.
    pub weight: Param<Tensor<4>>,
    /// Their imaginary parts, with [`MatrixGroup::Unitary`].
    pub imaginary: Option<Param<Tensor<4>>>,
    /// The group.
    #[module(skip)]
    pub group: MatrixGroup,
}

impl PathDevelopmentConfig {
    /// Initialize a new [`PathDevelopment`] module. The matrices start normal with the variance
    /// `1 / (size · d_input)`.
    ///
    /// # Panics
    ///
    /// Panics if a size is 0, or odd with [`MatrixGroup::Sp`].
    #[track_caller]
    pub fn init(&self, device: &Device) -> PathDevelopment {
        const LAYER: &str = "PathDevelopment";
        let (channels, size) = (self.d_input, self.size);
        let sizes = [
            ("d_input", channels),
            ("size", size),
            ("copies", self.copies),
        ];
        assert_positive(LAYER, sizes);
        assert!(
            self.group != MatrixGroup::Sp || size.is_multiple_of(2),
            "{LAYER}: MatrixGroup::Sp needs an even size, got {size}"
        );
        let start = Initializer::Normal {
            mean: 0.0,
            std: 1.0 / ((size * channels) as f64).sqrt(),
        };
        let weight = || start.init([channels, self.copies, size, size], device);
        PathDevelopment {
            weight: weight(),
            imaginary: (self.group == MatrixGroup::Unitary).then(weight),
            group: self.group,
        }
    }

    /// The numbers of an output, `d_input` of the next layer once the matrices are flattened.
    pub fn d_output(&self) -> usize {
        let side = match self.group {
            MatrixGroup::Unitary => 2 * self.size,
            _ => self.size,
        };
        self.copies * side * side
    }
}

impl PathDevelopment {
    /// The development of whole paths.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, d_input]`
    /// - output: `[batch, copies, m, m]`, with `2m` for `m` in [`MatrixGroup::Unitary`]
    ///
    /// # Panics
    ///
    /// Panics if the path has no points or not `d_input` channels.
    #[track_caller]
    pub fn forward(&self, path: Tensor<3>) -> Tensor<4> {
        let steps = self.steps(path.clone());
        let [batch, count, copies, n, _] = steps.dims();
        if batch == 0 {
            return nothing(steps, [0, copies, n, n]);
        }
        if count == 0 {
            return self.of_one_point(path, &steps).squeeze_dim(1);
        }
        let steps = steps.into_dispatch();
        let whole = product::<Dispatch>(steps, in_order::<Dispatch>);
        Tensor::<5>::from_dispatch(whole).squeeze_dim(1)
    }

    /// The development of paths of different lengths, padded to one: each row gives what the row alone
    /// gives, values and gradients, whatever the padding holds.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, d_input]`
    /// - output: `[batch, copies, m, m]`
    ///
    /// # Panics
    ///
    /// Panics as [`forward`](Self::forward), and if there are not as many lengths as rows, or one is 0
    /// or exceeds the length of the paths.
    #[doc(alias = "padding")]
    #[doc(alias = "mask")]
    #[track_caller]
    pub fn forward_ragged(&self, path: Tensor<3>, lengths: &[usize]) -> Tensor<4> {
        self.forward(hold_last(path, lengths))
    }

    /// The developments of all prefixes: the identity at the first point, then one per point.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, d_input]`
    /// - output: `[batch, length, copies, m, m]`
    ///
    /// # Panics
    ///
    /// Panics as [`forward`](Self::forward).
    #[track_caller]
    pub fn forward_stream(&self, path: Tensor<3>) -> Tensor<5> {
        let steps = self.steps(path.clone());
        let [batch, count, copies, n, _] = steps.dims();
        if batch == 0 {
            return nothing(steps, [0, count + 1, copies, n, n]);
        }
        if count == 0 {
            return self.of_one_point(path, &steps);
        }
        let start = self.start(&steps);
        let steps = steps.into_dispatch();
        let prefixes = prefix_products::<Dispatch>(steps, in_order::<Dispatch>);
        Tensor::cat(vec![start, Tensor::from_dispatch(prefixes)], 1)
    }

    /// The exponential of each step, `[batch, length − 1, copies, n, n]`.
    #[track_caller]
    fn steps(&self, path: Tensor<3>) -> Tensor<5> {
        let [batch, length, channels] = path.dims();
        let [d_input, ..] = self.weight.shape().dims::<4>();
        assert!(
            channels == d_input && length > 0,
            "PathDevelopment: the path must have at least 1 point (axis 1) and d_input = {d_input} \
             channels (axis 2), got {:?}",
            [batch, length, channels]
        );
        let generators = self.generators();
        let [_, copies, n, _] = generators.dims();
        let steps = length - 1;
        let shape = [batch, steps, copies, n, n];
        if batch * steps == 0 {
            return nothing(path, shape);
        }
        let increments = path.clone().narrow(1, 1, steps) - path.narrow(1, 0, steps);
        let increments = increments.reshape([batch * steps, channels]);
        let moves = increments.matmul(generators.reshape([channels, copies * n * n]));
        matrix_exp(moves.reshape([batch * steps * copies, n, n])).reshape(shape)
    }

    /// [`start`](Self::start), in the graph of paths of one point.
    fn of_one_point(&self, path: Tensor<3>, steps: &Tensor<5>) -> Tensor<5> {
        let [batch, _, copies, n, _] = steps.dims();
        let start = self.start(steps).reshape([batch, copies * n * n]);
        in_graph_of(path, start).reshape([batch, 1, copies, n, n])
    }

    /// The identity at the first points, `[batch, 1, copies, n, n]`.
    fn start(&self, steps: &Tensor<5>) -> Tensor<5> {
        let [batch, _, copies, n, _] = steps.dims();
        let like = Tensor::<3>::zeros([1, n, n], (&steps.device(), steps.dtype()));
        let identity = identity(&like).reshape([1, 1, 1, n, n]);
        identity.expand([batch, 1, copies, n, n])
    }

    /// The matrices in the algebra of the group, `[channels, copies, n, n]`.
    fn generators(&self) -> Tensor<4> {
        let weight = self.weight.val();
        let [_, _, m, _] = weight.dims();
        let transposed = weight.clone().swap_dims(2, 3);
        let masked = |value: &dyn Fn(usize, usize) -> f64| {
            let values = (0..m * m).map(|at| value(at / m, at % m)).collect();
            mask(values, m, &weight)
        };
        match self.group {
            MatrixGroup::Gl => weight,
            MatrixGroup::So => {
                let lower = masked(&|i, j| f64::from(u8::from(i > j)));
                let upper = lower.clone().swap_dims(2, 3);
                weight.clone() * lower - transposed * upper
            }
            MatrixGroup::Sp => {
                let half = m / 2;
                let turned = masked(&|i, j| match (i + half == j, j + half == i) {
                    (true, _) => -0.5,
                    (_, true) => 0.5,
                    _ => 0.0,
                });
                (weight.clone() + transposed).matmul(turned)
            }
            MatrixGroup::Hyperbolic => {
                let last = m - 1;
                let signs = masked(&|i, j| {
                    if (i == last) == (j == last) {
                        1.0
                    } else {
                        -1.0
                    }
                });
                weight.clone() - transposed * signs
            }
            MatrixGroup::Se => {
                let last = m - 1;
                let turn = masked(&|i, j| f64::from(u8::from(i < last && j < last)));
                let shift = masked(&|i, j| f64::from(u8::from(i < last && j == last)));
                (weight.clone() - transposed) * turn + weight.clone() * shift
            }
            MatrixGroup::Unitary => {
                let imaginary = self
                    .imaginary
                    .as_ref()
                    .expect("unitary weights have two parts");
                let imaginary = imaginary.val();
                let real = (weight.clone() - transposed) * 0.5;
                let imaginary = (imaginary.clone() + imaginary.swap_dims(2, 3)) * 0.5;
                let upper = Tensor::cat(vec![real.clone(), -imaginary.clone()], 3);
                Tensor::cat(vec![upper, Tensor::cat(vec![imaginary, real], 3)], 2)
            }
        }
    }
}

fn mask(values: Vec<f64>, m: usize, like: &Tensor<4>) -> Tensor<4> {
    let data = TensorData::new(values, [1, 1, m, m]).convert_dtype(like.dtype());
    Tensor::from_data(data, (&like.device(), like.dtype()))
}

/// What comes later is multiplied from the right.
fn in_order<B: Backend>(earlier: FloatTensor<B>, later: FloatTensor<B>) -> FloatTensor<B> {
    B::float_matmul(earlier, later)
}

one_line_display!(PathDevelopment, |layer, content| {
    let [d_input, copies, size, _] = layer.weight.shape().dims();
    content
        .add("d_input", &d_input)
        .add("size", &size)
        .add("copies", &copies)
        .add_debug_attribute("group", &layer.group)
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer_tests;
    use burn::tensor::{Distribution, Tolerance};

    const GROUPS: [MatrixGroup; 6] = [
        MatrixGroup::So,
        MatrixGroup::Sp,
        MatrixGroup::Se,
        MatrixGroup::Hyperbolic,
        MatrixGroup::Gl,
        MatrixGroup::Unitary,
    ];

    fn path(shape: [usize; 3]) -> Tensor<3> {
        let values = Distribution::Normal(0.0, 0.3);
        Tensor::random(shape, values, &Device::default())
    }

    /// `scale`: the size of the terms that add up to `got`, which can be larger than their sum.
    fn close<const D: usize>(what: &str, got: Tensor<D>, want: Tensor<D>, scale: f32) {
        let (got, want) = (got.into_data(), want.into_data());
        got.assert_approx_eq::<f32>(&want, Tolerance::absolute(1e-4 * scale.max(1.0)));
        assert!(want.iter::<f32>().any(|x| x.abs() > 0.1), "{what}");
    }

    /// Matrices of the groups that are not compact can be large, and their inverses with them.
    fn largest<const D: usize>(matrices: &Tensor<D>) -> f32 {
        matrices.clone().abs().max().into_scalar()
    }

    /// Concatenation is a product, reversal the inverse, and the start does not matter.
    #[test]
    fn a_development_is_a_homomorphism() {
        let device = Device::default();
        for group in GROUPS {
            let config = PathDevelopmentConfig::new(3, 4)
                .with_copies(2)
                .with_group(group);
            let layer = config.init(&device);
            let path = path([2, 9, 3]);
            let whole = layer.forward(path.clone());
            let first = layer.forward(path.clone().narrow(1, 0, 5));
            let second = layer.forward(path.clone().narrow(1, 4, 5));
            let scale = largest(&first) * largest(&second);
            close("product", first.matmul(second), whole.clone(), scale);
            let back = layer.forward(path.clone().flip([1]));
            let [batch, copies, n, _] = whole.dims();
            let start = Tensor::<4>::zeros([1, 1, 1, 1], &device);
            let like = Tensor::<3>::zeros([1, n, n], &device);
            let one = identity(&like).reshape([1, 1, n, n]) + start;
            let one = one.expand([batch, copies, n, n]);
            let (size, size_back) = (largest(&whole), largest(&back));
            let product = whole.clone().matmul(back);
            close("inverse", product, one, size * size_back);
            let elsewhere = layer.forward(path.clone() + 5.0);
            close("start", elsewhere, whole.clone(), size);
            let stream = layer.forward_stream(path);
            assert_eq!(stream.dims(), [2, 9, 2, n, n]);
            close("stream", stream.narrow(1, 8, 1).squeeze_dim(1), whole, size);
        }
    }

    /// The form that each group leaves as it is.
    #[test]
    fn developments_stay_in_their_group() {
        let device = Device::default();
        let diagonal = |signs: [f32; 4]| {
            let mut form = [[0.0f32; 4]; 4];
            (0..4).for_each(|i| form[i][i] = signs[i]);
            Tensor::<2>::from_floats(form, &device)
        };
        let j = [
            [0., 0., 1., 0.],
            [0., 0., 0., 1.],
            [-1., 0., 0., 0.],
            [0., -1., 0., 0.],
        ];
        let forms = [
            (MatrixGroup::So, 4, diagonal([1.0; 4])),
            (MatrixGroup::Unitary, 2, diagonal([1.0; 4])),
            (MatrixGroup::Hyperbolic, 4, diagonal([1., 1., 1., -1.])),
            (MatrixGroup::Sp, 4, Tensor::from_floats(j, &device)),
        ];
        for (group, size, form) in forms {
            let layer = PathDevelopmentConfig::new(2, size)
                .with_group(group)
                .init(&device);
            let z: Tensor<2> = layer.forward(path([1, 40, 2])).reshape([4, 4]);
            let scale = largest(&z).powi(2);
            let moved = z.clone().transpose().matmul(form.clone()).matmul(z);
            close("form", moved, form, scale);
        }
        let layer = PathDevelopmentConfig::new(2, 4)
            .with_group(MatrixGroup::Se)
            .init(&device);
        let z: Tensor<2> = layer.forward(path([1, 40, 2])).reshape([4, 4]);
        let last: Vec<f32> = z.clone().narrow(0, 3, 1).into_data().try_to_vec().unwrap();
        assert_eq!(last, [0., 0., 0., 1.]);
        let turn = z.narrow(0, 0, 3).narrow(1, 0, 3);
        let one = diagonal([1.0; 4]).narrow(0, 0, 3).narrow(1, 0, 3);
        close("turn", turn.clone().transpose().matmul(turn), one, 1.0);
    }

    #[test]
    fn sizes_and_records() {
        let device = Device::default();
        for group in GROUPS {
            let config = PathDevelopmentConfig::new(2, 2)
                .with_copies(3)
                .with_group(group);
            let layer = config.init(&device);
            assert_eq!(layer.forward(path([5, 1, 2])).dims()[..2], [5, 3]);
            let [_, copies, n, _] = layer.forward(path([5, 4, 2])).dims();
            assert_eq!(copies * n * n, config.d_output());
            let path = path([2, 4, 2]);
            let forward = |layer: &PathDevelopment| layer.forward(path.clone());
            layer_tests::record_round_trip(|| config.init(&device), forward);
        }
    }

    #[test]
    #[should_panic(expected = "MatrixGroup::Sp needs an even size, got 3")]
    fn odd_symplectic() {
        PathDevelopmentConfig::new(2, 3)
            .with_group(MatrixGroup::Sp)
            .init(&Device::default());
    }
}
