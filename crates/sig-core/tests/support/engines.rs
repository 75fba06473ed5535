//! The engines under test: every backend compiled in, every method, every dtype.

use std::sync::OnceLock;

use burn::tensor::{DType, Device, Tensor, TensorData};
use sig_core::NamedDevice;
use sig_core::backend::BACKENDS;
use sig_core::signatures::SignatureMethod;

/// Every method a caller can ask for.
pub(crate) const METHODS: [SignatureMethod; 4] = [
    SignatureMethod::Auto,
    SignatureMethod::Parallel,
    SignatureMethod::Sequential,
    SignatureMethod::Fused,
];

/// A device compiled in, without autodiff.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) device: Device,
}

/// One device of each backend compiled in that has one here. With `BURN_DEVICE` the one that it names,
/// which must be there, beside those that compute in the memory of this process.
pub(crate) fn targets() -> Vec<Target> {
    static TARGETS: OnceLock<Vec<Target>> = OnceLock::new();
    TARGETS.get_or_init(found).clone()
}

fn found() -> Vec<Target> {
    let wanted = std::env::var("BURN_DEVICE").ok();
    let wanted = wanted.map(|name| name.to_lowercase());
    let mut targets = Vec::new();
    for backend in BACKENDS.iter().filter(|backend| backend.device.is_some()) {
        let is_wanted = wanted.as_deref().map(|name| name == backend.name);
        if is_wanted == Some(false) && !is_host(backend.name) {
            continue;
        }
        match NamedDevice::open(Some(backend.name)) {
            Ok(NamedDevice { name, device, .. }) => targets.push(Target { name, device }),
            Err(error) if is_wanted.is_none() => eprintln!("not tested: {error}"),
            Err(error) => panic!("{error}"),
        }
    }
    #[cfg(all(feature = "remote", feature = "flex"))]
    targets.push(Target {
        name: "remote",
        device: super::server::device(),
    });
    assert!(
        !targets.is_empty(),
        "no backend is compiled in: enable one of the backend features, such as flex"
    );
    targets
}

fn is_host(name: &str) -> bool {
    matches!(name, "flex" | "ndarray")
}

impl Target {
    /// Whether the device computes in the memory of this process; elsewhere each new shape costs a
    /// compilation, so that tests try fewer of them.
    pub(crate) fn on_host(&self) -> bool {
        is_host(self.name)
    }

    /// The float dtypes that the device has and computes in.
    pub(crate) fn dtypes(&self) -> Vec<DType> {
        [DType::F64, DType::F32, DType::F16, DType::BF16]
            .into_iter()
            .filter(|&dtype| self.device.supports_dtype(dtype) && self.computes_in(dtype))
            .collect()
    }

    /// The most precise dtype of the device: f64, or f32 where there is none.
    pub(crate) fn widest(&self) -> DType {
        self.dtypes()[0]
    }

    /// A device may take f64 tensors and compute in less: `(1 + ε)² − 1` is lost then.
    fn computes_in(&self, dtype: DType) -> bool {
        if dtype != DType::F64 {
            return true;
        }
        let small = (0.5f64).powi(40);
        let data = TensorData::new(vec![1.0 + small], [1]);
        let one = Tensor::<1>::from_data(data, (&self.device, dtype));
        let rest: f64 = (one.clone() * one - 1.0).into_scalar();
        (rest / (2.0 * small) - 1.0).abs() < 1e-3
    }
}

/// The distance from 1 to the next number of a dtype.
pub(crate) fn epsilon(dtype: DType) -> f64 {
    match dtype {
        DType::F64 => f64::EPSILON,
        DType::F32 => f32::EPSILON.into(),
        DType::F16 => (0.5f64).powi(10),
        DType::BF16 => (0.5f64).powi(7),
        other => panic!("{other:?} is no float dtype of these tests"),
    }
}

/// The smallest normal number of a dtype: below it numbers lose their relative precision.
pub(crate) fn smallest_normal(dtype: DType) -> f64 {
    match dtype {
        DType::F64 => f64::MIN_POSITIVE,
        DType::F32 | DType::BF16 => f32::MIN_POSITIVE.into(),
        DType::F16 => (0.5f64).powi(14),
        other => panic!("{other:?} is no float dtype of these tests"),
    }
}

/// How far a result may be off, relative to the largest entry of its level or gradient. f64 and f32
/// are what the project promises; a half is the rounding of a result computed in f32.
pub(crate) fn tolerance(dtype: DType) -> f64 {
    match dtype {
        DType::F64 => 1e-12,
        DType::F32 => 1e-5,
        half => epsilon(half),
    }
}
