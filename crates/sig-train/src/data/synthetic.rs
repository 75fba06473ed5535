//! Trading volumes in which order matters: the default data of the study.
//!
//! There are two markets, east and west. Waves of activity run through both; one market sees them
//! first and the other [`WAVE_LAG`] hours later. Which market leads, changes: now one does for some
//! days, now the other. Each market has a local asset with news of its own, and the target, which
//! is traded on both, follows the local asset of the market that leads, [`TARGET_LAG`] hours later.
//!
//! So the next hours of the target can be read off recent hours of the one or the other local
//! asset, up to noise, and only the order in which the waves reach the markets tells off which: the
//! best forecast is a product of what happened and of the order in which it happened.
//!
//! Order is what level 2 of a signature measures: the signed area between the two markets is
//! positive while one leads and negative while the other does. A linear forecast has to settle on
//! one compromise for both regimes; a network on the flattened window can find the products by
//! itself, given enough data. The series is made to show this difference; it is no market data.
//!
//! For hour `t`, in logarithms of volume less their daily pattern:
//!
//! - `east(t) = wave(t)` and `west(t) = wave(t − WAVE_LAG)` while the east leads, the other way
//!   round while the west does, with a little noise on both;
//! - `local_east` and `local_west`, two independent AR(1) series;
//! - `target(t) = local_leader(t − TARGET_LAG)`, with noise.
//!
//! `wave` is a stochastic oscillation, an AR(2) with complex roots; it, the local assets and so the
//! target have unit variance before scale and noise. The daily pattern is that of markets that open
//! and close, with period 24, the same for all assets but for its size; in phase as it is, it adds
//! no area between them. Each asset has a base level, a scale and a size of its pattern of its own.
//!
//! All numbers come from the seed, on the host, so that they are the same on every device.

use std::f64::consts::TAU;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::Series;
use super::normal::normal;

/// Hours by which a wave reaches the market that does not lead.
pub const WAVE_LAG: usize = 3;
/// Hours by which the target follows the local asset of the market that leads.
pub const TARGET_LAG: usize = 4;
/// Assets of a group: two markets, their local assets, the target.
pub const GROUP: usize = 5;

/// The wave's period in hours, and how much of it is left after an hour, the modulus of the roots.
const WAVE: (f64, f64) = (12.0, 0.9);
/// How much of a local asset's news is left after an hour.
const NEWS: f64 = 0.5;
/// Standard deviation of the noise of the markets and of the other assets.
const NOISE: (f64, f64) = (0.1, 0.3);
/// The shortest and the longest time that a market leads, in hours.
const REGIME: (usize, usize) = (96, 240);

/// The logarithms of the volumes of `groups` independent groups of [`GROUP`] assets over `hours`
/// hours; what is to be forecast is the target of the first group.
///
/// # Panics
///
/// Panics if `groups` is 0.
pub fn generate(hours: usize, groups: usize, seed: u64) -> Series {
    assert!(
        groups > 0,
        "synthetic series: groups must be at least 1, got 0"
    );
    let mut rng = StdRng::seed_from_u64(seed);
    let mut rows = vec![Vec::with_capacity(GROUP * groups); hours];
    for _ in 0..groups {
        for (asset, signal) in group(hours, &mut rng).iter().enumerate() {
            let noise = if asset < 2 { NOISE.0 } else { NOISE.1 };
            let base = rng.random_range(8.0..12.0);
            let pattern = rng.random_range(0.4..0.8);
            let scale = rng.random_range(0.8..1.2);
            for ((hour, row), value) in rows.iter_mut().enumerate().zip(signal) {
                row.push(base + pattern * day(hour) + scale * value + noise * normal(&mut rng));
            }
        }
    }
    let names = ["east", "west", "local east", "local west", "target"];
    let names = (1..=groups).flat_map(|group| names.map(|name| format!("{name} {group}")));
    Series {
        times: Vec::new(),
        filled: Vec::new(),
        key: String::new(),
        names: names.collect(),
        target: GROUP - 1,
        rows,
    }
}

/// What moves the five assets of a group, without base, pattern and noise.
fn group(hours: usize, rng: &mut StdRng) -> [Vec<f64>; GROUP] {
    // All run this far ahead of hour 0.
    let ahead = WAVE_LAG.max(TARGET_LAG);
    let wave = wave(hours + ahead, rng);
    let news = [(); 2].map(|()| autoregression(hours + ahead, [NEWS, 0.0], rng));
    let leads = regimes(hours, rng);
    let market = |market: usize| {
        let delay = |hour: usize| if leads[hour] == market { 0 } else { WAVE_LAG };
        (0..hours)
            .map(|hour| wave[hour + ahead - delay(hour)])
            .collect()
    };
    let local = |market: usize| news[market][ahead..].to_vec();
    let target = (0..hours)
        .map(|hour| news[leads[hour]][hour + ahead - TARGET_LAG])
        .collect();
    [market(0), market(1), local(0), local(1), target]
}

