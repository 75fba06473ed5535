//! Loops in the plane, of which the signed area is to be estimated from noisy points.
//!
//! Each coordinate of a loop is a random trigonometric polynomial of [`MODES`] modes about a random
//! centre: `x(s) = x₀ + Σ a_k cos ks + b_k sin ks` and `y(s) = y₀ + Σ c_k cos ks + d_k sin ks`,
//! with coefficients of standard deviation `1/k`. The area that it goes round, what is passed
//! against the clock being positive, is `½ ∮ x dy − y dx = π Σ k (a_k d_k − b_k c_k)`.
//!
//! The points are at the ends and at uniform random parameters between them, so that the speed
//! tells nothing, and each has Gaussian noise of standard deviation [`NOISE`].

use std::f64::consts::{PI, TAU};

use rand::RngExt;
use rand::rngs::StdRng;

use super::Paths;
use super::normal::normal;

/// Frequencies in a loop.
pub const MODES: usize = 3;
/// Standard deviation of the noise on both coordinates of a point.
pub const NOISE: f64 = 0.1;
/// Standard deviation of the coordinates of the centre.
const CENTRE: f64 = 2.0;

/// So many loops of so many points, each with its area.
///
/// # Panics
///
/// Panics if `length` is less than 2.
pub fn generate(paths: usize, length: usize, seed: u64) -> Paths {
    assert!(length > 1, "loops: length must be at least 2, got {length}");
    Paths::draw(paths, seed, "signed area", ["x", "y"], |rng| {
        let shape = Loop::random(rng);
        let mut at: Vec<_> = (2..length).map(|_| rng.random_range(0.0..TAU)).collect();
        at.extend([0.0, TAU]);
        at.sort_unstable_by(f64::total_cmp);
        let mut noisy = |x| x + NOISE * normal(rng);
        let seen = at
            .into_iter()
            .map(|s| shape.point(s).map(&mut noisy).to_vec());
        (seen.collect(), shape.area())
    })
}

struct Loop {
    centre: [f64; 2],
    /// Of each mode the coefficients of cosine and sine, for both coordinates.
    modes: [[[f64; 2]; 2]; MODES],
}

impl Loop {
    fn random(rng: &mut StdRng) -> Self {
        let centre = [(); 2].map(|()| CENTRE * normal(rng));
        let mode = |index| {
            let deviation = 1.0 / (index + 1) as f64;
            [(); 2].map(|()| [(); 2].map(|()| deviation * normal(rng)))
        };
        Self {
            centre,
            modes: std::array::from_fn(mode),
        }
    }

    fn point(&self, s: f64) -> [f64; 2] {
        let value = |axis: usize| {
            let modes = (1..).zip(&self.modes);
            let waves = modes.map(|(k, mode)| {
                let (sine, cosine) = (k as f64 * s).sin_cos();
                mode[axis][0] * cosine + mode[axis][1] * sine
            });
            self.centre[axis] + waves.sum::<f64>()
        };
        [value(0), value(1)]
    }

    fn area(&self) -> f64 {
        let modes = (1..).zip(&self.modes);
        let areas = modes.map(|(k, [[a, b], [c, d]])| k as f64 * (a * d - b * c));
        PI * areas.sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn the_area_is_that_of_a_fine_polygon() {
        let mut rng = StdRng::seed_from_u64(2);
        for _ in 0..5 {
            let shape = Loop::random(&mut rng);
            let corners = 20_000;
            let corner = |i: usize| shape.point(TAU * i as f64 / corners as f64);
            let shoelace: f64 = (0..corners)
                .map(|i| (corner(i), corner(i + 1)))
                .map(|([x, y], [u, v])| (x * v - y * u) / 2.0)
                .sum();
            assert!((shape.area() - shoelace).abs() < 1e-5, "{shoelace}");
        }
    }

    #[test]
    fn a_circle_against_the_clock_is_positive() {
        let mut modes = [[[0.0; 2]; 2]; MODES];
        modes[0] = [[2.0, 0.0], [0.0, 2.0]];
        let circle = Loop {
            centre: [5.0, 1.0],
            modes,
        };
        assert!((circle.area() - 4.0 * PI).abs() < 1e-12);
    }

    #[test]
    fn the_seed_is_all_that_matters() {
        let one = generate(5, 10, 1);
        assert_eq!(one, generate(5, 10, 1));
        assert_ne!(one.labels, generate(5, 10, 2).labels);
        // Closed but for the noise.
        let (first, last) = (&one.paths[0][0], &one.paths[0][9]);
        assert!(
            (first[0] - last[0]).abs() < 10.0 * NOISE,
            "{first:?} {last:?}"
        );
    }
}
