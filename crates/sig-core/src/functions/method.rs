//! The rule of `SignatureMethod::Auto`.

use burn::tensor::Device;

use super::backend::{on_cube, on_host, on_router};
use crate::limits::{fits_cube, fits_host, portable};
use crate::{SignatureMethod, SignatureSpec};

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
        match fits {
            true => Self::Fused,
            false => portable(spec, batch, steps, device.is_autodiff()),
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
