//! Sizes that overflow or cannot be allocated: a message with the number of terms, and no attempt.

use burn::tensor::Tensor;
use sig_core::signatures::{
    SignatureMethod, SignatureOptions, signature_stream_with, signature_with, sub_signature_stream,
};
use sig_core::streaming::SignatureQueue;
use sig_core::windows::{IndexedPath, Windows, signature_windows};
use sig_core::words::WordSet;

use super::panics::assert_panics;
use crate::support::engines::{METHODS, Target, targets};

fn each_method(test: impl Fn(&Target, SignatureOptions)) {
    for target in targets() {
        for method in METHODS {
            test(&target, SignatureOptions::new().with_method(method));
        }
    }
}

#[test]
fn terms_that_cannot_be_addressed() {
    each_method(|target, options| {
        let path = Tensor::<3>::zeros([1, 2, 10], &target.device);
        let parts = ["10 channels at depth 20", "111111111111111111110 terms"];
        assert_panics(&parts, || signature_with(path.clone(), 20, &options));
        assert_panics(&parts, || signature_stream_with(path, 20, &options));
    });
}

/// The terms of one row can be addressed, those of the batch or of all steps cannot.
#[test]
fn outputs_that_cannot_be_addressed() {
    each_method(|target, options| {
        let terms = format!("{} terms", (1u64 << 57) - 2);
        let batch = Tensor::<3>::zeros([16, 2, 2], &target.device);
        let parts = ["signature:", "16 x 1 x", &terms, "cannot be allocated"];
        assert_panics(&parts, || signature_with(batch, 56, &options));
        let long = Tensor::<3>::zeros([1, 17, 2], &target.device);
        let parts = [
            "signature_stream:",
            "1 x 16 x",
            &terms,
            "cannot be allocated",
        ];
        assert_panics(&parts, || signature_stream_with(long, 56, &options));
    });
}

/// 10^12 terms can be addressed, but their 4 TB are not there.
#[test]
fn outputs_that_no_memory_holds() {
    each_method(|target, options| {
        // The memory of a server is another; it says so itself, as the tests of servers show.
        if target.name == "remote" {
            return;
        }
        // Where the system grants any request (`vm.overcommit_memory = 1`), ask beyond the address
        // space of the processor instead.
        let (channels, depth, terms) = match target.on_host() && grants_everything() {
            false => (10, 12, "1111111111110 terms"),
            true => (2, 58, "576460752303423486 terms"),
        };
        let path = Tensor::<3>::zeros([1, 2, channels], &target.device);
        let parts = [
            "signature:",
            terms,
            "cannot be allocated",
            "lower the depth",
        ];
        assert_panics(&parts, || signature_with(path, depth, &options));
    });
}

/// What `Parallel` holds of all steps counts, too; `Auto` avoids it where it can.
#[test]
fn steps_that_no_host_memory_holds() {
    each_method(|target, options| {
        if !target.on_host() || options.method != SignatureMethod::Parallel || grants_everything() {
            return;
        }
        let path = Tensor::<3>::zeros([1, 1, 100], &target.device).expand([1, 1_000_000, 100]);
        let parts = ["signature:", "999999 steps", "cannot be allocated"];
        assert_panics(&parts, || signature_with(path, 4, &options));
    });
}

/// Windows, intervals, prefixes and queues have as many rows as they are asked for.
#[test]
fn rows_that_no_host_memory_holds() {
    for target in targets() {
        if !target.on_host() || grants_everything() {
            return;
        }
        // 1 111 110 terms a row.
        let path = || Tensor::<3>::zeros([1, 1, 10], &target.device).expand([1, 4_000_000, 10]);
        let sliding = Windows::Sliding { window: 2, hop: 1 };
        let parts = [
            "signature_windows:",
            "1 x 3999999 x 1111110 terms",
            "cannot be allocated",
        ];
        assert_panics(&parts, || signature_windows(path(), 6, &sliding));
        let short = Tensor::<3>::zeros([1, 2, 10], &target.device);
        let intervals = vec![0..2; 4_000_000];
        let parts = [
            "Path:",
            "1 x 4000000 x 1111110 terms",
            "cannot be allocated",
        ];
        assert_panics(&parts, || IndexedPath::new(short, 6).signatures(&intervals));
        let words = WordSet::anisotropic(&[1.0; 10], 5.0);
        let long = Tensor::<3>::zeros([1, 1, 10], &target.device).expand([1, 40_000_000, 10]);
        let parts = ["sub_signature_stream:", "1 x 39999999 x 111110 terms"];
        assert_panics(&parts, || sub_signature_stream(long, &words));
    }
    if !grants_everything() {
        let parts = [
            "SignatureQueue:",
            "1111111111110 terms",
            "10 channels at depth 12",
        ];
        assert_panics(&parts, || SignatureQueue::<f64>::new(10, 12));
    }
}

fn grants_everything() -> bool {
    Vec::<u8>::new().try_reserve_exact(9 << 40).is_ok()
}

/// The rule of `Auto` is asked with the sizes of the call, and ends at a method.
#[test]
fn auto_resolves_to_a_method() {
    for target in targets() {
        let spec = sig_core::signatures::SignatureSpec::new(3, 4);
        for (batch, steps) in [(1, 1), (64, 10), (1, 100_000)] {
            let method = SignatureMethod::Auto.resolve(&target.device, spec, batch, steps);
            assert_ne!(method, SignatureMethod::Auto);
            assert_eq!(method.resolve(&target.device, spec, batch, steps), method);
        }
    }
}
