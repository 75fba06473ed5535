use std::f64::consts::TAU;

use rand::RngExt;
use rand::rngs::StdRng;

/// A standard normal number, by Box and Muller.
pub(super) fn normal(rng: &mut StdRng) -> f64 {
    let radius: f64 = 1.0 - rng.random::<f64>();
    let angle: f64 = rng.random();
    (-2.0 * radius.ln()).sqrt() * (TAU * angle).cos()
}
