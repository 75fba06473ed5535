//! A moving window over live points: `cargo run --release --example streaming -- --help`.
//!
//! Points arrive one by one. A [`SignatureQueue`] holds the last of them, and after each point its
//! signature is read. Here it is used to watch the signed area between two prices: it is positive
//! while the first one moves before the second, and negative while it follows.

use std::time::{Duration, Instant};

use burn_sig::prelude::*;
use clap::Parser;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Feeds simulated prices to a moving window and prints who leads, and the latency per point.
#[derive(Parser)]
struct Args {
    /// Points in the window
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(2..))]
    window: u32,
    /// Depth of the signature
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(2..=8))]
    depth: u32,
    /// Points to simulate
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(100..))]
    points: u32,
    /// Random seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Two prices that see the same news. The one that leads sees it 5 points before the other; every
/// 1,000 points the lead changes.
struct Prices {
    random: StdRng,
    news: Vec<f64>,
    now: usize,
}

const DELAY: usize = 5;
const LEAD: usize = 1000;

impl Iterator for Prices {
    type Item = [f64; 2];

    fn next(&mut self) -> Option<[f64; 2]> {
        let last = self.news.last().copied().unwrap_or_default();
        self.news
            .push(0.98 * last + self.random.random_range(-1.0..1.0));
        let (leads, follows) = (
            self.news[self.now],
            self.news[self.now.saturating_sub(DELAY)],
        );
        let first = leader(self.now) == 0;
        self.now += 1;
        Some(if first {
            [leads, follows]
        } else {
            [follows, leads]
        })
    }
}

fn leader(point: usize) -> usize {
    point / LEAD % 2
}

/// The median and the 99th percentile.
fn percentiles(mut times: Vec<Duration>) -> [Duration; 2] {
    times.sort_unstable();
    [times[times.len() / 2], times[times.len() * 99 / 100]]
}

fn main() {
    let args = Args::parse();
    let [window, depth, points] = [args.window, args.depth, args.points].map(|n| n as usize);
    let prices = Prices {
        random: StdRng::seed_from_u64(args.seed),
        news: Vec::new(),
        now: 0,
    };
    println!("2 prices, a window of {window} points, depth {depth}, {points} points");
    sig_train::warn_if_unoptimised();

    let mut queue = SignatureQueue::<f64>::new(2, depth);
    let spec = queue.spec();
    let [ab, ba] = [[0, 1], [1, 0]].map(|word| spec.word_index(&word));
    let (mut steps, mut right, mut judged) = (Vec::new(), 0, 0);
    for (now, point) in prices.take(points).enumerate() {
        let began = Instant::now();
        queue.push(&point);
        if queue.len() > window {
            queue.pop_front();
        }
        let terms = queue.signature();
        if queue.len() < window {
            continue;
        }
        steps.push(began.elapsed());

        let area = (terms[ab] - terms[ba]) / 2.0;
        // The whole window is on one side of a change of lead.
        if leader(now) == leader(now + 1 - window) && window <= LEAD {
            judged += 1;
            right += usize::from((area > 0.0) == (leader(now) == 0));
        }
        if now % LEAD == LEAD - 1 && now < 8 * LEAD {
            let leads = leader(now) + 1;
            println!("point {now:>5}: price {leads} leads, the signed area is {area:>6.1}");
        }
    }
    if steps.is_empty() {
        println!("fewer points than the window holds");
        return;
    }
    if judged > 0 {
        println!("the sign of the area names the leader at {right} of {judged} points");
    }
    let [median, slow] = percentiles(steps);
    println!("latency of push, pop and signature: median {median:.1?}, 99 % within {slow:.1?}");
}
