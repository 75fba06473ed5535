//! The kernels on slices, against the definition.

use super::Call;

/// Batch, steps, channels, depth: more and fewer rows than lanes, paths in stretches and parts, channels
/// in one block and in more, steps in one chunk and in more.
const SHAPES: [[usize; 4]; 13] = [
    [1, 1, 1, 1],
    [2, 3, 2, 1],
    [3, 5, 2, 2],
    [5, 4, 3, 3],
    [1, 200, 1, 3],
    [1, 90, 2, 4],
    [1, 703, 1, 3],
    [6, 407, 2, 2],
    [9, 3, 2, 5],
    [16, 80, 2, 3],
    [2, 3, 6, 3],
    [3, 7, 5, 3],
    [2, 2, 11, 2],
];

fn numbers(count: usize, seed: usize) -> Vec<f64> {
    let number = |i: usize| ((i * 7 + seed * 13) as f64 * 0.37).sin() * 0.4;
    (0..count).map(number).collect()
}

/// Levels after one more step, `S ⊗ exp(z)`, level 0 first.
fn step(levels: &[Vec<f64>], z: &[f64]) -> Vec<Vec<f64>> {
    let mut exp = vec![vec![1.0]];
    for k in 1..levels.len() {
        let outer = exp[k - 1]
            .iter()
            .flat_map(|a| z.iter().map(move |b| a * b / k as f64));
        exp.push(outer.collect());
    }
    let level = |k: usize| {
        let mut sum = vec![0.0; levels[k].len()];
        for j in 0..=k {
            let products = levels[j]
                .iter()
                .flat_map(|a| exp[k - j].iter().map(move |b| a * b));
            sum.iter_mut()
                .zip(products)
                .for_each(|(sum, product)| *sum += product);
        }
        sum
    };
    (0..levels.len()).map(level).collect()
}

fn plain(call: &Call<'_, f64>) -> Vec<f64> {
    let d = call.channels;
    let terms = (1..=call.depth).map(|k| d.pow(k as u32)).sum();
    let mut output = Vec::new();
    for row in 0..call.rows {
        let mut levels = vec![vec![1.0]];
        let mut initial = call.initial.map(|all| &all[row * terms..][..terms]);
        for k in 1..=call.depth {
            let count = d.pow(k as u32);
            levels.push(match &mut initial {
                Some(rest) => rest.split_off(..count).expect("all levels").to_vec(),
                None => vec![0.0; count],
            });
        }
        let points = &call.paths[row * (call.steps + 1) * d..][..(call.steps + 1) * d];
        for t in 0..call.steps {
            let z: Vec<f64> = (0..d)
                .map(|i| points[(t + 1) * d + i] - points[t * d + i])
                .collect();
            levels = step(&levels, &z);
            if call.stream || t + 1 == call.steps {
                output.extend(levels[1..].iter().flatten());
            }
        }
    }
    output
}

fn close(got: &[f64], want: &[f64], tolerance: f64, place: &str) {
    assert_eq!(got.len(), want.len(), "{place}");
    for (i, (a, b)) in got.iter().zip(want).enumerate() {
        assert!(
            (a - b).abs() <= tolerance * b.abs().max(1.0),
            "{place}, {i}: {a}, expected {b}"
        );
    }
}

#[test]
fn values_and_gradients() {
    let mut kept = 0;
    for [rows, steps, channels, depth] in SHAPES {
        // Miri takes minutes for the long ones.
        if cfg!(miri) && rows * steps > 30 {
            continue;
        }
        let terms: usize = (1..=depth).map(|k| channels.pow(k as u32)).sum();
        let paths = numbers(rows * (steps + 1) * channels, 1);
        let start = numbers(rows * terms, 2);
        for (stream, initial) in [
            (false, None),
            (true, None),
            (false, Some(&start[..])),
            (true, Some(&start[..])),
        ] {
            let call = Call {
                paths: &paths,
                rows,
                steps,
                channels,
                depth,
                stream,
                inverse: false,
                initial,
                views: None,
            };
            let place = format!("{rows}, {steps}, {channels}, {depth}, stream {stream}");
            let output = call.signature();
            close(&output, &plain(&call), 1e-12, &place);

            let cotangent = numbers(output.len(), 3);
            let (gradient, of_initial) = call.gradient(&cotangent, None);
            let (again, states) = call.signature_and_states();
            assert_eq!(again, output, "{place}");
            if let Some(states) = states {
                let (path, start) = call.gradient(&cotangent, Some(&states));
                close(&path, &gradient, 1e-12, &place);
                assert_eq!(start.is_some(), of_initial.is_some(), "{place}");
                close(
                    &start.unwrap_or_default(),
                    of_initial.as_deref().unwrap_or_default(),
                    1e-12,
                    &place,
                );
                kept += 1;
            }
            let along = |direction: &[f64], size: f64, of_path: bool| {
                let of = if of_path { &paths } else { &start };
                let moved: Vec<f64> = of
                    .iter()
                    .zip(direction)
                    .map(|(x, v)| x + size * v)
                    .collect();
                let call = match of_path {
                    true => Call {
                        paths: &moved,
                        ..call
                    },
                    false => Call {
                        initial: Some(&moved),
                        ..call
                    },
                };
                dot(&plain(&call), &cotangent)
            };
            let parts = [
                Some((&gradient, true)),
                of_initial.as_ref().map(|of| (of, false)),
            ];
            for (gradient, of_path) in parts.into_iter().flatten() {
                let direction = numbers(gradient.len(), 4);
                let [more, less] = [1e-4, -1e-4].map(|size| along(&direction, size, of_path));
                let (got, want) = (dot(gradient, &direction), (more - less) / 2e-4);
                close(&[got], &[want], 1e-6, &place);
            }
        }
    }
    assert!(kept > 2, "states were left {kept} times");
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
