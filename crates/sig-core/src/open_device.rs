//! From the name of a backend to a device that computes.

use std::any::Any;
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, PoisonError};

#[cfg(feature = "cubecl-backend")]
use burn::backend::DispatchDevice;
use burn::backend::{Dispatch, TensorData, ops::FloatTensorOps};
use burn::tensor::{Device, Tensor};
use thiserror::Error;

use crate::devices::{BACKENDS, BackendEntry};

/// A device that computes, with the name of its backend.
///
/// `Device::default()` is the first device of the best backend that is compiled in, whether the
/// machine has it or not. [`NamedDevice::open`] tries the backends until one computes a number. What
/// dtypes the device makes tensors of can still be chosen afterwards, by [`Device::configure`].
///
/// # Example
///
/// ```
/// use burn_sig::NamedDevice;
///
/// let found = NamedDevice::open(None)?;
/// println!("Device: {found}");
/// let device = found.device.autodiff();
/// # Ok::<_, burn_sig::DeviceError>(())
/// ```
#[derive(Clone, Debug)]
pub struct NamedDevice {
    /// The name of the backend, which is also that of its feature.
    pub name: &'static str,
    /// The device, without autodiff.
    pub device: Device,
    /// The better backends of this build, each with the reason why it was not taken.
    pub passed_over: Vec<DeviceError>,
}

/// A backend on which nothing can be computed here.
///
/// `Debug` shows the same as `Display`, for a `main` that returns it.
#[derive(Clone, Error, PartialEq, Eq)]
#[error("{name}: {reason}")]
pub struct DeviceError {
    /// The name of the backend.
    pub name: String,
    /// What is missing: a feature of this build, a driver, a GPU or a library. One line.
    pub reason: String,
}

impl fmt::Debug for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Its name, and why no better one was taken: `flex (cuda: no NVIDIA driver …)`.
impl fmt::Display for NamedDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        let reasons: Vec<_> = self
            .passed_over
            .iter()
            .map(DeviceError::to_string)
            .collect();
        match reasons.is_empty() {
            true => Ok(()),
            false => write!(f, " ({})", reasons.join("; ")),
        }
    }
}

impl NamedDevice {
    /// Opens the device of a backend, or the best one that computes.
    ///
    /// # Arguments
    ///
    /// - `name`: the backend, such as `cuda`. Without a name, the one that the environment variable
    ///   `BURN_DEVICE` names; if it is not set, the first of `cuda`, `metal`, `rocm`, `vulkan`,
    ///   `webgpu`, `wgpu`, `flex`, `ndarray` and `cpu` that is compiled in and computes.
    ///
    /// # Errors
    ///
    /// Names the feature, the driver, the GPU or the library that is missing.
    pub fn open(name: Option<&str>) -> Result<Self, DeviceError> {
        let wanted = std::env::var("BURN_DEVICE").ok();
        if let Some(name) = name.or(wanted.as_deref()) {
            return by_name(name)?.start();
        }
        let (mut passed_over, mut last_resort) = (Vec::new(), None);
        for candidate in BACKENDS.iter().filter_map(compiled) {
            match candidate.start() {
                Ok(found) if found.is_emulated() => {
                    let reason = "no GPU, only Mesa's llvmpipe, which computes on the CPU";
                    passed_over.push(failure(found.name, reason.into()));
                    last_resort = Some(found);
                }
                Ok(found) => {
                    return Ok(Self {
                        passed_over,
                        ..found
                    });
                }
                Err(error) => passed_over.push(error),
            }
        }
        if let Some(found) = last_resort {
            passed_over.retain(|other| other.name != found.name);
            return Ok(Self {
                passed_over,
                ..found
            });
        }
        let reasons: Vec<_> = passed_over.iter().map(DeviceError::to_string).collect();
        Err(failure(
            "no device",
            match reasons.is_empty() {
                true => "this build has no backend; add `--features flex`".into(),
                false => reasons.join("; "),
            },
        ))
    }

    /// Computes a number on a device that may not be there.
    fn start(self) -> Result<Self, DeviceError> {
        if ["flex", "ndarray"].contains(&self.name) {
            return Ok(self);
        }
        let connect = || Ok(adapter(&self.device));
        // An exponential, for which CUDA needs more than the driver. `Tensor::ones` would settle the
        // dtypes of the device, which the caller may still want to configure.
        let compute = || {
            let one = TensorData::from([1f32]);
            let one = Dispatch::float_from_data(one, self.device.as_dispatch());
            let number = Tensor::<1>::from_dispatch(one).exp();
            number.try_into_data().map_err(|error| error.to_string())
        };
        match caught(connect).and_then(|_| caught(compute)) {
            Ok(_) => Ok(self),
            Err(problem) => Err(failure(self.name, missing(&problem))),
        }
    }

