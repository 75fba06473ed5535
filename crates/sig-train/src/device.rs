//! From the name of a backend to its [`Device`].

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, OnceLock};

use burn::tensor::{Device, Tensor};
use sig_core::backend::{BACKENDS, BackendEntry};

use crate::Error;

/// A device and the name of its backend.
#[derive(Clone, Debug)]
pub struct NamedDevice {
    /// The name of the backend.
    pub name: &'static str,
    /// The device, without autodiff.
    pub device: Device,
}

impl NamedDevice {
    /// Opens the device of that name, or without a name the first of the compiled-in backends that
    /// has one. A device that needs a driver computes a number, so that one that does not start is
    /// found before any work is done.
    ///
    /// # Errors
    ///
    /// Says which names there are, which feature is missing, or why the device does not start.
    pub fn open(name: Option<&str>) -> Result<Self, Error> {
        if let Some(name) = name {
            return by_name(name)?.start();
        }
        let mut failure = None;
        for named in BACKENDS.iter().filter_map(compiled) {
            match named.start() {
                Ok(named) => return Ok(named),
                Err(error) => {
                    eprintln!("{error}; trying the next backend");
                    failure = Some(error);
                }
            }
        }
        Err(failure.unwrap_or_else(|| {
            Error::Usage("this build has no backend; add `--features flex`".into())
        }))
    }

    fn start(self) -> Result<Self, Error> {
        if ["flex", "ndarray"].contains(&self.name) {
            return Ok(self);
        }
        let started = match peers(self.name) {
            Some(all) if all.is_empty() => Err("no NVIDIA GPU or driver found".into()),
            _ => catch_first_panic(|| Tensor::<1>::zeros([1], &self.device).into_data()).map(drop),
        };
        let told = |reason| format!("the device does not start: {reason}");
        started.map_err(|reason| failure(self.name, told(reason)))?;
        Ok(self)
    }
}

/// Runs something that reports a missing driver by panics, and returns the first line of the first
/// one: it is the cause, and may be on another thread.
fn catch_first_panic<T>(action: impl FnOnce() -> T) -> Result<T, String> {
    let first = Arc::new(OnceLock::new());
    let seen = first.clone();
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let line = panic_message(info.payload()).lines().next();
        let _ = seen.set(line.unwrap_or_default().to_string());
    }));
    let outcome = panic::catch_unwind(AssertUnwindSafe(action));
    panic::set_hook(hook);
    outcome.map_err(|_| first.get().cloned().unwrap_or_default())
}

/// The devices of a backend whose devices can add up gradients among themselves.
pub(crate) fn peers(name: &str) -> Option<Vec<Device>> {
    match name {
        #[cfg(feature = "cuda")]
        "cuda" => Some(
            Device::enumerate(burn::tensor::DeviceType::Cuda)
                .into_iter()
                .collect(),
        ),
        _ => None,
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
    let known = BACKENDS.iter().find(|known| known.name == wanted);
    let known = known.ok_or_else(|| {
        let names: Vec<&str> = BACKENDS.iter().map(|known| known.name).collect();
        failure(
            name,
            format!("unknown device; known are {}", names.join(", ")),
        )
    })?;
    compiled(known).ok_or_else(|| {
        let reason = format!(
            "this build lacks the feature `{wanted}`; add `--features {wanted}` to the `cargo` command"
        );
        failure(&wanted, reason)
    })
}

fn failure(name: &str, reason: String) -> Error {
    let name = name.into();
    Error::Device { name, reason }
}

fn compiled(backend: &BackendEntry) -> Option<NamedDevice> {
    Some(NamedDevice {
        name: backend.name,
        device: backend.device?(),
    })
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
        assert!(message.contains("--features cuda"), "{message}");
    }
}
