//! A CSV file to try `sig-features` on: random walks, of a size that is given.
//! `cargo run --release --example random_walks -- FILE MIB`

use std::fs::File;
use std::io::{BufWriter, Write};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Of each path.
const POINTS: usize = 100;
const CHANNELS: usize = 5;

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let (Some(path), Some(Ok(mib))) = (args.next(), args.next().map(|mib| mib.parse::<usize>()))
    else {
        eprintln!("usage: random_walks FILE MIB");
        std::process::exit(2);
    };
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut random = StdRng::seed_from_u64(1);
    let mut text = String::from("id,time,a,b,c,d,e\n");
    let (mut written, mut id) = (0, 0);
    while written < mib << 20 {
        let mut point = [0.0; CHANNELS];
        for time in 0..POINTS {
            text += &format!("path-{id},{time}");
            for value in &mut point {
                *value += random.random_range(-1.0..1.0);
                text += &format!(",{value:.6}");
            }
            text.push('\n');
        }
        file.write_all(text.as_bytes())?;
        written += text.len();
        text.clear();
        id += 1;
    }
    file.flush()
}
