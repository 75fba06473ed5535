//! The backends there are, and what is known of the one behind a device.

use burn::backend::DispatchDevice;
use burn::tensor::Device;
#[cfg(feature = "router")]
use {crate::ops::SignatureOps, burn::backend::ir::BackendIr};

/// A backend of Burn.
#[derive(Clone, Copy, Debug)]
pub struct BackendEntry {
    /// Its name, which is also that of the feature that adds it to this crate.
    pub name: &'static str,
    /// What Burn prints of its devices, to their number; nothing if that names another feature.
    printed: &'static str,
    /// Its first device, if this crate was built with the feature.
    pub device: Option<fn() -> Device>,
}

/// One row per backend: its feature, what Burn prints of its devices, its first device.
macro_rules! backends {
    ($($name:literal, $printed:literal, $device:expr;)+) => {
        /// The backends that compute, the best first.
        pub const BACKENDS: &[BackendEntry] = &[$(
            BackendEntry {
                name: $name,
                printed: $printed,
                #[cfg(feature = $name)]
                device: Some(|| $device),
                #[cfg(not(feature = $name))]
                device: None,
            }
        ),+];
    };
}

backends! {
    "cuda", "Cube(Cuda", Device::cuda(0);
    "metal", "Cube(Metal", Device::metal(Default::default());
    "rocm", "Cube(Hip", Device::rocm(0);
    "vulkan", "", Device::vulkan(Default::default());
    "webgpu", "", Device::webgpu(Default::default());
    "wgpu", "Cube(Wgpu", Device::wgpu(Default::default());
    "flex", "Flex", Device::flex();
    "ndarray", "NdArray", Device::ndarray();
    "cpu", "Cube(Cpu", Device::cpu();
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It computes in the memory of this process.
    #[cfg_attr(not(feature = "host-backend"), allow(dead_code))]
    Host,
    /// It is one of CubeCL's.
    #[cfg_attr(not(feature = "cubecl-backend"), allow(dead_code))]
    Cube,
    /// What it is asked for is computed elsewhere, or later, by a backend unknown here.
    #[cfg_attr(not(feature = "router"), allow(dead_code))]
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
        other => {
            let printed = format!("{other:?}");
            let computing = BACKENDS
                .iter()
                .map(|backend| (backend.printed, backend.name));
            let known = computing.chain([("Remote", "remote"), ("Capture", "capture")]);
            let mut known = known.filter(|(start, _)| !start.is_empty());
            let found = known.find(|(start, _)| printed.starts_with(start));
            Err(found.map_or("(none: this backend is not supported)", |(_, name)| name))
        }
    }
}

/// Something to be done with a backend.
#[cfg(feature = "router")]
pub trait WithBackend {
    /// What it gives.
    type Output;

    /// Does it with the backend `B`.
    fn with<B: BackendIr + SignatureOps>(self) -> Self::Output;

    /// What is done if the backend is one that this crate was built without, or computes elsewhere.
    fn without(self) -> Self::Output;
}

/// Does something with the backend of a device.
#[cfg(feature = "router")]
pub fn with_backend<W: WithBackend>(device: &Device, work: W) -> W::Output {
    match device.as_dispatch() {
        #[cfg(feature = "flex")]
        DispatchDevice::Flex(_) => work.with::<burn::backend::Flex>(),
        #[cfg(feature = "ndarray")]
        DispatchDevice::NdArray(_) => work.with::<burn::backend::NdArray>(),
        #[cfg(feature = "cubecl-backend")]
        DispatchDevice::Cube(_) => work.with::<burn::backend::Cube>(),
        #[allow(
            unreachable_patterns,
            reason = "what is left depends on the features of burn"
        )]
        _ => work.without(),
    }
}

/// Whether a device computes in the memory of this process.
pub(crate) fn on_host(device: &Device) -> bool {
    kind(device) == Ok(Kind::Host)
}

/// Whether a device is one of CubeCL's.
pub(crate) fn on_cube(device: &Device) -> bool {
    kind(device) == Ok(Kind::Cube)
}

/// Whether what a device is asked for is computed elsewhere, or later, by a backend unknown here.
pub(crate) fn on_router(device: &Device) -> bool {
    kind(device) == Ok(Kind::Router)
}

/// Panics if the backend of a device was left out of this crate, naming the feature that adds it, or
/// out of the server that has the device.
#[track_caller]
pub(crate) fn assert_enabled(operation: &str, device: &Device) {
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

/// Whether a device would grant that many bytes. For small requests it is not asked.
pub(crate) fn grants(device: &Device, bytes: usize) -> bool {
    // What WebGPU guarantees.
    const EVERY_BUFFER: usize = 1 << 27;
    if on_host(device) {
        return would_fit(bytes);
    }
    bytes <= EVERY_BUFFER || largest_buffer(device).is_none_or(|most| bytes as u64 <= most)
}

/// Bytes of the largest buffer of a device, where it is one of CubeCL's.
fn largest_buffer(device: &Device) -> Option<u64> {
    match device.clone().inner().as_dispatch() {
        #[cfg(feature = "cubecl-backend")]
        DispatchDevice::Cube(device) => Some(device.client().properties().memory.max_page_size),
        #[allow(unreachable_patterns, reason = "with CubeCL alone, there is no other")]
        _ => None,
    }
}

/// Whether the allocator would grant that many bytes. Small requests are not tried: the check must
/// cost nothing beside the work.
pub(crate) fn would_fit(bytes: usize) -> bool {
    const WORTH_TRYING: usize = 1 << 28;
    bytes < WORTH_TRYING || Vec::<u8>::new().try_reserve_exact(bytes).is_ok()
}
