use burn_sig::backend::FusedCost;

use crate::args::{Args, Pass};

/// A GPU as its maker describes it: f32 TFLOP/s, GB/s and streaming multiprocessors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gpu {
    pub(crate) tflops: f64,
    pub(crate) gigabytes: f64,
    pub(crate) processors: usize,
}

impl std::str::FromStr for Gpu {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted =
            || format!("{text:?} is not TFLOP/s, GB/s and multiprocessors, as in 35.6,936,82");
        let mut fields = text.split(',').map(|field| field.trim().parse::<f64>());
        let mut next = || match fields.next() {
            Some(Ok(value)) if value > 0.0 && value.is_finite() => Ok(value),
            _ => Err(wanted()),
        };
        let gpu = Self {
            tflops: next()?,
            gigabytes: next()?,
            processors: next()? as usize,
        };
        match gpu.processors > 0 && fields.next().is_none() {
            true => Ok(gpu),
            false => Err(wanted()),
        }
    }
}

/// Prints what the CubeCL kernels do and the time below which no kernel could: nothing is measured.
pub(crate) fn print(args: &Args, gpu: Gpu) {
    println!("a model of the CubeCL kernels in f32, not a measurement; {gpu:?}");
    println!(
        "{:<16} {:<9} {:>8} {:>10} {:>10} {:>12} {:>9} {:>12}",
        "workload", "pass", "launches", "MFLOP", "MB", "MB compulsory", "barriers", "roofline ms"
    );
    for workload in args.workloads() {
        for pass in args.passes() {
            let mut cost = FusedCost::forward(workload.shape, gpu.processors);
            if pass != Pass::Forward {
                cost = FusedCost::backward(workload.shape, gpu.processors);
            }
            let (flops, bytes) = (2.0 * cost.multiply_adds as f64, cost.bytes as f64);
            let seconds = (flops / (gpu.tflops * 1e12)).max(bytes / (gpu.gigabytes * 1e9));
            println!(
                "{:<16} {:<9} {:>8} {:>10.2} {:>10.3} {:>13.3} {:>9} {:>12.5}",
                workload.name,
                match pass {
                    Pass::Forward => "forward",
                    Pass::Backward | Pass::Backprop => "gradient",
                },
                cost.launches,
                flops / 1e6,
                bytes / 1e6,
                cost.compulsory_bytes as f64 / 1e6,
                cost.barriers,
                seconds * 1e3,
            );
        }
    }
}
