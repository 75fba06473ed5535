use burn::backend::tensor::FloatTensor;
use burn::tensor::Shape;
#[cfg(feature = "host-backend")]
use sig_core::backend::{HostNumber, HostTensor};
use sig_core::backend::{Operation, SignatureOps};

use super::portable;

/// `y_w = y_{w−1} + A_w y_{w−1}`: of `A`, `[rows, windows, blocks, size²]`, and first states
/// `[rows, blocks size]`, all states `[rows, windows + 1, blocks size]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct BlockRecurrence {
    /// The size of a block.
    pub(super) size: usize,
}

impl BlockRecurrence {
    /// For blocks of so many numbers.
    pub(super) fn of(numbers: usize) -> Self {
        Self {
            size: numbers.isqrt(),
        }
    }
}

impl Operation<2> for BlockRecurrence {
    const IDS: [&'static str; 2] = [
        "sig::block_recurrence@2",
        "sig::block_recurrence_backward@2",
    ];

    fn numbers(&self) -> Vec<usize> {
        vec![self.size]
    }

    fn read(numbers: &[usize]) -> Option<Self> {
        let [size] = *numbers else { return None };
        Some(Self { size })
    }

    fn inputs(&self, changes: &Shape) -> [Shape; 2] {
        let [rows, _, blocks, _] = changes.dims();
        [changes.clone(), Shape::from([rows, blocks * self.size])]
    }

    fn output(&self, changes: &Shape) -> Shape {
        let [rows, windows, blocks, _] = changes.dims();
        Shape::from([rows, windows + 1, blocks * self.size])
    }

    fn portable<B: SignatureOps>(&self, inputs: [FloatTensor<B>; 2]) -> FloatTensor<B> {
        portable::parallel::<B>(inputs, self.size)
    }

    #[cfg(feature = "host-backend")]
    fn host<T: HostNumber>(
        &self,
        inputs: [HostTensor<'_, T>; 2],
        keeps: bool,
    ) -> Option<(Vec<T>, Option<Vec<T>>)> {
        let states = self.call(inputs).states();
        let kept = keeps.then(|| states.clone());
        Some((states, kept))
    }

    #[cfg(feature = "host-backend")]
    fn host_gradients<T: HostNumber>(
        &self,
        inputs: [HostTensor<'_, T>; 2],
        output: &[T],
        kept: Option<&[T]>,
    ) -> Option<[Vec<T>; 2]> {
        let call = self.call(inputs);
        Some(match kept {
            Some(states) => call.gradients(states, output),
            None => call.gradients(&call.states(), output),
        })
    }
}

#[cfg(feature = "host-backend")]
impl BlockRecurrence {
    fn call<'a, T>(
        &self,
        [changes, initial]: [HostTensor<'a, T>; 2],
    ) -> sig_kernels::BlockRecurrence<'a, T> {
        let [_, windows, blocks, _] = changes.shape.dims();
        sig_kernels::BlockRecurrence {
            windows,
            blocks,
            size: self.size,
            changes: changes.numbers,
            initial: initial.numbers,
        }
    }
}
