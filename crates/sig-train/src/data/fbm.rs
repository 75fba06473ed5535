//! Fractional Brownian motions, of which the Hurst exponent is to be estimated.
//!
//! A fractional Brownian motion `B` is the Gaussian process on `[0, 1]` with `B(0) = 0` and
//!
//! `E[B(s) B(t)] = (s^2H + t^2H − |t − s|^2H) / 2`.
//!
//! Its Hurst exponent `H` says how rough it is: ½ is a Brownian motion, less is rougher, more is
//! smoother. Here `H` is uniform in [`HURST`], as in the experiment of "Deep Signature Transforms"
//! (Kidger, Bonnier, Perez Arribas, Salvi, Lyons, NeurIPS 2019).
//!
//! The increments are made one after the other, each from its exact law given all before it:
//! Hosking, "Modeling persistence in hydrological time series using fractional differencing"
//! (1984), with the recursion of Durbin and Levinson.
//!
//! A path has the channels time, value, and value one point before. The last adds nothing that is
//! not there, but the area between it and the value is a sum of squared increments, so roughness is
//! seen from level 2 of the signature on.

use rand::RngExt;

use super::Paths;
use super::normal::normal;

/// The least and the greatest Hurst exponent.
pub const HURST: (f64, f64) = (0.2, 0.8);

/// So many paths of so many points, each with its exponent.
///
/// # Panics
///
/// Panics if `length` is less than 2.
pub fn generate(paths: usize, length: usize, seed: u64) -> Paths {
    assert!(
        length > 1,
        "fractional Brownian motion: length must be at least 2, got {length}"
    );
    let names = ["time", "value", "value before"];
    Paths::draw(paths, seed, "Hurst exponent", names, |rng| {
        let hurst = rng.random_range(HURST.0..HURST.1);
        let normals: Vec<_> = (1..length).map(|_| normal(rng)).collect();
        (path(hurst, &normals), hurst)
    })
}

fn path(hurst: f64, normals: &[f64]) -> Vec<Vec<f64>> {
    let steps = normals.len() as f64;
    let scale = steps.powf(-hurst);
    let mut value = 0.0;
    let mut points = vec![vec![0.0; 3]];
    for (step, increment) in noise(hurst, normals).into_iter().enumerate() {
        let before = value;
        value += scale * increment;
        points.push(vec![(step + 1) as f64 / steps, value, before]);
    }
    points
}

/// Fractional Gaussian noise of unit variance from independent standard normal numbers.
fn noise(hurst: f64, normals: &[f64]) -> Vec<f64> {
    let covariances: Vec<_> = (0..=normals.len())
        .map(|lag| covariance(hurst, lag))
        .collect();
    // The best linear forecast from the values so far, the last first, and the variance of its
    // error.
    let (mut weights, mut variance) = (Vec::<f64>::new(), 1.0f64);
    let mut values = Vec::with_capacity(normals.len());
    for normal in normals {
        let last_first = values.iter().rev();
        let forecast: f64 = weights.iter().zip(last_first).map(|(w, x)| w * x).sum();
        values.push(forecast + variance.sqrt() * normal);

        let order = values.len();
        let known = weights.iter().zip(covariances[1..order].iter().rev());
        let known: f64 = known.map(|(w, c)| w * c).sum();
        let partial = (covariances[order] - known) / variance;
        let reversed: Vec<_> = weights.iter().rev().copied().collect();
        for (weight, other) in weights.iter_mut().zip(reversed) {
            *weight -= partial * other;
        }
        weights.push(partial);
        variance *= 1.0 - partial * partial;
    }
    values
}

fn covariance(hurst: f64, lag: usize) -> f64 {
    let power = |lag: f64| lag.abs().powf(2.0 * hurst);
    let lag = lag as f64;
    (power(lag + 1.0) - 2.0 * power(lag) + power(lag - 1.0)) / 2.0
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    /// The lower factor of the covariance matrix of the values of a path after the first, from the
    /// formula of the process itself.
    fn cholesky(hurst: f64, steps: usize) -> Vec<Vec<f64>> {
        let at = |step: usize| (step + 1) as f64 / steps as f64;
        let power = |time: f64| time.abs().powf(2.0 * hurst);
        let covariance = |i, j| (power(at(i)) + power(at(j)) - power(at(i) - at(j))) / 2.0;
        let mut factor = vec![vec![0.0; steps]; steps];
        for i in 0..steps {
            for j in 0..=i {
                let known: f64 = (0..j).map(|k| factor[i][k] * factor[j][k]).sum();
                let rest: f64 = covariance(i, j) - known;
                factor[i][j] = if i == j {
                    rest.sqrt()
                } else {
                    rest / factor[j][j]
                };
            }
        }
        factor
    }

    #[test]
    fn values_are_those_of_the_cholesky_factor() {
        let mut rng = StdRng::seed_from_u64(1);
        for hurst in [0.2, 0.5, 0.75] {
            let normals: Vec<_> = (0..40).map(|_| normal(&mut rng)).collect();
            let path = path(hurst, &normals);
            for (step, row) in cholesky(hurst, 40).iter().enumerate() {
                let expected: f64 = row.iter().zip(&normals).map(|(l, z)| l * z).sum();
                let value = path[step + 1][1];
                assert!((value - expected).abs() < 1e-12, "{value} {expected}");
            }
        }
    }

    #[test]
    fn the_seed_is_all_that_matters() {
        let one = generate(5, 10, 1);
        assert_eq!(one, generate(5, 10, 1));
        assert_ne!(one.paths, generate(5, 10, 2).paths);
        assert_eq!((one.paths[0].len(), one.paths[0][9][0]), (10, 1.0));
        assert_eq!(one.paths[0][9][2], one.paths[0][8][1]);
        assert!(one.labels.iter().all(|h| (HURST.0..HURST.1).contains(h)));
    }
}
