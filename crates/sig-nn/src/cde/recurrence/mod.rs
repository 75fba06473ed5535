//! States along block-diagonal matrices: `y_w = y_{w−1} + A_w y_{w−1}`.

mod operation;
mod portable;

use burn::backend::Dispatch;
use burn::config::Config;
use burn::tensor::Tensor;
use sig_core::backend::forward;

pub(crate) use operation::BlockRecurrence;

/// How the products along the windows are taken.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum Scan {
    /// By a kernel on the CPU backends, a window at a time; elsewhere as
    /// [`Parallel`](Self::Parallel).
    Auto,
    /// A window at a time: few multiplications, but as many operations as there are windows.
    Sequential,
    /// Products of matrices by doubling, in chunks of 128 windows: a number of operations that grows
    /// with the logarithm of the windows.
    Parallel,
}

/// All states, `[batch, windows + 1, blocks size]`, from the changes `A`,
/// `[batch, windows, blocks, size²]`, and the first state `[batch, blocks size]`.
pub(super) fn states(changes: Tensor<4>, initial: Tensor<2>, scan: Scan) -> Tensor<3> {
    let operation = BlockRecurrence::of(changes.dims()[3]);
    let inputs = [changes.into_dispatch(), initial.into_dispatch()];
    Tensor::from_dispatch(match scan {
        Scan::Auto => {
            #[cfg(feature = "remote")]
            {
                let device = Tensor::<4>::from_dispatch(inputs[0].clone()).device();
                crate::operations::assert_served("LinearNeuralCde", &device);
            }
            forward(operation, inputs)
        }
        Scan::Sequential => portable::sequential::<Dispatch>(inputs, operation.size),
        Scan::Parallel => portable::parallel::<Dispatch>(inputs, operation.size),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrices::with_identity;
    use burn::tensor::{Device, Distribution, Tolerance};

    /// Values and gradients of the ways are the same, for chunks that are full and not.
    #[test]
    fn all_scans_agree() {
        let device = Device::default().autodiff();
        for (windows, blocks, size) in [(1, 1, 1), (5, 3, 2), (129, 2, 3), (300, 1, 1)] {
            let plain = Device::default();
            let spread = Distribution::Normal(0.0, 0.7 / (size as f64).sqrt());
            let factors = Tensor::random([2 * windows * blocks, size, size], spread, &plain);
            let changes = with_identity(factors, -1.0); // so that states do not grow
            let changes = changes.reshape([2, windows, blocks, size * size]);
            let changes = changes.into_data();
            let initial = Tensor::<2>::random([2, blocks * size], spread, &plain);
            let initial = initial.into_data();
            let of = |scan| {
                let changes = Tensor::<4>::from_data(changes.clone(), &device).require_grad();
                let initial = Tensor::<2>::from_data(initial.clone(), &device).require_grad();
                let output = states(changes.clone(), initial.clone(), scan);
                let gradients = (output.clone() * output.clone().cos()).sum().backward();
                let changes = changes.grad(&gradients).unwrap().into_data();
                [
                    output.into_data(),
                    changes,
                    initial.grad(&gradients).unwrap().into_data(),
                ]
            };
            let want = of(Scan::Sequential);
            for scan in [Scan::Auto, Scan::Parallel] {
                for (got, want) in of(scan).iter().zip(&want) {
                    got.assert_approx_eq::<f32>(want, Tolerance::absolute(1e-4));
                }
            }
        }
    }
}
