//! The engines under test: every backend compiled in, every method, every dtype.

use std::sync::OnceLock;

use burn::tensor::{DType, Device, Tensor, TensorData};
use sig_core::backend::BACKENDS;
use sig_core::signatures::SignatureMethod;
use sig_core::{DeviceError, NamedDevice};

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

/// One device of each backend compiled in that has one here, and one behind a server of this process.
/// If `BURN_DEVICE` is set, only the device that it names, which must be there; `remote` names the server.
pub(crate) fn targets() -> Vec<Target> {
    static TARGETS: OnceLock<Vec<Target>> = OnceLock::new();
    TARGETS.get_or_init(found).clone()
}

/// A device that computes in the memory of this process, to compare with.
pub(crate) fn host() -> Target {
    let tested = targets().into_iter().find(Target::on_host);
    tested.unwrap_or_else(|| open("flex").expect("a host to compare with: enable the feature flex"))
}

fn found() -> Vec<Target> {
    let wanted = std::env::var("BURN_DEVICE").ok();
    let wanted = wanted.map(|name| name.to_lowercase());
    let is_tested = |name: &str| wanted.as_deref().is_none_or(|wanted| wanted == name);
    let mut targets = Vec::new();
    let compiled = BACKENDS.iter().filter(|backend| backend.device.is_some());
    for backend in compiled.filter(|backend| is_tested(backend.name)) {
        match open(backend.name) {
            Ok(target) => targets.push(target),
            Err(error) if wanted.is_none() => eprintln!("not tested: {error}"),
            Err(error) => panic!("{error}"),
        }
    }
    #[cfg(all(feature = "remote", feature = "flex"))]
    if is_tested("remote") {
        targets.push(Target {
            name: "remote",
            device: super::server::device(),
        });
    }
    assert!(
        !targets.is_empty(),
        "no backend to test is compiled in: enable its feature, such as flex; BURN_DEVICE is {wanted:?}"
    );
    targets
}

fn open(name: &str) -> Result<Target, DeviceError> {
    let NamedDevice { name, device, .. } = NamedDevice::open(Some(name))?;
    Ok(Target { name, device })
}

impl Target {
    /// Whether the device computes in the memory of this process; elsewhere each new shape costs a
    /// compilation, so that tests try fewer of them.
    pub(crate) fn on_host(&self) -> bool {
        matches!(self.name, "flex" | "ndarray")
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
