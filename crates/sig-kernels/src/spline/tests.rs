use super::{Linear, Splines, basis};

const COUNT: usize = 6;

fn splines(order: usize) -> Splines {
    Splines {
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

fn values(positions: &[f64], order: usize) -> Vec<f64> {
    let mut basis = vec![0.0; positions.len() * COUNT];
    basis::fill(positions, &mut basis, splines(order));
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
        let basis = values(&positions, order);
        for (position, row) in positions.iter().zip(basis.chunks(COUNT)) {
            for (spline, value) in row.iter().enumerate() {
                let u = position - spline as f64;
                let is_inside = u > 0.0 && u < order as f64 + 1.0;
                let expected = if is_inside {
                    truncated_powers(u, order)
                } else {
                    0.0
                };
                assert!((value - expected).abs() < 1e-12, "{order} {u}: {value}");
            }
        }
    }
}

#[test]
fn the_bits_do_not_depend_on_the_threads() {
    let waves = |count: usize| -> Vec<f32> { (0..count).map(|i| (i as f32).cos()).collect() };
    let splines = splines(3);
    let positions: Vec<f32> = waves(2000).iter().map(|wave| 4.5 + 4.0 * wave).collect();
    let (base, output) = (waves(2000), waves(1000 * splines.outputs));
    let weight = waves(splines.inputs(2) * splines.outputs);
    let linear = Linear {
        splines,
        features: 2,
        positions: &positions,
        base: &base,
        weight: &weight,
    };
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| {
            let gradients = linear.gradients(&output);
            let numbers = [linear.values(), gradients.weight, gradients.positions].concat();
            numbers.into_iter().map(f32::to_bits).collect::<Vec<_>>()
        })
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn the_gradient_is_that_of_finite_differences() {
    for order in 2..6 {
        let positions: Vec<f64> = (0..50).map(|i| f64::from(i) * 0.25 + 0.1).collect();
        let output: Vec<f64> = (0..50 * COUNT).map(|i| (i as f64).cos()).collect();
        let value = |step: f64| {
            let moved: Vec<f64> = positions.iter().map(|z| z + step).collect();
            let basis = values(&moved, order);
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
        basis::pull_back(&positions, &columns, &mut gradient, splines(order));
        for ((up, down), gradient) in up.iter().zip(&down).zip(gradient) {
            let expected = (up - down) / 2e-5;
            assert!((gradient - expected).abs() < 1e-8, "{gradient} {expected}");
        }
    }
}
