//! What `SigLayer` and `LogSigLayer` share: transforms, basepoint, windows, scaling.

use burn::module::Content;
use burn::tensor::Tensor;
use sig_core::signatures::{Basepoint, SignatureMethod, SignatureOptions};
use sig_core::transforms::hold_last;
use sig_core::windows::Windows;

use crate::layer::assert_positive;
use crate::{PathTransform, SignatureScaling};

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

/// The paths after all transforms, each row as if it were alone and then at rest, and their lengths.
#[track_caller]
pub(crate) fn transformed_ragged(
    transforms: &[PathTransform],
    path: Tensor<3>,
    lengths: &[usize],
) -> (Tensor<3>, Vec<usize>) {
    let (mut path, mut lengths) = (hold_last(path, lengths), lengths.to_vec());
    for transform in transforms {
        (path, lengths) = transform.forward_ragged(path, &lengths);
    }
    (path, lengths)
}

/// The windows of a layer, or a panic in its name.
#[track_caller]
pub(crate) fn expect_windows<'a>(layer: &str, windows: &'a Option<Windows>) -> &'a Windows {
    match windows {
        Some(windows) => windows,
        None => panic!("{layer}: the layer was created without windows"),
    }
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

/// The display of scaling, transforms and windows, where there are any.
pub(crate) fn show(
    mut content: Content,
    scaling: SignatureScaling,
    transforms: &Vec<PathTransform>,
    windows: &Option<Windows>,
) -> Content {
    if scaling != SignatureScaling::None {
        content = content.add_debug_attribute("scaling", &scaling);
    }
    if !transforms.is_empty() {
        content = content.add_debug_attribute("transforms", transforms);
    }
    match windows {
        Some(windows) => content.add_debug_attribute("windows", windows),
        None => content,
    }
}
