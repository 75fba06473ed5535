//! The cubic Hermite spline with backward differences.
//!
//! On the interval from `x_i` to `x_{i+1}` of the duration `g`, with `θ` from 0 to 1, `dx = x_{i+1} − x_i`
//! and the slope `m_i` of the interval before, the slope at the end is `dx / g`, so
//! `dX/dθ = (4θ − 3θ²) dx + (1 − θ)(1 − 3θ) g m_i`. The first interval takes its own slope, and is
//! straight. An interval of no duration is a jump by `dx`; the slope at its end is taken to be 0.

use burn::tensor::Tensor;

/// A row per interval: `dx`, then `g m_i`. `[batch, length − 1, 2 channels]`
pub(super) fn controls(path: Tensor<3>, times: Option<Tensor<2>>) -> Tensor<3> {
    let [batch, length, channels] = path.dims();
    if length == 1 {
        let shape = [batch, 0, 2 * channels];
        return Tensor::zeros(shape, (&path.device(), path.dtype()));
    }
    let steps = length - 1;
    let increments = path.clone().narrow(1, 1, steps) - path.narrow(1, 0, steps);
    if steps == 1 {
        return Tensor::cat(vec![increments.clone(), increments], 2);
    }
    let mut before = increments.clone().narrow(1, 0, steps - 1);
    if let Some(times) = times {
        let spans = times.clone().narrow(1, 1, steps) - times.narrow(1, 0, steps);
        let spans_before = spans.clone().narrow(1, 0, steps - 1);
        let still = spans_before.clone().equal_elem(0);
        let ratios = spans.narrow(1, 1, steps - 1) / spans_before.mask_fill(still.clone(), 1);
        before = before * ratios.mask_fill(still, 0).unsqueeze_dim(2);
    }
    let first = increments.clone().narrow(1, 0, 1);
    let before = Tensor::cat(vec![first, before], 1);
    Tensor::cat(vec![increments, before], 2)
}

/// `dX/dθ` from a row of [`controls`], `[batch, channels]`.
pub(super) fn velocity(control: Tensor<2>, at: f64) -> Tensor<2> {
    let channels = control.dims()[1] / 2;
    let increment = control.clone().narrow(1, 0, channels);
    let before = control.narrow(1, channels, channels);
    increment * (4.0 * at - 3.0 * at * at) + before * ((1.0 - at) * (1.0 - 3.0 * at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    /// After a jump the curve starts with the slope 0, and gradients are finite.
    #[test]
    fn intervals_of_no_duration() {
        let device = Device::default().autodiff();
        let path = Tensor::<3>::from_floats([[[1.], [2.], [5.], [4.]]], &device).require_grad();
        let times = Tensor::<2>::from_floats([[0., 1., 1., 2.]], &device).require_grad();
        let controls = controls(path.clone(), Some(times.clone()));
        let values = controls.clone().into_data().try_to_vec::<f32>().unwrap();
        assert_eq!(values, [1., 1., 3., 0., -1., 0.]);
        let gradients = controls.square().sum().backward();
        let of_path = path.grad(&gradients).unwrap().into_data();
        let of_times = times.grad(&gradients).unwrap().into_data();
        let mut all = of_path.iter::<f32>().chain(of_times.iter::<f32>());
        assert!(all.all(f32::is_finite));
    }

    /// The velocity integrates to the increment, by Simpson's rule, which is exact for cubics, and is
    /// continuous in time.
    #[test]
    fn smooth_and_through_the_points() {
        let device = Device::default();
        let path = Tensor::<3>::from_floats([[[1.], [2.], [5.], [4.]]], &device);
        let times = [0.0, 0.5, 2.5, 3.0];
        let of_times = Tensor::<2>::from_floats([times], &device);
        let controls = controls(path, Some(of_times));
        let at = |interval: usize, part: f64| {
            let control = controls.clone().narrow(1, interval, 1).squeeze_dim(1);
            f64::from(velocity(control, part).into_scalar::<f32>())
        };
        for (i, want) in [1.0, 3.0, -1.0].into_iter().enumerate() {
            let sum = (at(i, 0.0) + 4.0 * at(i, 0.5) + at(i, 1.0)) / 6.0;
            assert!((sum - want).abs() < 1e-5, "{i}: {sum}");
        }
        for i in 0..2 {
            let speed = |i: usize, part| at(i, part) / (times[i + 1] - times[i]);
            assert!((speed(i, 1.0) - speed(i + 1, 0.0)).abs() < 1e-5, "{i}");
        }
    }
}
