//! Products of linear functionals of signatures, and of signatures with each other.

use burn::tensor::Tensor;

use crate::check::{check_pair, check_signature};
use crate::series::{in_f32, join, places, split};
use crate::signatures::SignatureSpec;

/// The shuffle product of two linear functionals: the functional that is their product on every
/// signature, `⟨S, a⟩ ⟨S, b⟩ = ⟨S, a ⧢ b⟩`
/// ([Ree 1958](https://doi.org/10.2307/1970243)).
///
/// The product of words is the sum of all words that mix the two, each kept in its order; words
/// longer than the depth are dropped, so that the identity above holds where the longest words of
/// `a` and `b` have together no more than `depth` letters.
///
/// # Arguments
///
/// - `a`, `b`: a coefficient for each word, in the layout of a signature without scalar term.
/// - `spec`: the channels and the depth of both.
///
/// # Shapes
///
/// - a, b: `[batch, terms]`
/// - output: `[batch, terms]`
///
/// # Panics
///
/// As [`signature_combine`](crate::algebra::signature_combine).
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::{algebra::shuffle_product, signatures::{SignatureSpec, signature}};
///
/// let device = Device::flex();
/// // Of two channels at depth 2: the words 0, 1, 00, 01, 10, 11.
/// let (a, b) = ([[1., 0., 0., 0., 0., 0.]], [[0., 1., 0., 0., 0., 0.]]);
/// let (a, b) = (Tensor::<2>::from_floats(a, &device), Tensor::from_floats(b, &device));
/// let shuffled = shuffle_product(a.clone(), b.clone(), SignatureSpec::new(2, 2)); // 01 + 10
/// let path = Tensor::<3>::from_floats([[[0., 0.], [1., 0.], [1., 3.]]], &device);
/// let path = signature(path, 2);
/// let of = |functional: Tensor<2>| (functional * path.clone()).sum().into_scalar::<f32>();
/// assert_eq!(of(a) * of(b), of(shuffled));
/// ```
#[track_caller]
pub fn shuffle_product(a: Tensor<2>, b: Tensor<2>, spec: SignatureSpec) -> Tensor<2> {
    const OPERATION: &str = "shuffle_product";
    check_signature(OPERATION, "a", &a, spec);
    check_signature(OPERATION, "b", &b, spec);
    check_pair(OPERATION, ("a", &a), ("b", &b));
    in_f32([a, b], |[a, b]| {
        let (a, b) = (split(a, spec), split(b, spec));
        let mut levels = vec![a[0].zeros_like()];
        for k in 2..=spec.depth() {
            let parts = (1..k).map(|i| shuffle_levels(&a[i - 1], &b[k - i - 1], [i, k - i], spec));
            levels.extend(parts.reduce(|sum, part| sum + part));
        }
        join(levels)
    })
}

/// The shuffle product of one level each: at every word the sum, over the choices of `i` of its
/// letters, of `a` at the letters chosen times `b` at the others.
fn shuffle_levels(
    a: &Tensor<2>,
    b: &Tensor<2>,
    [i, j]: [usize; 2],
    spec: SignatureSpec,
) -> Tensor<2> {
    let device = a.device();
    let words = spec.level_range(i + j).map(|index| spec.word(index));
    let words: Vec<Vec<usize>> = words.collect();
    let at = |tensor: &Tensor<2>, choice: &[bool], chosen: bool| {
        let index = words.iter().map(|word| {
            let letters = word.iter().zip(choice).filter(|(_, c)| **c == chosen);
            letters.fold(0, |index, (letter, _)| index * spec.channels() + letter)
        });
        tensor.clone().select(1, places(index, &device))
    };
    let products = choices(i, j)
        .into_iter()
        .map(|choice| at(a, &choice, true) * at(b, &choice, false));
    let sum = products.reduce(|sum, product| sum + product);
    sum.expect("there is a way to choose from at least one letter")
}

/// Every choice of `i` out of `i + j` places.
fn choices(i: usize, j: usize) -> Vec<Vec<bool>> {
    if i == 0 || j == 0 {
        return vec![vec![i > 0; i + j]];
    }
    let starting_with = |chosen: bool, rest: Vec<Vec<bool>>| {
        let rest = rest.into_iter();
        rest.map(move |choice| [vec![chosen], choice].concat())
    };
    let with = starting_with(true, choices(i - 1, j));
    with.chain(starting_with(false, choices(i, j - 1)))
        .collect()
}

/// The inner product of signatures in the truncated tensor algebra, the truncated signature kernel:
/// `⟨S, T⟩ = 1 + Σ_w S_w T_w`, where the 1 is the product of the scalar terms
/// ([Király & Oberhauser 2019](https://jmlr.org/papers/v20/16-314.html)).
///
/// The value of a functional at a signature, without that 1, is `(functional * signature).sum_dim(1)`.
///
/// # Arguments
///
/// - `a`, `b`: signatures without scalar term, of the same channels and depth.
///
/// # Shapes
///
/// - a, b: `[batch, terms]`
/// - output: `[batch]`
///
/// # Panics
///
/// If the shapes or dtypes differ.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::algebra::signature_inner_product;
///
/// let device = Device::flex();
/// let a = Tensor::<2>::from_floats([[2., 2.]], &device);
/// let product = signature_inner_product(a.clone(), a);
/// assert_eq!(product.dims(), [1]);
/// ```
#[track_caller]
pub fn signature_inner_product(a: Tensor<2>, b: Tensor<2>) -> Tensor<1> {
    const OPERATION: &str = "signature_inner_product";
    check_pair(OPERATION, ("a", &a), ("b", &b));
    assert!(
        a.dims()[1] == b.dims()[1],
        "{OPERATION}: a and b must have the same terms (axis 1), got {} and {}",
        a.dims()[1],
        b.dims()[1]
    );
    let batch = a.dims()[0];
    in_f32([a, b], |[a, b]| (a * b).sum_dim(1).reshape([batch]) + 1.0)
}
