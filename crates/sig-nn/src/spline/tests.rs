use burn::backend::{Flex, tensor::FloatTensor};
use burn::tensor::{Device, Tensor, TensorData};

use sig_kernels::spline::{Linear, Splines};

use super::{SplineLinear, portable, spline_linear};

const ORDERS: std::ops::Range<usize> = 0..6;
const COUNT: usize = 6;

fn params(order: usize) -> SplineLinear {
    SplineLinear {
        order,
        count: COUNT,
        outputs: 5,
    }
}

/// On knots, beside them, outside, far away.
fn positions(cells: usize) -> Vec<f64> {
    let inside = (0..=40).map(|step| step as f64 * (cells + 2) as f64 / 40.0 - 1.0);
    let knots = (0..=cells).map(|knot| knot as f64);
    let far = [-1e9, 1e9, f64::INFINITY, f64::NEG_INFINITY];
    inside.chain(knots).chain(far).collect()
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

        let linear = Linear {
            splines: Splines {
                order,
                count: params.count,
                outputs: params.outputs,
            },
            features,
            positions: &positions,
            base: &base,
            weight: &weight,
        };
        let inputs = || {
            let [positions, base] = [&positions, &base].map(|values| tensor(values, features));
            (positions, base, tensor(&weight, params.outputs))
        };
        let (z, b, w) = inputs();
        let expected = portable::linear::<Flex>(z, b, w, params);
        assert_same(&linear.values(), &numbers(expected));

        let (z, b, w) = inputs();
        let output_gradient = tensor(&output, params.outputs);
        let [z, b, w] = portable::gradients::<Flex>(z, b, w, output_gradient, params);
        let ours = linear.gradients(&output);
        assert_same(&ours.positions, &numbers(z));
        assert_same(&ours.base, &numbers(b));
        assert_same(&ours.weight, &numbers(w));
    }
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
        let params = SplineLinear {
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
