use burn::tensor::{Device, Distribution, Tensor};
use burn_sig::prelude::*;
use std::time::Instant;
fn main() {
    let device = Device::flex();
    for [b, l, c, d] in [
        [1, 100, 5, 4],
        [128, 100, 5, 4],
        [32, 128, 3, 5],
        [16, 64, 2, 10],
        [8, 50, 3, 8],
        [32, 100, 10, 3],
        [4, 50, 6, 6],
    ] {
        let path = Tensor::<3>::random([b, l, c], Distribution::Normal(0., 0.1), &device);
        let mut out = vec![];
        for basis in [
            LogSignatureBasis::Words,
            LogSignatureBasis::Brackets,
            LogSignatureBasis::Hall,
            LogSignatureBasis::Expand,
        ] {
            let o = LogSignatureOptions::new().with_basis(basis);
            let mut t = vec![];
            let start = Instant::now();
            while t.len() < 5 || (start.elapsed().as_secs_f64() < 1.0 && t.len() < 300) {
                let s = Instant::now();
                let x = burn_sig::logsignatures::logsignature_with(path.clone(), d, &o);
                std::hint::black_box(x);
                t.push(s.elapsed().as_secs_f64() * 1e3);
            }
            let first = t[0];
            t.sort_by(f64::total_cmp);
            out.push(format!("{basis:?} {:.3} (first {:.1})", t[0], first));
        }
        println!("{b},{l},{c},{d}: {}", out.join("  "));
    }
}