/// A main session and a smaller one later in the day.
fn day(hour: usize) -> f64 {
    let angle = TAU * (hour % 24) as f64 / 24.0;
    angle.sin() + 0.4 * (2.0 * angle).cos()
}

fn wave(hours: usize, rng: &mut StdRng) -> Vec<f64> {
    let (period, modulus) = WAVE;
    let factors = [2.0 * modulus * (TAU / period).cos(), -modulus * modulus];
    autoregression(hours, factors, rng)
}

/// `x(t) = a x(t − 1) + b x(t − 2) + noise` in its stationary state, scaled to unit variance.
fn autoregression(hours: usize, [a, b]: [f64; 2], rng: &mut StdRng) -> Vec<f64> {
    let variance = (1.0 - b) / ((1.0 + b) * ((1.0 - b).powi(2) - a * a));
    let (mut before, mut now) = (0.0, 0.0);
    let mut step = || {
        (before, now) = (now, a * now + b * before + normal(rng));
        now / variance.sqrt()
    };
    // After so long nothing is left of the start at rest.
    let warm_up = 200;
    (0..warm_up + hours).map(|_| step()).skip(warm_up).collect()
}

/// The market that leads in each hour, 0 or 1, for a while each.
fn regimes(hours: usize, rng: &mut StdRng) -> Vec<usize> {
    let mut leads = Vec::with_capacity(hours + REGIME.1);
    let mut leader = rng.random_range(0..2);
    while leads.len() < hours {
        let duration = rng.random_range(REGIME.0..=REGIME.1);
        leads.extend(std::iter::repeat_n(leader, duration));
        leader = 1 - leader;
    }
    leads.truncate(hours);
    leads
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
        let count = values.len() as f64;
        values.sum::<f64>() / count
    }

    #[test]
    fn the_seed_is_all_that_matters() {
        let one = generate(500, 2, 1);
        assert_eq!(one, generate(500, 2, 1));
        assert_ne!(one.rows, generate(500, 2, 2).rows);
        assert_eq!(
            (one.rows.len(), one.rows[0].len(), one.target),
            (500, 10, 4)
        );
        assert_eq!(one.names[9], "target 2");
    }

    #[test]
    fn waves_have_unit_variance_and_their_period() {
        let wave = wave(200_000, &mut StdRng::seed_from_u64(3));
        let lagged = |lag: usize| mean((lag..wave.len()).map(|t| wave[t] * wave[t - lag]));
        assert!((lagged(0) - 1.0).abs() < 0.05, "{}", lagged(0));
        assert!(
            lagged(6) < -0.4 && lagged(12) > 0.2,
            "{} {}",
            lagged(6),
            lagged(12)
        );
    }

    #[test]
    fn the_target_follows_one_local_asset_or_the_other() {
        let hours = 50_000;
        let assets = group(hours, &mut StdRng::seed_from_u64(4));
        let correlation = |local: usize| {
            mean((TARGET_LAG..hours).map(|t| assets[4][t] * assets[local][t - TARGET_LAG]))
        };
        // Each leads about half of the time.
        let (east, west) = (correlation(2), correlation(3));
        assert!(
            (east + west - 1.0).abs() < 0.1 && east > 0.3 && west > 0.3,
            "{east} {west}"
        );
    }

    #[test]
    fn the_signed_area_tells_who_leads() {
        // The area of a day between the markets, against the local asset the target follows then.
        let (hours, window) = (20_000, 24);
        let [east, west, local_east, local_west, target] =
            group(hours, &mut StdRng::seed_from_u64(5));
        let (mut right, mut all) = (0, 0);
        for start in (TARGET_LAG..hours - window).step_by(window) {
            let follows =
                |local: &[f64]| (start..start + window).all(|t| target[t] == local[t - TARGET_LAG]);
            let leader = match (follows(&local_east), follows(&local_west)) {
                (true, false) => 1.0,
                (false, true) => -1.0,
                _ => continue,
            };
            let area: f64 = (start + 1..start + window)
                .map(|t| {
                    let from_start = |x: &[f64], t: usize| x[t] - x[start];
                    from_start(&east, t - 1) * from_start(&west, t)
                        - from_start(&west, t - 1) * from_start(&east, t)
                })
                .sum();
            right += usize::from(area * leader > 0.0);
            all += 1;
        }
        assert!(
            all > 500 && right as f64 > 0.9 * all as f64,
            "{right} of {all}"
        );
    }
}
