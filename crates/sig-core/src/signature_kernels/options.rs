//! Options of signature kernels.

use burn::tensor::DType;
use serde::{Deserialize, Serialize};
use sig_kernels::{KernelSolver, StaticKernel};

use crate::signatures::SignatureMethod;
use crate::transforms::PathTransform;

/// Which signature kernel is computed, and how. The default is that of the paths themselves, exact up
/// to rounding for paths of small steps.
///
/// ```
/// use burn_sig::signature_kernels::{SignatureKernelOptions, StaticKernel};
/// use burn_sig::transforms::PathTransform;
///
/// let options = SignatureKernelOptions::new()
///     .with_static_kernel(StaticKernel::rbf_bandwidth(0.5))
///     .with_transforms([PathTransform::TimeAugment { end_time: 1.0 }]);
/// assert_eq!(options.static_kernel, StaticKernel::Rbf { sigma: 0.5 });
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SignatureKernelOptions {
    /// The kernel of two points.
    pub static_kernel: StaticKernel,
    /// The scheme; if none, a series of the order that [`default_solver`](Self::default_solver)
    /// gives.
    pub solver: Option<KernelSolver>,
    /// Whether kernels are divided by `√(k(x, x) k(y, y))`, so that that of a path with itself is 1.
    /// Where `k(x, x) ≤ 0`, which only a scheme far from converged gives, the result is NaN.
    pub normalized: bool,
    /// What is done to all paths first, in order.
    pub transforms: Vec<PathTransform>,
    /// How the kernel is computed; the values agree up to rounding. `Parallel` and `Sequential` both
    /// compute with tensor operations.
    pub method: SignatureMethod,
}

impl SignatureKernelOptions {
    /// The linear kernel; the same as `default()`.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same options with another kernel of points.
    pub fn with_static_kernel(mut self, kernel: StaticKernel) -> Self {
        self.static_kernel = kernel;
        self
    }

    /// The same options with another scheme.
    pub fn with_solver(mut self, solver: KernelSolver) -> Self {
        self.solver = Some(solver);
        self
    }

    /// The same options with [`normalized`](Self::normalized) set.
    pub fn with_normalized(mut self, normalized: bool) -> Self {
        self.normalized = normalized;
        self
    }

    /// The same options with other transforms.
    pub fn with_transforms(mut self, transforms: impl Into<Vec<PathTransform>>) -> Self {
        self.transforms = transforms.into();
        self
    }

    /// The same options with another method.
    pub fn with_method(mut self, method: SignatureMethod) -> Self {
        self.method = method;
        self
    }

    /// The scheme that is used where none was chosen: a series of order 8 in f64 and of order 6 in
    /// other dtypes, which it takes to the rounding of f32 where no `|δ|` exceeds about 0.2.
    pub fn default_solver(dtype: DType) -> KernelSolver {
        let order = if dtype == DType::F64 { 8 } else { 6 };
        KernelSolver::Series { order }
    }
}
