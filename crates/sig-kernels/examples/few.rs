//! Times: minima in microseconds. `few [b,l,d,n ...]`
use sig_kernels::{SignatureSpec, cpu::Signature};
use std::time::Instant;

fn main() {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let default = "1,10,2,2 1,50,5,4 1,100,5,4 1,300,5,4 2,100,5,4 4,100,5,4 1,100,10,3 17,77,11,3 5,333,13,2 33,64,3,5 1000,12,6,3 128,100,5,4";
    let shapes: Vec<&str> = if given.is_empty() {
        default.split(' ').collect()
    } else {
        given.iter().map(|s| &**s).collect()
    };
    for shape in shapes {
        let n: Vec<usize> = shape.split(',').map(|n| n.parse().unwrap()).collect();
        let [rows, length, d, depth] = n[..] else {
            panic!()
        };
        let paths: Vec<f32> = (0..rows * length * d)
            .map(|i| ((i * 7919) as f32 * 0.37).sin() * 0.1)
            .collect();
        let call = Signature {
            spec: SignatureSpec::new(d, depth),
            paths: &paths,
            rows,
            steps: length - 1,
            stream: false,
        };
        let out = call.values();
        let cot: Vec<f32> = (0..out.len()).map(|i| ((i * 31) as f32).cos()).collect();
        let stream = Signature {
            stream: true,
            ..call
        };
        let sc: Vec<f32> = (0..out.len() * (length - 1))
            .map(|i| ((i * 31) as f32).cos())
            .collect();
        let f = best(|| call.values());
        let g = best(|| {
            let (v, c) = call.values_and_checkpoints();
            let g = call.gradient(&cot, c.as_deref());
            (v, g)
        });
        let g0 = best(|| call.gradient(&cot, None));
        let (s, sg) = if rows * length * out.len() / rows < 40_000_000 {
            (
                best(|| stream.values()),
                best(|| stream.gradient(&sc, None)),
            )
        } else {
            (0.0, 0.0)
        };
        println!(
            "{shape:>14}  forward {f:8.2}  forward+gradient {g:8.2}  gradient alone {g0:8.2}  stream {s:8.2}  its gradient {sg:8.2}"
        );
    }
}

fn best<R>(mut f: impl FnMut() -> R) -> f64 {
    let start = Instant::now();
    let (mut best, mut n) = (f64::MAX, 0);
    while start.elapsed().as_millis() < 150 || n < 3 {
        let t = Instant::now();
        std::hint::black_box(f());
        best = best.min(t.elapsed().as_secs_f64() * 1e6);
        n += 1;
    }
    best
}
