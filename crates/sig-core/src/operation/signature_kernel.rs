use burn::backend::tensor::FloatTensor;
use burn::tensor::Shape;
#[cfg(feature = "cubecl-backend")]
use burn_cubecl::tensor::CubeTensor;
#[cfg(feature = "host-backend")]
use sig_kernels::cpu;
use sig_kernels::{KernelSolver, Pairs, StaticKernel};

use super::Operation;
#[cfg(feature = "cubecl-backend")]
use crate::backends::cubecl::WaveCall;
#[cfg(feature = "host-backend")]
use crate::backends::host::{HostNumber, HostTensor};
use crate::ops::SignatureOps;
use crate::{SignatureMethod, portable};

/// The signature kernels of pairs of paths, `[first, length, channels]` and
/// `[second, other length, channels]`, of at least two points each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SignatureKernel {
    /// The kernel of points.
    pub kernel: StaticKernel,
    /// The scheme.
    pub solver: KernelSolver,
    /// Which pairs. With [`Pairs::Symmetric`] both inputs must be the same tensor, and the gradients
    /// of both add up to that of this tensor.
    pub pairs: Pairs,
    /// The number of paths of the second batch, and that of their points.
    pub second: [usize; 2],
    /// [`SignatureMethod::Fused`], or another for the body on primitives.
    pub method: SignatureMethod,
}

impl Operation<2> for SignatureKernel {
    const IDS: [&'static str; 2] = [
        "sig::signature_kernel@1",
        "sig::signature_kernel_backward@1",
    ];
    const ON_CUBE: bool = true;

    /// The second batch, which pairs, the scheme and its orders, the kernel and its parameters, each
    /// of which is two numbers of 32 bits.
    fn numbers(&self) -> Vec<usize> {
        let (solver, orders) = match self.solver {
            KernelSolver::Series { order } => (0, [order, 0]),
            KernelSolver::FiniteDifference { dyadic } => (1, dyadic),
        };
        let (kernel, parameters) = self.kernel.numbers();
        let [rows, length] = self.second;
        let mut numbers = vec![rows, length, self.pairs as usize, solver];
        numbers.extend(orders);
        numbers.push(kernel);
        for parameter in parameters {
            let bits = parameter.to_bits();
            numbers.extend([(bits >> 32) as usize, (bits & 0xFFFF_FFFF) as usize]);
        }
        numbers
    }

    fn read(numbers: &[usize]) -> Option<Self> {
        let (head, halves) = numbers.split_first_chunk::<7>()?;
        let [rows, length, pairs, solver, first, second, kernel] = *head;
        let halves: [usize; 6] = halves.try_into().ok()?;
        let parameter = |i: usize| {
            let [high, low] = [halves[2 * i], halves[2 * i + 1]].map(|half| half as u64);
            f64::from_bits((high << 32) | low)
        };
        let kernel = StaticKernel::from_numbers(kernel, [0, 1, 2].map(parameter))?;
        let solver = match (solver, first, second) {
            (0, order, 0) => KernelSolver::Series { order },
            (1, first, second) => KernelSolver::FiniteDifference {
                dyadic: [first, second],
            },
            _ => return None,
        };
        let all = [Pairs::Rows, Pairs::Gram, Pairs::Symmetric, Pairs::Grid];
        let sound = length > 1 && kernel.problem().or(solver.problem()).is_none();
        sound.then_some(Self {
            kernel,
            solver,
            pairs: *all.get(pairs)?,
            second: [rows, length],
            method: SignatureMethod::Fused,
        })
    }

    fn inputs(&self, x: &Shape) -> [Shape; 2] {
        let [rows, length] = self.second;
        [x.clone(), Shape::from([rows, length, x[2]])]
    }

    fn output(&self, x: &Shape) -> Shape {
        self.output_of(x)
    }

    fn portable<B: SignatureOps>(&self, inputs: [FloatTensor<B>; 2]) -> FloatTensor<B> {
        portable::signature_kernel::<B>(self, inputs)
    }

    fn portable_gradients<B: SignatureOps>(
        &self,
        inputs: [FloatTensor<B>; 2],
        output: FloatTensor<B>,
    ) -> [FloatTensor<B>; 2] {
        portable::signature_kernel_gradients::<B>(self, inputs, output)
    }

    #[cfg(feature = "host-backend")]
    fn host<T: HostNumber>(
        &self,
        inputs: [HostTensor<'_, T>; 2],
        keeps: bool,
    ) -> Option<(Vec<T>, Option<Vec<T>>)> {
        Some(self.call(inputs)?.values_keeping(keeps))
    }

    #[cfg(feature = "host-backend")]
    fn host_gradients<T: HostNumber>(
        &self,
        inputs: [HostTensor<'_, T>; 2],
        output: &[T],
        kept: Option<&[T]>,
    ) -> Option<[Vec<T>; 2]> {
        Some(self.call(inputs)?.gradient(output, kept))
    }

    #[cfg(feature = "cubecl-backend")]
    fn cube(&self, inputs: [CubeTensor; 2]) -> Option<CubeTensor> {
        Some(WaveCall::new(*self, inputs)?.values())
    }

    #[cfg(feature = "cubecl-backend")]
    fn cube_gradients(
        &self,
        inputs: [CubeTensor; 2],
        output: CubeTensor,
    ) -> Option<[CubeTensor; 2]> {
        Some(WaveCall::new(*self, inputs)?.gradients(output))
    }
}

impl SignatureKernel {
    /// The number of pairs, with that of paths of the first batch.
    pub(crate) fn count(&self, first: usize) -> usize {
        match self.pairs {
            Pairs::Rows | Pairs::Grid => first,
            Pairs::Gram | Pairs::Symmetric => first * self.second[0],
        }
    }

    /// The shape of the output, of a first batch of that shape.
    pub(crate) fn output_of(&self, x: &Shape) -> Shape {
        let ([first, length, _], [second, other]) = (x.dims::<3>(), self.second);
        assert!(
            length > 1 && other > 1,
            "paths of at least two points are expected, got {length} and {other}"
        );
        assert!(
            first == second || self.pairs == Pairs::Gram,
            "{:?} needs as many paths in both batches, got {first} and {second}",
            self.pairs
        );
        let [m, n] = self.solver.dyadic();
        match self.pairs {
            Pairs::Rows => Shape::from([first]),
            Pairs::Gram | Pairs::Symmetric => Shape::from([first, second]),
            Pairs::Grid => Shape::from([first, ((length - 1) << m) + 1, ((other - 1) << n) + 1]),
        }
    }

    #[cfg(feature = "host-backend")]
    fn call<'a, T>(&self, [x, y]: [HostTensor<'a, T>; 2]) -> Option<cpu::SignatureKernel<'a, T>> {
        let ([first, length, channels], [second, other]) = (x.shape.dims(), self.second);
        let fused = self.method == SignatureMethod::Fused;
        fused.then_some(cpu::SignatureKernel {
            kernel: self.kernel,
            solver: self.solver,
            pairs: self.pairs,
            x: x.numbers,
            y: y.numbers,
            rows: [first, second],
            lengths: [length, other],
            channels,
        })
    }
}
