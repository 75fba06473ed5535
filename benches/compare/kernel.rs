//! `--op kernel`: signature kernels of two batches of random walks.

use burn::tensor::{DType, Device, Tensor};
use burn_sig::signature_kernels::{
    KernelSolver, SignatureKernelOptions, signature_kernel, signature_kernel_gram,
    signature_kernel_grid,
};

use crate::args::{Args, Kernels, Pass};
use crate::harness::Times;
use crate::memory;
use crate::workloads::walks;

/// The error is measured on the first paths of each batch, at most this many.
const COMPARED: usize = 64;

/// Two batches of paths, and which kernel.
pub(crate) struct Kernel {
    paths: [Tensor<3>; 2],
    options: SignatureKernelOptions,
    kernels: Kernels,
    pass: Pass,
    device: Device,
}

impl Kernel {
    pub(crate) fn new(args: &Args, pass: Pass, device: &Device) -> Result<Self, String> {
        let device = match pass {
            Pass::Forward | Pass::Backprop => device.clone(),
            Pass::Backward => device.clone().autodiff(),
        };
        let shape = [2 * args.batch, args.length, args.channels];
        // Steps that do not grow with the number of channels.
        let both = walks(shape, &device, args.dtype) / (args.channels as f64).sqrt();
        let [x, y] = [0, args.batch].map(|start| both.clone().narrow(0, start, args.batch));
        let options = match args.solver {
            Some(solver) => SignatureKernelOptions::new().with_solver(solver),
            None => SignatureKernelOptions::new(),
        };
        // Tensors of their own, as paths mostly are.
        let paths = [x, y].map(|path| Tensor::from_data(path.into_data(), (&device, args.dtype)));
        device.sync().map_err(|error| error.to_string())?;
        Ok(Self {
            paths,
            options,
            kernels: args.kernels,
            pass,
            device,
        })
    }

    /// The kernels and, but forward alone, the gradient of their sum with respect to both batches.
    pub(crate) fn run(&self) {
        let [x, y] = self.paths.clone();
        match self.pass {
            Pass::Forward | Pass::Backprop => drop(self.kernels(x, y)),
            Pass::Backward => {
                let [x, y] = [x, y].map(Tensor::require_grad);
                let gradients = self.kernels(x.clone(), y.clone()).sum().backward();
                for path in [x, y] {
                    path.grad(&gradients).expect("the path requires it");
                }
            }
        }
        self.device.sync().expect("the device has done its work");
    }

    fn kernels(&self, x: Tensor<3>, y: Tensor<3>) -> Tensor<1> {
        match self.kernels {
            Kernels::Gram => signature_kernel_gram(x, y, &self.options).flatten(0, 1),
            Kernels::Pairs => signature_kernel(x, y, &self.options),
            Kernels::Grids => signature_kernel_grid(x, y, &self.options).flatten(0, 2),
        }
    }

    /// The largest difference from a series of order 40 in f64, relative to the kernel or 1, of the
    /// first pairs.
    pub(crate) fn error(&self) -> f64 {
        let (first, [x, y]) = (self.paths[0].dims()[0].min(COMPARED), self.paths.each_ref());
        let [x, y] = [x, y].map(|path| path.clone().detach().narrow(0, 0, first));
        let got = signature_kernel(x.clone(), y.clone(), &self.options);
        let exact = SignatureKernelOptions::new().with_solver(KernelSolver::Series { order: 40 });
        let [x, y] = [x, y].map(|path| {
            let numbers = path.into_data().convert_dtype(DType::F64);
            Tensor::<3>::from_data(numbers, (&Device::flex(), DType::F64))
        });
        let want = signature_kernel(x, y, &exact).into_data();
        let got = got.into_data().convert_dtype(DType::F64);
        let pairs = got.iter::<f64>().zip(want.iter::<f64>());
        pairs
            .map(|(got, want)| (got - want).abs() / want.abs().max(1.0))
            .fold(0.0, f64::max)
    }

    /// Median, best and number of runs, and MiB beside input.
    pub(crate) fn measured(&self, seconds: f64) -> (Times, f64) {
        let peak_mib = memory::peak_mib(|| self.run());
        let times = Times::of(
            || self.run(),
            |runs, taken| runs < 7 || (taken.as_secs_f64() < seconds && runs < 2000),
        );
        (times, peak_mib)
    }
}
