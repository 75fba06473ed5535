//! The signature of a stream whose past fades.

use crate::{Algebra, Real, SignatureSpec};

/// The exponentially fading signature of a path that grows at its end, on numbers in memory: for a
/// stream that comes in point by point and never ends.
///
/// What happened a time `s` ago counts `e^{−λs}` in each letter
/// ([Abi Jaber & Gérard 2025](https://arxiv.org/abs/2507.03700)). A step of the duration `Δ` with the
/// increment `z` is `S ← dilate(S, e^{−λΔ}) ⊗ exp(z (1 − e^{−λΔ}) / (λΔ))`, where `dilate(S, c)`
/// multiplies level `k` by `c^k`. There is no window to choose, and nothing is kept but the
/// signature and the last point.
///
/// ```
/// # use sig_kernels::FadingSignature;
///
/// let mut fading = FadingSignature::<f64>::new(2, 2, 0.0); // the rate 0 forgets nothing
/// for (point, time) in [([0., 0.], 0.), ([1., 0.], 0.5), ([1., 1.], 2.)] {
///     fading.push(&point, time);
/// }
/// assert_eq!(fading.signature(), [1., 1., 0.5, 1., 0., 0.5]);
/// ```
#[derive(Clone, Debug)]
pub struct FadingSignature<T> {
    algebra: Algebra<T>,
    rate: f64,
    last: Option<(Vec<T>, f64)>,
    signature: Vec<T>,
}

impl<T: Real> FadingSignature<T> {
    /// A stream without points.
    ///
    /// # Panics
    ///
    /// If `channels` or `depth` is 0, or the rate per unit of time is not finite or is negative.
    #[track_caller]
    pub fn new(channels: usize, depth: usize, rate: f64) -> Self {
        let spec = SignatureSpec::new_for("FadingSignature", channels, depth);
        assert!(
            rate >= 0.0 && rate.is_finite(),
            "FadingSignature: the rate must be finite and at least 0, got {rate}"
        );
        let algebra = Algebra::new(spec);
        Self {
            signature: algebra.unit(),
            algebra,
            rate,
            last: None,
        }
    }

    /// Channels, depth and the order of the terms.
    pub fn spec(&self) -> SignatureSpec {
        self.algebra.spec()
    }

    /// The rate per unit of time.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Adds a point at the end.
    ///
    /// # Panics
    ///
    /// If `point.len()` differs from the number of channels, or the time is before that of the last
    /// point or not finite.
    #[track_caller]
    pub fn push(&mut self, point: &[T], time: f64) {
        let channels = self.spec().channels();
        assert!(
            point.len() == channels,
            "FadingSignature::push: a point has {channels} numbers (the channels), got {}",
            point.len()
        );
        assert!(
            time.is_finite(),
            "FadingSignature::push: the time must be finite, got {time}"
        );
        if let Some((last, before)) = &self.last {
            assert!(
                time >= *before,
                "FadingSignature::push: the time {time} is before that of the last point, {before}"
            );
            let decay = self.rate * (time - before);
            let mean = match decay {
                0.0 => 1.0,
                decay => -(-decay).exp_m1() / decay,
            };
            let mean = T::nearest(mean);
            let increment = point
                .iter()
                .zip(last)
                .map(|(&to, &from)| (to - from) * mean);
            let increment: Vec<T> = increment.collect();
            self.fade(decay);
            self.algebra.append(&mut self.signature, &increment);
        }
        self.last = Some((point.to_vec(), time));
    }

    /// The fading signature at the time of the last point, `[terms]`: zeros for fewer than two
    /// points.
    pub fn signature(&self) -> &[T] {
        &self.signature
    }

    /// Level `k` times `e^{−k decay}`.
    fn fade(&mut self, decay: f64) {
        let spec = self.algebra.spec();
        for level in 1..=spec.depth() {
            let factor = T::nearest((-decay * level as f64).exp());
            let terms = &mut self.signature[spec.level_range(level)];
            terms.iter_mut().for_each(|term| *term = *term * factor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One channel on one step: level `k` is the `k`-th power of level 1 over `k!`.
    #[test]
    fn one_step_by_hand() {
        let (rate, span, increment) = (0.7f64, 1.5, 2.0);
        let mut fading = FadingSignature::<f64>::new(1, 3, rate);
        fading.push(&[1.0], 3.0);
        fading.push(&[1.0 + increment], 3.0 + span);
        let first = increment * (1.0 - (-rate * span).exp()) / (rate * span);
        let want = [first, first.powi(2) / 2.0, first.powi(3) / 6.0];
        let close = |(got, want): (&f64, f64)| (got - want).abs() < 1e-15;
        assert!(fading.signature().iter().zip(want).all(close));
    }

    #[test]
    #[should_panic(expected = "the time 1 is before that of the last point, 2")]
    fn back_in_time() {
        let mut fading = FadingSignature::<f32>::new(1, 1, 1.0);
        fading.push(&[0.0], 2.0);
        fading.push(&[0.0], 1.0);
    }
}
