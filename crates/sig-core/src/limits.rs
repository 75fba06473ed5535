//! Up to which sizes there are kernels, and what is taken beyond them.

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

/// The portable method that suits the sizes. With gradients, only `Parallel` keeps few enough nodes.
pub(crate) fn portable(
    spec: SignatureSpec,
    batch: usize,
    steps: usize,
    gradients: bool,
) -> SignatureMethod {
    let numbers = batch.saturating_mul(spec.terms()).saturating_mul(steps);
    match numbers > NUMBERS_AT_ONCE && !gradients {
        true => SignatureMethod::Sequential,
        false => SignatureMethod::Parallel,
    }
}

/// Whether the allocator would grant that many bytes. Small requests are not tried: the check must
/// cost nothing beside the work.
pub(crate) fn would_fit(bytes: usize) -> bool {
    const WORTH_TRYING: usize = 1 << 28;
    bytes < WORTH_TRYING || Vec::<u8>::new().try_reserve_exact(bytes).is_ok()
}

#[cfg(any(feature = "host-backend", feature = "cubecl-backend"))]
impl crate::SignatureParams {
    /// The same parameters for a backend whose kernels take on what `fits` says: beyond that, a portable
    /// method takes the place of `Fused`, for which a program asks a server whatever its kernels are.
    pub(crate) fn within(
        self,
        fits: fn(SignatureSpec) -> bool,
        path: &burn::tensor::Shape,
    ) -> Self {
        let [batch, length, channels] = path.dims();
        let spec = SignatureSpec::new(channels, self.depth);
        match self.method {
            SignatureMethod::Fused if !fits(spec) => Self {
                method: portable(spec, batch, length - 1, false),
                ..self
            },
            _ => self,
        }
    }
}

#[cfg(feature = "host-backend")]
impl crate::SignatureWindowsParams {
    /// As [`SignatureParams::within`](crate::SignatureParams::within), for the longest of the windows.
    pub(crate) fn within(
        self,
        fits: fn(SignatureSpec) -> bool,
        path: &burn::tensor::Shape,
    ) -> Self {
        let [batch, _, channels] = path.dims();
        let spec = SignatureSpec::new(channels, self.depth);
        let longest = self.windows.iter().map(ExactSizeIterator::len).max();
        match self.method {
            SignatureMethod::Fused if !fits(spec) => Self {
                method: portable(
                    spec,
                    batch * self.windows.len(),
                    longest.unwrap_or_default(),
                    false,
                ),
                ..self
            },
            _ => self,
        }
    }
}