    /// Whether it is a GPU's interface to this machine's CPU, which Flex uses better.
    fn is_emulated(&self) -> bool {
        adapter(&self.device).is_some_and(|name| name.starts_with("llvmpipe"))
    }
}

/// The name that a device of CubeCL has. If it is not there, that panics, and Burn's fusion, if it
/// were the first to ask, would be left unable to use any other device.
fn adapter(device: &Device) -> Option<String> {
    match device.as_dispatch() {
        #[cfg(feature = "cubecl-backend")]
        DispatchDevice::Cube(device) => Some(device.client().properties().identity.name.clone()),
        #[allow(unreachable_patterns, reason = "with CubeCL alone, there is no other")]
        _ => None,
    }
}

/// What is missing, from what Burn says.
fn missing(problem: &str) -> String {
    // What libraries say where one of these is missing, and in plain words.
    const CAUSES: [(&str, &str); 4] = [
        (
            "Unable to dynamically load the \"cuda\"",
            "no NVIDIA driver: the library libcuda cannot be loaded",
        ),
        ("CUDA_ERROR_NO_DEVICE", "the NVIDIA driver finds no GPU"),
        (
            "libdevice.10.bc was not found",
            "libdevice.10.bc was not found: set CUDA_PATH to a folder that has \
             nvvm/libdevice/libdevice.10.bc, such as that of the CUDA toolkit",
        ),
        (
            "No adapter available",
            "no GPU with a driver for it was found",
        ),
    ];
    let known = CAUSES.iter().find(|(said, _)| problem.contains(said));
    match known {
        Some((_, words)) => (*words).into(),
        None => {
            let line = problem.split_whitespace().collect::<Vec<_>>().join(" ");
            format!("the device does not compute: {line}")
        }
    }
}

/// Runs something that may panic, here or on a thread that it waits for. What the first panic said is
/// the cause of what follows. If nothing went wrong here, panics of other threads are printed.
fn caught<T>(action: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    // There is one hook for all threads.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let said = Arc::new(Mutex::new(Vec::new()));
    let seen = said.clone();
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let message = panic_message(info.payload()).to_string();
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push((message, info.to_string()));
    }));
    let outcome = panic::catch_unwind(AssertUnwindSafe(action));
    panic::set_hook(hook);
    let said = std::mem::take(&mut *said.lock().unwrap_or_else(PoisonError::into_inner));
    let error = match outcome {
        Ok(Ok(value)) => {
            said.iter().for_each(|(_, whole)| eprintln!("{whole}"));
            return Ok(value);
        }
        Ok(Err(error)) => error,
        Err(panic) => panic_message(&*panic).to_string(),
    };
    Err(said.into_iter().next().map_or(error, |(first, _)| first))
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no reason given")
}

fn by_name(name: &str) -> Result<NamedDevice, DeviceError> {
    let wanted = name.to_lowercase();
    let Some(known) = BACKENDS.iter().find(|known| known.name == wanted) else {
        let names: Vec<&str> = BACKENDS.iter().map(|known| known.name).collect();
        let reason = format!("unknown device; known are {}", names.join(", "));
        return Err(failure(name, reason));
    };
    compiled(known).ok_or_else(|| {
        let reason = format!(
            "this build lacks the feature `{wanted}`; add it to the features of burn-sig in your Cargo.toml or, \
             within the repository of burn-sig, `--features {wanted}` to the `cargo` command"
        );
        failure(&wanted, reason)
    })
}

fn failure(name: &str, reason: String) -> DeviceError {
    let name = name.into();
    DeviceError { name, reason }
}

fn compiled(backend: &BackendEntry) -> Option<NamedDevice> {
    Some(NamedDevice {
        name: backend.name,
        device: backend.device?(),
        passed_over: Vec::new(),
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

    #[test]
    fn the_first_panic_is_the_cause_whichever_thread_it_is_on() {
        let action = || {
            let thread = std::thread::spawn(|| panic!("the {}", "cause"));
            thread
                .join()
                .map_err(|_| "what follows from it".to_string())
        };
        assert_eq!(caught(action), Err("the cause".into()));
    }

    #[test]
    fn what_is_missing_is_one_line() {
        let gpu = "called `Result::unwrap()` on an `Err` value: \
                   DriverError(CUDA_ERROR_NO_DEVICE, \"no CUDA-capable device is detected\")";
        assert_eq!(missing(gpu), "the NVIDIA driver finds no GPU");
        assert_eq!(
            missing("An error happened\nCaused by:\n  lost"),
            "the device does not compute: An error happened Caused by: lost"
        );
    }

    #[test]
    #[cfg(feature = "flex")]
    fn a_device_is_shown_with_what_was_passed_over() {
        let mut found = NamedDevice::open(Some("flex")).unwrap();
        assert_eq!(found.to_string(), "flex");
        found.passed_over.push(failure("cuda", "no driver".into()));
        assert_eq!(found.to_string(), "flex (cuda: no driver)");
    }
}
