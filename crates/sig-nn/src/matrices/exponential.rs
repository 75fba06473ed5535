//! The exponential of matrices by scaling and squaring.
//!
//! All matrices of a batch are halved as often as the largest of them needs, so that there is no
//! branch per matrix: `‖M / 2^s‖₁ ≤ ½`, where Taylor's series of degree 8 has a remainder of 5e-9 and
//! of degree 16 one below 1e-19. The series is grouped by fours (Paterson & Stockmeyer), so that it
//! takes 4 or 6 products. Autodiff goes through the products: the gradient is that of what is
//! computed.

use burn::tensor::{DType, Tensor};

use super::with_identity;

/// `exp(M)` of each matrix, `[rows, m, m]`. A matrix that is not finite has an exponential that is not,
/// and does not change that of others.
pub(crate) fn matrix_exp(matrices: Tensor<3>) -> Tensor<3> {
    let [rows, _, size] = matrices.dims();
    if rows == 0 || size == 0 {
        return matrices;
    }
    if size == 1 {
        return matrices.exp();
    }
    let groups = match matrices.dtype() {
        DType::F64 => 4,
        _ => 2,
    };
    let halvings = halvings(&matrices);
    let mut result = series(matrices * 0.5f64.powi(halvings), groups);
    for _ in 0..halvings {
        result = result.clone().matmul(result);
    }
    result
}

/// How often the matrices are halved: `⌈log2 2‖M‖₁⌉` of the largest finite norm.
fn halvings(matrices: &Tensor<3>) -> i32 {
    let norms = matrices.clone().detach().abs().sum_dim(1).max_dim(2);
    let norms = norms.into_data();
    let finite = norms.iter::<f64>().filter(|norm| norm.is_finite());
    let largest = finite.fold(0.0, f64::max);
    // Beyond 2⁶⁰ nothing but infinities and zeros is left.
    (2.0 * largest).log2().ceil().clamp(0.0, 60.0) as i32
}

/// `Σ_{k ≤ 4 groups} M^k / k!`
fn series(x: Tensor<3>, groups: i32) -> Tensor<3> {
    let square = x.clone().matmul(x.clone());
    let cube = square.clone().matmul(x.clone());
    let fourth = square.clone().matmul(square.clone());
    let factorial = |k: i32| (1..=k).map(f64::from).product::<f64>();
    let coefficient = |k: i32| 1.0 / factorial(k);
    let group = |first: i32| {
        let powers = x.clone() * coefficient(first + 1)
            + square.clone() * coefficient(first + 2)
            + cube.clone() * coefficient(first + 3);
        with_identity(powers, coefficient(first))
    };
    let top = 4 * (groups - 1);
    let mut sum = group(top) + fourth.clone() * coefficient(top + 4);
    for first in (0..groups - 1).rev().map(|group| 4 * group) {
        sum = group(first) + fourth.clone().matmul(sum);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};

    fn matrices(values: Vec<f64>, shape: [usize; 3], dtype: DType) -> Tensor<3> {
        let data = TensorData::new(values, shape).convert_dtype(dtype);
        Tensor::from_data(data, (&Device::default(), dtype))
    }

    /// A turn, a shear and a stretch of many sizes, whose exponentials are known, in one batch.
    #[test]
    fn of_known_matrices() {
        for (dtype, tolerance) in [(DType::F32, 2e-5), (DType::F64, 1e-13)] {
            if !Device::default().supports_dtype(dtype) {
                continue;
            }
            for size in [0.0, 1e-9, 0.3, 1.0, 5.0] {
                let a: f64 = size;
                let values = vec![0.0, -a, a, 0.0, 0.0, a, 0.0, 0.0, a, 0.0, 0.0, -a];
                let want = [
                    a.cos(),
                    -a.sin(),
                    a.sin(),
                    a.cos(),
                    1.0,
                    a,
                    0.0,
                    1.0,
                    a.exp(),
                    0.0,
                    0.0,
                    (-a).exp(),
                ];
                let got = matrix_exp(matrices(values, [3, 2, 2], dtype)).into_data();
                let scale = a.exp();
                for (got, want) in got.iter::<f64>().zip(want) {
                    let off = (got - want).abs() / scale;
                    assert!(off < tolerance, "{dtype:?}, {a}: {got}, {want}");
                }
            }
        }
    }

    #[test]
    fn what_is_not_finite_stays_alone() {
        let values = vec![f64::NAN, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0];
        let exp = matrix_exp(matrices(values, [2, 2, 2], DType::F32));
        let exp: Vec<f32> = exp.into_data().try_to_vec().unwrap();
        assert!(exp[0].is_nan());
        assert_eq!(exp[4..], [1.0, 0.0, 0.0, 1.0]);
    }
}
