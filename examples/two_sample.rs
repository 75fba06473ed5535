//! Do two samples of paths have one distribution? Brownian paths against fractional Brownian paths,
//! by the signature kernel, with a plot of the statistic under permutations.
//! `cargo run --release --example two_sample -- [HURST] [PATHS]`

use burn::tensor::{Tensor, TensorData};
use burn_sig::NamedDevice;
use burn_sig::signature_kernels::{
    SignatureKernelOptions, StaticKernel, TwoSampleTest, signature_two_sample_test,
};
use burn_sig::transforms::{LeadLagOrder, PathTransform};
use plotters::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const POINTS: usize = 33;
const FILE: &str = "artifacts/two_sample.svg";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let hurst: f64 = args.next().map_or(Ok(0.35), |text| text.parse())?;
    let paths: usize = args.next().map_or(Ok(60), |text| text.parse())?;
    if !(hurst > 0.0 && hurst < 1.0 && paths > 1) {
        return Err("usage: two_sample [HURST between 0 and 1] [PATHS, at least 2]".into());
    }
    sig_train::warn_if_unoptimised();
    let found = NamedDevice::open(None)?;
    println!("Device: {found}");
    let mut random = StdRng::seed_from_u64(1);
    let mut sample = |hurst: f64| {
        let values = (0..paths).flat_map(|_| fractional_brownian(hurst, &mut random));
        let data = TensorData::new(values.collect::<Vec<f32>>(), [paths, POINTS, 1]);
        Tensor::<3>::from_data(data, &found.device)
    };
    let (brownian, fractional) = (sample(0.5), sample(hurst));

    // Time and lead-lag: the areas between a path and its past know how rough it is.
    let order = LeadLagOrder::LeadLag;
    let time = PathTransform::TimeAugment { end_time: 1.0 };
    let options = SignatureKernelOptions::new()
        .with_static_kernel(StaticKernel::Rbf { sigma: 1.0 })
        .with_transforms([PathTransform::LeadLag { order }, time]);
    let test = signature_two_sample_test(brownian, fractional, &options, 999, 2);
    println!(
        "{paths} Brownian paths and {paths} fractional ones of Hurst index {hurst}: \
         squared MMD {:.5}, p = {:.3}",
        test.statistic, test.p_value
    );
    println!("{FILE} shows it among those of the permutations");
    plot(&test, hurst)
}

/// A path on [0, 1] from its covariance `(s^2H + t^2H − |s − t|^2H) / 2`, by Cholesky's factor.
fn fractional_brownian(hurst: f64, random: &mut StdRng) -> Vec<f32> {
    let steps = POINTS - 1;
    let power = |x: f64| x.abs().powf(2.0 * hurst);
    let covariance = |i: usize, j: usize| {
        let (s, t) = ((i + 1) as f64 / steps as f64, (j + 1) as f64 / steps as f64);
        0.5 * (power(s) + power(t) - power(s - t))
    };
    let mut factor = vec![vec![0.0; steps]; steps];
    for i in 0..steps {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| factor[i][k] * factor[j][k]).sum();
            let rest = covariance(i, j) - known;
            factor[i][j] = if i == j {
                rest.sqrt()
            } else {
                rest / factor[j][j]
            };
        }
    }
    let mut normal = || {
        let (u, v): (f64, f64) = (1.0 - random.random::<f64>(), random.random());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    };
    let noise: Vec<f64> = (0..steps).map(|_| normal()).collect();
    let point = |row: &Vec<f64>| row.iter().zip(&noise).map(|(a, b)| a * b).sum::<f64>() as f32;
    std::iter::once(0.0)
        .chain(factor.iter().map(point))
        .collect()
}

/// The statistic among those of the permutations.
fn plot(test: &TwoSampleTest, hurst: f64) -> Result<(), Box<dyn std::error::Error>> {
    const BINS: usize = 40;
    let all = test.permuted.iter().copied().chain([test.statistic]);
    let (low, high) = all.fold((f64::MAX, f64::MIN), |(a, b), x| (a.min(x), b.max(x)));
    let width = (high - low).max(1e-12) / BINS as f64;
    let mut counts = [0; BINS];
    for x in &test.permuted {
        counts[(((x - low) / width) as usize).min(BINS - 1)] += 1;
    }
    std::fs::create_dir_all("artifacts")?;
    let root = SVGBackend::new(FILE, (800, 450)).into_drawing_area();
    root.fill(&WHITE)?;
    let most = counts.iter().max().copied().unwrap_or(1);
    let title = format!("Brownian against H = {hurst}: p = {:.3}", test.p_value);
    let mut chart = ChartBuilder::on(&root)
        .caption(title, ("sans-serif", 22))
        .margin(15)
        .x_label_area_size(40)
        .y_label_area_size(50)
        .build_cartesian_2d(low..high + width, 0..most + most / 10 + 1)?;
    chart
        .configure_mesh()
        .x_desc("squared MMD")
        .y_desc("permutations")
        .draw()?;
    chart.draw_series(counts.iter().enumerate().map(|(bin, &count)| {
        let left = low + bin as f64 * width;
        Rectangle::new(
            [(left, 0), (left + 0.9 * width, count)],
            BLUE.mix(0.5).filled(),
        )
    }))?;
    let line = [(test.statistic, 0), (test.statistic, most + most / 10 + 1)];
    chart.draw_series(LineSeries::new(line, RED.stroke_width(2)))?;
    root.present()?;
    Ok(())
}
