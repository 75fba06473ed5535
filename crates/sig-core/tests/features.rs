//! A tensor on a backend that this crate was built without: the message names the feature. Burn has
//! Flex in every test build, so `cargo test -p sig-core --no-default-features --test features`.

#![cfg(not(feature = "flex"))]

use burn::tensor::{Device, Tensor};

#[test]
#[should_panic(expected = "enable the feature `flex` of burn-sig")]
fn backend_that_was_left_out() {
    let path = Tensor::<3>::zeros([1, 3, 2], &Device::flex());
    sig_core::signatures::signature(path, 2);
}
