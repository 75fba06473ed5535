//! NaN and infinity stay in their row of the batch, in values and in gradients.

use sig_core::streaming::SignatureQueue;
use sig_core::windows::IndexedPath;

use crate::support::engines::targets;
use crate::support::naive::{Call, Input};
use crate::support::run::{Engine, engines};
use crate::support::tensors::Array;

const BAD: [f64; 3] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];

/// Three paths, and the same with one number of the middle one replaced.
fn paths(bad: f64, length: usize) -> (Array, Array) {
    let values: Vec<f64> = (0..3 * length * 2)
        .map(|i| (1.3 * i as f64).sin())
        .collect();
    let good = Array::new([3, length, 2], values);
    let mut with_bad = good.clone();
    with_bad.values[length * 2 + 4] = bad;
    (good, with_bad)
}

fn for_all(test: impl Fn(&Engine, &Call, &Call)) {
    for target in targets() {
        for dtype in target.dtypes() {
            for engine in engines(&target, dtype) {
                // Below and above the length of a block of the prefix sums.
                for length in [5, 40] {
                    for bad in BAD {
                        for (stream, inverse) in [(false, false), (true, false), (false, true)] {
                            let (good, bad) = paths(bad, length);
                            let call = |path| Call {
                                stream,
                                inverse,
                                ..Call::new(path, 3)
                            };
                            test(&engine, &call(good), &call(bad));
                        }
                    }
                }
            }
        }
    }
}

/// The rows beside the bad one are what they are without it, to the bit.
fn assert_other_rows_kept(engine: &Engine, good: &Array, bad: &Array) {
    for row in [0, 2] {
        assert_eq!(good.row(row), bad.row(row), "{engine}: row {row}");
    }
}

#[test]
fn values() {
    for_all(|engine, good, bad| {
        let (good, bad) = (engine.evaluate(good), engine.evaluate(bad));
        assert_other_rows_kept(engine, &good, &bad);
        assert!(
            bad.row(1).values.iter().any(|x| !x.is_finite()),
            "{engine}: the bad row is lost"
        );
    });
}

#[test]
fn gradients() {
    for_all(|engine, good, bad| {
        let shape = good.output_shape();
        let weights = (0..shape.iter().product()).map(|i: usize| 1.0 + (i % 5) as f64);
        let weights = Array::new(shape.clone(), weights.collect());
        let gradient = |call| engine.gradient(call, Input::Path, &weights);
        let (good, bad) = (gradient(good), gradient(bad));
        assert!(good.values.iter().all(|x| x.is_finite()), "{engine}");
        assert_other_rows_kept(engine, &good, &bad);
        assert!(
            bad.row(1).values.iter().any(|x| !x.is_finite()),
            "{engine}: the bad row is lost"
        );
    });
}

/// In a stream, what comes before a NaN is not touched by it.
#[test]
fn prefixes_before_a_nan() {
    for_all(|engine, good, bad| {
        if !good.stream {
            return;
        }
        let (good, bad) = (engine.evaluate(good), engine.evaluate(bad));
        let before = |signature: &Array| signature.row(1).row(0);
        assert_eq!(
            before(&good),
            before(&bad),
            "{engine}: the prefix before the bad point"
        );
    });
}

/// Only what holds the bad point knows of it: intervals of a path, and a window that has moved past it.
#[test]
fn intervals_and_windows_beside_a_nan() {
    for target in targets() {
        for bad in BAD {
            let (good, mut with_bad) = paths(bad, 300);
            with_bad.values[2 * 300 + 2 * 40] = bad;
            let intervals = [0..2, 41..300, 50..190, 3..300];
            let of = |path: &Array| {
                let points = path.tensor::<3>(&target.device, target.widest());
                Array::from(IndexedPath::new(points, 3).signatures(&intervals)).row(1)
            };
            let (got, want) = (of(&with_bad), of(&good));
            for interval in 0..3 {
                assert_eq!(got.row(interval), want.row(interval));
            }
            assert!(got.row(3).values.iter().any(|x| !x.is_finite()));
        }
    }
    let point = |t: usize| [(t as f64).sin(), (1.7 * t as f64).cos()];
    let mut queue = SignatureQueue::<f64>::new(2, 3);
    let mut without = queue.clone();
    for t in 0..400 {
        queue.push(&if t == 50 { [f64::NAN, 0.0] } else { point(t) });
        if t > 50 {
            without.push(&point(t));
        }
        if queue.len() > 100 {
            queue.pop_front();
        }
        if without.len() > 100 {
            without.pop_front();
        }
        let whole = queue.signature();
        let knows = (50..150).contains(&t);
        assert_eq!(whole.iter().any(|x| x.is_nan()), knows, "{t}");
        if t >= 150 {
            let far = whole
                .iter()
                .zip(without.signature())
                .map(|(a, b)| (a - b).abs());
            assert!(far.fold(0.0, f64::max) < 1e-9, "{t}");
        }
    }
}
