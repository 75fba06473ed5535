//! The rule of `SignatureMethod::Auto`.

use burn::tensor::Device;

use super::backend::on_host;
use crate::{SignatureMethod, SignatureSpec};

/// Terms of a whole batch from which a step on the CPU is worth more than the operations it is made
/// of cost to start, some microseconds; found with `cargo bench --bench methods`.
const TERMS_WORTH_A_STEP: usize = 8192;

/// Numbers that the intermediate results of [`SignatureMethod::Parallel`] may hold while
/// [`SignatureMethod::Sequential`] can do without them: 1 GiB in f32.
const NUMBERS_AT_ONCE: usize = 1 << 28;

impl SignatureMethod {
    /// The method that [`Auto`](Self::Auto) stands for; any other is returned as it is.
    ///
    /// - Where gradients are on: `Parallel`. Both methods then keep all steps, and `Sequential` also
    ///   a graph of thousands of nodes.
    /// - On the CPU backends Flex and NdArray: `Sequential` if the batch has at least 8192 terms,
    ///   so that each step keeps the processor busy and its state stays in the cache; else
    ///   `Parallel`.
    /// - On other devices: `Parallel`, a number of launches that does not grow with the length.
    /// - Wherever gradients are off and `batch × steps × terms` exceeds 2^28: `Sequential`, whose
    ///   memory does not grow with the length.
    pub fn resolve(self, device: &Device, spec: SignatureSpec, batch: usize, steps: usize) -> Self {
        if self != Self::Auto {
            return self;
        }
        let state = batch.saturating_mul(spec.terms());
        let busy = on_host(device) && state >= TERMS_WORTH_A_STEP;
        let large = state.saturating_mul(steps) > NUMBERS_AT_ONCE;
        match !device.is_autodiff() && (busy || large) {
            true => Self::Sequential,
            false => Self::Parallel,
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
        use SignatureMethod::{Parallel, Sequential};
        let plain = Device::flex();
        assert_eq!(auto(&plain, [128, 99, 5, 4]), Sequential);
        assert_eq!(auto(&plain, [1, 9999, 4, 4]), Parallel);
        assert_eq!(auto(&plain, [1, 1 << 21, 4, 4]), Sequential);
        let tracked = Device::flex().autodiff();
        assert_eq!(auto(&tracked, [128, 99, 5, 4]), Parallel);
        let named = Sequential.resolve(&tracked, SignatureSpec::new(2, 2), 1, 1);
        assert_eq!(named, Sequential);
    }
}
