//! From the name of a backend to its [`Device`].

use std::any::Any;

use burn::tensor::{Device, Tensor};

use crate::Error;

/// The names `--device` takes, in the order in which the default is chosen: Burn's own.
const NAMES: [&str; 9] = [
    "cuda", "metal", "rocm", "vulkan", "webgpu", "wgpu", "cpu", "flex", "ndarray",
];

/// A device and the name by which it was chosen.
#[derive(Clone, Debug)]
pub struct NamedDevice {
    /// The name of its backend.
    pub name: &'static str,
    /// The device, gradients off.
    pub device: Device,
}

impl NamedDevice {
    /// The device of that name, or without one the best that is compiled in. A first number is put
    /// on a device that needs a driver, so that one that does not start is found out before any
    /// work is done.
    ///
    /// # Errors
    ///
    /// Says which names there are, which feature is missing, or why the device does not start.
    pub fn open(name: Option<&str>) -> Result<Self, Error> {
        let named = match name {
            Some(name) => by_name(name)?,
            None => NAMES.into_iter().find_map(compiled).ok_or_else(|| {
                Error::Usage("this build has no backend; add `--features flex`".into())
            })?,
        };
        if ["flex", "ndarray"].contains(&named.name) {
            return Ok(named);
        }
        // A backend reports a missing driver by a panic. It is caught here, where its message can
        // still be told in one line.
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let device = named.device.clone();
        let outcome = std::panic::catch_unwind(|| Tensor::<1>::zeros([1], &device).into_data());
        std::panic::set_hook(hook);
        match outcome {
            Ok(_) => Ok(named),
            Err(panic) => {
                let reason = panic_message(&*panic)
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .to_string();
                Err(Error::DeviceFailed {
                    name: named.name.into(),
                    reason,
                })
            }
        }
    }
}

/// What a panic says.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no reason given")
}

fn by_name(name: &str) -> Result<NamedDevice, Error> {
    let wanted = name.to_lowercase();
    let known = NAMES.into_iter().find(|known| *known == wanted);
    let known = known.ok_or_else(|| Error::UnknownDevice {
        name: name.into(),
        known: NAMES.join(", "),
    })?;
    compiled(known).ok_or_else(|| Error::FeatureOff { name: known.into() })
}

fn compiled(name: &'static str) -> Option<NamedDevice> {
    // The features are asked of this crate and not of Burn: what another crate of the same build
    // has switched on there does not give the signature a backend here.
    let device = match name {
        #[cfg(feature = "cuda")]
        "cuda" => Some(Device::cuda(0)),
        #[cfg(feature = "metal")]
        "metal" => Some(Device::metal(Default::default())),
        #[cfg(feature = "rocm")]
        "rocm" => Some(Device::rocm(0)),
        #[cfg(feature = "vulkan")]
        "vulkan" => Some(Device::vulkan(Default::default())),
        #[cfg(feature = "webgpu")]
        "webgpu" => Some(Device::webgpu(Default::default())),
        #[cfg(feature = "wgpu")]
        "wgpu" => Some(Device::wgpu(Default::default())),
        #[cfg(feature = "cpu")]
        "cpu" => Some(Device::cpu()),
        #[cfg(feature = "flex")]
        "flex" => Some(Device::flex()),
        #[cfg(feature = "ndarray")]
        "ndarray" => Some(Device::ndarray()),
        _ => None,
    };
    device.map(|device| NamedDevice { name, device })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(feature = "flex")]
    fn names_are_found_whatever_their_case() {
        assert_eq!(NamedDevice::open(Some("Flex")).unwrap().name, "flex");
    }

    #[test]
    fn unknown_names_are_told_the_known_ones() {
        let message = NamedDevice::open(Some("abacus")).unwrap_err().to_string();
        assert!(
            message.contains("abacus") && message.contains("flex, ndarray"),
            "{message}"
        );
    }

    #[test]
    #[cfg(not(feature = "cuda"))]
    fn a_missing_feature_is_named_with_its_command() {
        let message = NamedDevice::open(Some("cuda")).unwrap_err().to_string();
        assert!(
            message.contains("--example sigkan --features cuda"),
            "{message}"
        );
    }
}
