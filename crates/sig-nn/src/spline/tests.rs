use burn::backend::{Flex, tensor::FloatTensor};
use burn::tensor::{Device, Tensor, TensorData};

use super::linear::Linear;
use super::{SplineParams, kernel, portable, spline_linear};

const ORDERS: std::ops::Range<usize> = 0..6;
const COUNT: usize = 6;

fn params(order: usize) -> SplineParams {
    SplineParams {
        order,
        count: COUNT,
        outputs: 5,
    }
}

/// `[splines][positions]` to `[positions][splines]`
fn by_rows(columns: &[f64], rows: usize) -> Vec<f64> {
    let row = |row: usize| columns.iter().skip(row).step_by(rows);
    (0..rows).flat_map(row).copied().collect()
}

fn basis(positions: &[f64], order: usize) -> Vec<f64> {
    let mut basis = vec![0.0; positions.len() * COUNT];
    kernel::fill(positions, &mut basis, params(order));
    by_rows(&basis, positions.len())
}

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
        let positions = positions(order + COUNT);
        let basis = basis(&positions, order);
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
    let numbers = |tensor: FloatTensor<Flex>| {
        let contiguous = tensor.to_contiguous();
        contiguous.as_slice::<f64>().unwrap().to_vec()
    };
    let waves = |count: usize| -> Vec<f64> { (0..count).map(|i| (i as f64).sin()).collect() };
    for (order, features, repeats) in ORDERS.flat_map(|order| [(order, 1, 1), (order, 3, 90)]) {
        let params = params(order);
        let mut positions = positions(order + COUNT).repeat(features * repeats);
        // Among them nothing else, as it reaches all gradients of the weight.
        let with_nan = features == 1;
        positions.extend(with_nan.then_some(f64::NAN));
        let rows = positions.len() / features;
        let base = waves(positions.len());
        let weight = waves(params.inputs(features) * params.outputs);
        let output = waves(rows * params.outputs);

        let linear = Linear::new(&positions, &base, &weight, features, params);
        let inputs = || {
            let [positions, base] = [&positions, &base].map(|values| tensor(values, features));
            (positions, base, tensor(&weight, params.outputs))
        };
        let (z, b, w) = inputs();
        let expected = portable::linear::<Flex>(z, b, w, params);
        assert_same(&linear.forward(), &numbers(expected));

        let (z, b, w) = inputs();
        let output_gradient = tensor(&output, params.outputs);
        let [z, b, w] = portable::gradients::<Flex>(z, b, w, output_gradient, params);
        let ours = linear.backward(&output);
        assert_same(&ours.positions, &numbers(z));
        assert_same(&ours.base, &numbers(b));
        assert_same(&ours.weight, &numbers(w));
    }
}

#[test]
fn the_bits_do_not_depend_on_the_threads() {
    let waves = |count: usize| -> Vec<f32> { (0..count).map(|i| (i as f32).cos()).collect() };
    let params = params(3);
    let positions: Vec<f32> = waves(2000).iter().map(|wave| 4.5 + 4.0 * wave).collect();
    let (base, output) = (waves(2000), waves(1000 * params.outputs));
    let weight = waves(params.inputs(2) * params.outputs);
    let linear = Linear::new(&positions, &base, &weight, 2, params);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| {
            let gradients = linear.backward(&output);
            let numbers = [linear.forward(), gradients.weight, gradients.positions].concat();
            numbers.into_iter().map(f32::to_bits).collect::<Vec<_>>()
        })
    };
    assert_eq!(with(1), with(3));
}

fn assert_same(ours: &[f64], theirs: &[f64]) {
    assert_eq!(ours.len(), theirs.len());
    for (a, b) in ours.iter().zip(theirs) {
        let same = (a - b).abs() < 1e-12 * b.abs().max(1.0) || (a.is_nan() && b.is_nan());
        assert!(same, "{a} {b}");
    }
}

#[test]
fn on_the_grid_they_add_up_to_one() {
    let device = Device::default();
    for order in ORDERS {
        let params = SplineParams {
            outputs: 1,
            ..params(order)
        };
        let grid = (0..20).map(|i| order as f32 + i as f32 * (COUNT - order) as f32 / 20.0);
        let data = TensorData::new(grid.collect(), [20, 1]);
        let positions = Tensor::<2>::from_data(data, &device);
        let (base, weight) = (
            positions.zeros_like(),
            Tensor::ones([1 + COUNT, 1], &device),
        );
        let sums = spline_linear(positions, base, weight, params).into_data();
        sums.assert_approx_eq::<f32>(&TensorData::ones::<f32, _>([20, 1]), Default::default());
    }
}

#[test]
fn the_gradient_is_that_of_finite_differences() {
    for order in 2..6 {
        let positions: Vec<f64> = (0..50).map(|i| f64::from(i) * 0.25 + 0.1).collect();
        let output: Vec<f64> = (0..50 * COUNT).map(|i| (i as f64).cos()).collect();
        let value = |step: f64| {
            let moved: Vec<f64> = positions.iter().map(|z| z + step).collect();
            let basis = basis(&moved, order);
            let products = basis.iter().zip(&output).map(|(b, g)| b * g);
            let products: Vec<f64> = products.collect();
            products
                .chunks(COUNT)
                .map(|row| row.iter().sum::<f64>())
                .collect::<Vec<_>>()
        };
        let (up, down) = (value(1e-5), value(-1e-5));
        let mut gradient = vec![0.0; 50];
        let columns = by_rows(&output, COUNT);
        kernel::pull_back(&positions, &columns, &mut gradient, params(order));
        for ((up, down), gradient) in up.iter().zip(&down).zip(gradient) {
            let expected = (up - down) / 2e-5;
            assert!((gradient - expected).abs() < 1e-8, "{gradient} {expected}");
        }
    }
}
