use burn::backend::{Flex, tensor::FloatTensor};
use burn::tensor::{Device, Tensor, TensorData};

use super::{SplineParams, kernel, portable, spline_basis};

const ORDERS: std::ops::Range<usize> = 0..6;
const COUNT: usize = 6;

/// On knots, beside them, outside, far away.
fn positions(cells: usize) -> Vec<f64> {
    let inside = (0..=40).map(|step| step as f64 * (cells + 2) as f64 / 40.0 - 1.0);
    let knots = (0..=cells).map(|knot| knot as f64);
    let far = [-1e9, 1e9, f64::INFINITY, f64::NEG_INFINITY];
    inside.chain(knots).chain(far).collect()
}

/// The definition: `(1/k!) Σ_i (−1)^i C(k+1, i) (u − i)_+^k`.
fn truncated_powers(u: f64, order: usize) -> f64 {
    let (mut sum, mut binomial, mut factorial) = (0.0, 1.0, 1.0);
    for i in 0..=order + 1 {
        if u > i as f64 {
            sum += binomial * (u - i as f64).powi(order as i32);
        }
        binomial *= -((order + 1 - i) as f64) / (i + 1) as f64;
    }
    (1..=order).for_each(|k| factorial *= k as f64);
    sum / factorial
}

#[test]
fn the_definition() {
    for order in 1..6 {
        let params = SplineParams {
            order,
            count: COUNT,
        };
        let positions = positions(order + COUNT);
        let basis = kernel::basis(&positions, params);
        for (position, row) in positions.iter().zip(basis.chunks(COUNT)) {
            for (spline, value) in row.iter().enumerate() {
                let u = position - spline as f64;
                let expected = match u > 0.0 && u < order as f64 + 1.0 {
                    true => truncated_powers(u, order),
                    false => 0.0,
                };
                assert!((value - expected).abs() < 1e-12, "{order} {u}: {value}");
            }
        }
    }
}

#[test]
fn kernels_and_primitives_agree() {
    let tensor = |values: &[f64], columns: usize| {
        let shape = [values.len() / columns, columns];
        FloatTensor::<Flex>::from_data(TensorData::new(values.to_vec(), shape))
    };
    let numbers = |tensor: FloatTensor<Flex>| tensor.as_slice::<f64>().unwrap().to_vec();
    for order in ORDERS {
        let params = SplineParams {
            order,
            count: COUNT,
        };
        let mut positions = positions(order + COUNT);
        positions.push(f64::NAN);
        let z = tensor(&positions, 1);
        let basis = portable::basis::<Flex>(z.clone(), params);
        assert_same(&kernel::basis(&positions, params), &numbers(basis));

        let output: Vec<f64> = (0..positions.len() * COUNT)
            .map(|i| (i as f64).sin())
            .collect();
        let g = tensor(&output, COUNT);
        let gradient = portable::gradient::<Flex>(z, g, params);
        let ours = kernel::gradient(&positions, &output, params);
        assert_same(&ours, &numbers(gradient));
    }
}

fn assert_same(ours: &[f64], theirs: &[f64]) {
    assert_eq!(ours.len(), theirs.len());
    for (a, b) in ours.iter().zip(theirs) {
        let same = (a - b).abs() < 1e-12 || (a.is_nan() && b.is_nan());
        assert!(same, "{a} {b}");
    }
}

#[test]
fn on_the_grid_they_add_up_to_one() {
    let device = Device::default();
    for order in ORDERS {
        let params = SplineParams {
            order,
            count: COUNT,
        };
        let grid = (0..20).map(|i| order as f32 + i as f32 * (COUNT - order) as f32 / 20.0);
        let data = TensorData::new(grid.collect(), [20, 1]);
        let basis = spline_basis(Tensor::from_data(data, &device), params);
        let sums = basis.sum_dim(1).into_data();
        sums.assert_approx_eq::<f32>(&TensorData::ones::<f32, _>([20, 1]), Default::default());
    }
}

#[test]
fn the_gradient_is_that_of_finite_differences() {
    for order in 2..6 {
        let params = SplineParams {
            order,
            count: COUNT,
        };
        let positions: Vec<f64> = (0..50).map(|i| f64::from(i) * 0.25 + 0.1).collect();
        let output: Vec<f64> = (0..50 * COUNT).map(|i| (i as f64).cos()).collect();
        let value = |step: f64| {
            let moved: Vec<f64> = positions.iter().map(|z| z + step).collect();
            let basis = kernel::basis(&moved, params);
            let products = basis.iter().zip(&output).map(|(b, g)| b * g);
            let products: Vec<f64> = products.collect();
            products
                .chunks(COUNT)
                .map(|row| row.iter().sum::<f64>())
                .collect::<Vec<_>>()
        };
        let (up, down) = (value(1e-5), value(-1e-5));
        let gradient = kernel::gradient(&positions, &output, params);
        for ((up, down), gradient) in up.iter().zip(&down).zip(gradient) {
            let expected = (up - down) / 2e-5;
            assert!((gradient - expected).abs() < 1e-8, "{gradient} {expected}");
        }
    }
}
