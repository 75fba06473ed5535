//! Halves, and f32 over thousands of steps.

use burn::tensor::DType;

use crate::support::compare::{self, Floor};
use crate::support::engines::{targets, tolerance};
use crate::support::naive::{Call, Input};
use crate::support::run::{Engine, engines};
use crate::support::tensors::Array;

/// A smooth wiggle with a drift in every channel, rounded to a dtype.
fn wiggle(length: usize, channels: usize, dtype: DType) -> Array {
    let point = |t: usize, c: usize| {
        let (t, c) = (t as f64 / length as f64, c as f64 + 1.0);
        c.recip() * t + 0.3 * (9.0 * c * t).sin() + 0.02 * (400.0 * t + 3.0 * c).cos()
    };
    let points = (0..length).flat_map(|t| (0..channels).map(move |c| point(t, c)));
    Array::new([1, length, channels], points.collect()).rounded(dtype)
}

/// In halves the result is that of f32, rounded once: 400 steps summed in halves would be off by
/// percents.
#[test]
fn halves_accumulate_in_f32() {
    for target in targets() {
        for dtype in target.dtypes() {
            if !matches!(dtype, DType::F16 | DType::BF16) {
                continue;
            }
            let mut call = Call::new(wiggle(400, 2, dtype), 3);
            let halves = engines(&target, dtype).into_iter();
            for (half, single) in halves.zip(engines(&target, DType::F32)) {
                for stream in [false, true] {
                    call.stream = stream;
                    let want = single.evaluate(&call).rounded(dtype);
                    assert_eq!(half.evaluate(&call), want, "{half}");
                }
                call.stream = false;
                let weights = Array::new([1, 14], vec![1.0; 14]);
                let want = single.gradient(&call, Input::Path, &weights).rounded(dtype);
                assert_eq!(half.gradient(&call, Input::Path, &weights), want, "{half}");
            }
        }
    }
}

#[test]
fn dtype_of_the_path_is_kept() {
    for target in targets() {
        for dtype in target.dtypes() {
            for engine in engines(&target, dtype) {
                let path = wiggle(5, 2, dtype).tensor::<3>(&target.device, dtype);
                let options = sig_core::signatures::SignatureOptions::new()
                    .with_method(engine.method)
                    .with_scalar_term(true);
                let signature = sig_core::signatures::signature_with(path.clone(), 2, &options);
                assert_eq!(signature.dtype(), dtype, "{engine}");
                let stream = sig_core::signatures::signature_stream_with(path.clone(), 2, &options);
                assert_eq!(stream.dtype(), dtype, "{engine}");
                let one_point =
                    sig_core::signatures::signature_with(path.slice_dim(1, 0..1), 2, &options);
                assert_eq!(one_point.dtype(), dtype, "{engine}");
            }
        }
    }
}

/// 5000 steps at 1e-5 in f32, and at 1e-12 in f64 where there is one.
#[test]
fn long_paths() {
    const STEPS: usize = 5000;
    let call = Call::new(wiggle(STEPS + 1, 3, DType::F32), 4);
    let want = call.evaluate();
    let check = |engine: &Engine| {
        let floor = Floor::of_dtype(engine.dtype);
        let got = engine.evaluate(&call);
        compare::signatures(
            &got,
            &want,
            call.channels(),
            &floor,
            tolerance(engine.dtype),
        )
        .unwrap_or_else(|problem| panic!("{engine}: {problem}"));
    };
    for target in targets() {
        let dtypes = target.dtypes().into_iter();
        let dtypes = dtypes.filter(|dtype| matches!(dtype, DType::F32 | DType::F64));
        for dtype in dtypes {
            engines(&target, dtype).iter().for_each(check);
        }
    }
}
