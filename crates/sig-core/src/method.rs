//! Which method computes a signature: the rule of `SignatureMethod::Auto`, up to which sizes there are
//! kernels, and what is taken beyond them.

use burn::tensor::Device;

use crate::devices::{on_cube, on_host, on_router};
use crate::{SignatureMethod, SignatureSpec};

/// Numbers that the intermediate results of [`SignatureMethod::Parallel`] may hold while
/// [`SignatureMethod::Sequential`] can do without them: 1 GiB in f32.
const NUMBERS_AT_ONCE: usize = 1 << 28;

/// The deepest signature of a single channel that the kernels of the CPU take on: what they hold of a
/// chunk of steps grows with the square of the depth, which only one channel lets become large.
const DEEPEST_OF_ONE_CHANNEL: usize = 64;

/// The deepest signature that the kernels of CubeCL devices take on: the steps of a unit are
/// unrolled, and their number grows with the square of the depth.
const DEEPEST_ON_CUBE: usize = 16;

/// Whether the kernels of the CPU take on a signature.
pub(crate) fn fits_host(spec: SignatureSpec) -> bool {
    spec.channels() > 1 || spec.depth() <= DEEPEST_OF_ONE_CHANNEL
}

/// Whether the kernels of CubeCL devices take on a signature.
pub(crate) fn fits_cube(spec: SignatureSpec) -> bool {
    spec.depth() <= DEEPEST_ON_CUBE
}

impl SignatureMethod {
    /// The method that is used where `self` is asked for.
    ///
    /// `Parallel` and `Sequential` are used wherever they are asked for. `Auto` and `Fused` are:
    ///
    /// - On the CPU backends Flex and NdArray: `Fused`, unless one channel is taken to a depth beyond
    ///   64.
    /// - On CubeCL devices (wgpu, Vulkan, Metal, CUDA, ROCm): `Fused`, up to depth 16.
    /// - On remote devices, and where a graph is captured: `Fused`, and whoever executes it chooses by
    ///   the rules of its own device.
    /// - Else `Parallel`, a number of operations that does not grow with the length; but where
    ///   gradients are off and `batch × steps × terms` exceeds 2^28, `Sequential`, whose memory does
    ///   not grow with the length.
    pub fn resolve(self, device: &Device, spec: SignatureSpec, batch: usize, steps: usize) -> Self {
        if matches!(self, Self::Parallel | Self::Sequential) {
            return self;
        }
        let fits = (on_host(device) && fits_host(spec))
            || (on_cube(device) && fits_cube(spec))
            || on_router(device);
        if fits {
            Self::Fused
        } else {
            self.portable(spec, batch, steps, device.is_autodiff())
        }
    }

    /// The method where there are no kernels: the one that suits the sizes, unless it was chosen. With
    /// gradients, only `Parallel` keeps few enough nodes.
    pub(crate) fn portable(
        self,
        spec: SignatureSpec,
        batch: usize,
        steps: usize,
        gradients: bool,
    ) -> Self {
        let numbers = batch.saturating_mul(spec.terms()).saturating_mul(steps);
        match self {
            Self::Parallel | Self::Sequential => self,
            Self::Auto | Self::Fused if numbers > NUMBERS_AT_ONCE && !gradients => Self::Sequential,
            Self::Auto | Self::Fused => Self::Parallel,
        }
    }
}

#[cfg(all(test, feature = "flex", feature = "autodiff"))]
mod tests {
    use super::*;

    fn auto(device: &Device, [batch, steps, channels, depth]: [usize; 4]) -> SignatureMethod {
        let spec = SignatureSpec::new(channels, depth);
        SignatureMethod::Auto.resolve(device, spec, batch, steps)
    }

    #[test]
    fn rule() {
        use SignatureMethod::{Fused, Parallel, Sequential};
        for device in [Device::flex(), Device::flex().autodiff()] {
            assert_eq!(auto(&device, [128, 99, 5, 4]), Fused);
            assert_eq!(auto(&device, [1, 1, 1, 64]), Fused);
            assert_eq!(auto(&device, [1, 1, 1, 65]), Parallel);
            let spec = SignatureSpec::new(2, 2);
            assert_eq!(Sequential.resolve(&device, spec, 1, 1), Sequential);
        }
        assert_eq!(auto(&Device::flex(), [1, 1 << 22, 1, 65]), Sequential);
        assert_eq!(
            auto(&Device::flex().autodiff(), [1, 1 << 22, 1, 65]),
            Parallel
        );
    }
}
