//! What `SigLayer` and `LogSigLayer` share: transforms, basepoint, windows.

use burn::module::Content;
use burn::tensor::Tensor;
use sig_core::signatures::{Basepoint, SignatureMethod, SignatureOptions};
use sig_core::windows::Windows;

use crate::PathTransform;
use crate::layer::assert_positive;

/// Panics, in the name of a layer, if its settings exclude each other.
#[track_caller]
pub(crate) fn assert_settings(
    layer: &str,
    depth: usize,
    basepoint: bool,
    windows: &Option<Windows>,
) {
    assert_positive(layer, [("depth", depth)]);
    assert!(
        !(basepoint && windows.is_some()),
        "{layer}: a basepoint belongs to a whole path, windows have none; \
         PathTransform::Basepoint puts it in front of the path"
    );
}

/// The number of channels after all transforms.
pub(crate) fn channels_after(transforms: &[PathTransform], channels: usize) -> usize {
    let after = |channels, transform: &PathTransform| transform.channels(channels);
    transforms.iter().fold(channels, after)
}

/// The path after all transforms.
#[track_caller]
pub(crate) fn transformed(transforms: &[PathTransform], mut path: Tensor<3>) -> Tensor<3> {
    for transform in transforms {
        path = transform.forward(path);
    }
    path
}

/// The options of a signature with the origin in front of every path or not.
pub(crate) fn options(basepoint: bool, method: SignatureMethod) -> SignatureOptions {
    let basepoint = if basepoint {
        Basepoint::Zero
    } else {
        Basepoint::None
    };
    SignatureOptions::new()
        .with_basepoint(basepoint)
        .with_method(method)
}

/// The display of transforms and windows, where there are any.
pub(crate) fn show(
    mut content: Content,
    transforms: &Vec<PathTransform>,
    windows: &Option<Windows>,
) -> Content {
    if !transforms.is_empty() {
        content = content.add_debug_attribute("transforms", transforms);
    }
    match windows {
        Some(windows) => content.add_debug_attribute("windows", windows),
        None => content,
    }
}
