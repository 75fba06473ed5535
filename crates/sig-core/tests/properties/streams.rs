//! Streams and batches are made of signatures of their parts.

use proptest::prelude::*;

use super::random::{agree, calls_with_options, for_all, numbers};
use crate::support::naive::Call;
use crate::support::tensors::Array;

fn with_stream(call: &Call, stream: bool) -> Call {
    Call {
        stream,
        ..call.clone()
    }
}

/// Prefix `t` of the stream is the signature of the prefix of the path, with any options; the last
/// is the signature.
#[test]
fn stream_is_the_signatures_of_the_prefixes() {
    for_all(calls_with_options(), |engine, (call, _)| {
        let stream = engine.evaluate(&with_stream(call, true));
        let skipped = usize::from(call.basepoint.is_none());
        for t in 0..stream.shape[1] {
            let prefix = Call {
                path: call.path.points(0..t + 1 + skipped),
                ..with_stream(call, false)
            };
            let got = stream.points(t..t + 1);
            let got = Array::new(prefix.output_shape(), got.values);
            agree(engine, &prefix, &got, &engine.evaluate(&prefix))
                .map_err(|problem| format!("prefix {t}: {problem}"))?;
        }
        Ok(())
    });
}

/// A row of a batch is what it is alone.
#[test]
fn rows_of_a_batch_are_independent() {
    for_all(calls_with_options(), |engine, (call, _)| {
        let whole = engine.evaluate(call);
        for row in 0..call.path.shape[0] {
            let alone = call.map(|input| Array::stack(&[input.row(row)]));
            let got = Array::stack(&[whole.row(row)]);
            agree(engine, &alone, &got, &engine.evaluate(&alone))
                .map_err(|problem| format!("row {row}: {problem}"))?;
        }
        Ok(())
    });
}

/// Paths of more steps than one block of a prefix sum, on either side of the edges of blocks.
#[test]
fn long_streams() {
    let lengths = prop_oneof![Just(32), Just(33), Just(34), Just(65), Just(66), Just(130)];
    let long = lengths.prop_flat_map(|length: usize| {
        numbers(vec![1, length, 2]).prop_map(|path| Call::new(path, 3))
    });
    for_all(long, |engine, call| {
        let call = with_stream(call, true);
        agree(engine, &call, &engine.evaluate(&call), &call.evaluate())
    });
}
