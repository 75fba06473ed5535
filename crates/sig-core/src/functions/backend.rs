//! What is known of the backend behind a device.

use burn::backend::DispatchDevice;
use burn::tensor::Device;

/// Whether a device computes in the memory of this process.
pub(super) fn on_host(device: &Device) -> bool {
    matches!(kind(device), Ok(Kind::Host))
}

/// Whether a device is one of CubeCL's.
pub(super) fn on_cube(device: &Device) -> bool {
    #[cfg(feature = "cubecl-backend")]
    return matches!(kind(device), Ok(Kind::Cube));
    #[cfg(not(feature = "cubecl-backend"))]
    {
        let _ = device;
        false
    }
}

/// Whether what a device is asked for is computed elsewhere, or later, by a backend unknown here.
pub(super) fn on_router(device: &Device) -> bool {
    #[cfg(feature = "router")]
    return matches!(kind(device), Ok(Kind::Router));
    #[cfg(not(feature = "router"))]
    {
        let _ = device;
        false
    }
}

/// Bytes of the largest buffer of a device, where it is one of CubeCL's.
pub(super) fn largest_buffer(device: &Device) -> Option<u64> {
    match device.clone().inner().as_dispatch() {
        #[cfg(feature = "cubecl-backend")]
        DispatchDevice::Cube(device) => Some(device.client().properties().memory.max_page_size),
        #[allow(unreachable_patterns, reason = "with CubeCL alone, there is no other")]
        _ => None,
    }
}

/// Panics if the backend of a device was left out of this crate, naming the feature that adds it, or
/// out of the server that has the device.
#[track_caller]
pub(super) fn assert_enabled(operation: &str, device: &Device) {
    if let Err(feature) = kind(device) {
        panic!(
            "{operation}: the tensor is on {:?}, for which this crate was built without support; \
             enable the feature `{feature}` of burn-sig (or sig-core, sig-nn) beside that of burn",
            device.as_dispatch()
        );
    }
    #[cfg(feature = "remote")]
    if let Err(error) = crate::check_server(device) {
        panic!(
            "{operation}: {error}; the tensor is on {:?}",
            device.as_dispatch()
        );
    }
}

enum Kind {
    #[cfg_attr(not(feature = "host-backend"), allow(dead_code))]
    Host,
    #[cfg(feature = "cubecl-backend")]
    Cube,
    #[cfg(feature = "router")]
    Router,
}

/// The kind of a device, or the feature that is missing for it.
fn kind(device: &Device) -> Result<Kind, &'static str> {
    if device.is_autodiff() && !cfg!(feature = "autodiff") {
        return Err("autodiff");
    }
    match device.clone().inner().as_dispatch() {
        #[cfg(feature = "flex")]
        DispatchDevice::Flex(_) => Ok(Kind::Host),
        #[cfg(feature = "ndarray")]
        DispatchDevice::NdArray(_) => Ok(Kind::Host),
        #[cfg(feature = "cubecl-backend")]
        DispatchDevice::Cube(_) => Ok(Kind::Cube),
        #[cfg(feature = "remote")]
        DispatchDevice::Remote(_) => Ok(Kind::Router),
        #[cfg(feature = "capture")]
        DispatchDevice::Capture(_) => Ok(Kind::Router),
        // Which variants are left depends on the features of burn, which cannot be asked here.
        #[allow(unreachable_patterns)]
        other => Err(missing_feature(other)),
    }
}

fn missing_feature(device: &DispatchDevice) -> &'static str {
    const FEATURES: [(&str, &str); 9] = [
        ("Flex", "flex"),
        ("NdArray", "ndarray"),
        ("Remote", "remote"),
        ("Capture", "capture"),
        ("Cube(Wgpu", "wgpu"),
        ("Cube(Cuda", "cuda"),
        ("Cube(Hip", "rocm"),
        ("Cube(Metal", "metal"),
        ("Cube(Cpu", "cpu"),
    ];
    let name = format!("{device:?}");
    let feature = FEATURES
        .into_iter()
        .find(|(prefix, _)| name.starts_with(prefix));
    feature.map_or("(none: this backend is not supported)", |(_, feature)| {
        feature
    })
}
