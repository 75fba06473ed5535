//! The same training on another device.

mod support;

use support::Bench;

/// Both devices start from the same numbers and see the windows in the same order, so that rounding
/// alone tells their losses apart. The signatures and their gradients are those of the fused
/// kernels.
#[test]
fn the_first_fifty_losses_are_those_of_flex() {
    let bench = Bench::new();
    let losses = |device| {
        let options = ["--model", "sigkan", "--epochs", "8", "--batch-size", "32"];
        bench.study_on(device, device, &options).unwrap();
        let losses = bench.read(&format!("{device}/losses.csv"));
        let rows = losses.lines().skip(1).take(50);
        let losses = rows.map(|row| row.rsplit(',').next().unwrap().parse::<f64>().unwrap());
        losses.collect::<Vec<_>>()
    };
    let (want, got) = (losses("flex"), losses("wgpu"));
    assert_eq!((want.len(), got.len()), (50, 50));
    for (step, (got, want)) in got.iter().zip(&want).enumerate() {
        let off = (got / want - 1.0).abs();
        assert!(off <= 1e-3, "step {}: {got}, on Flex {want}", step + 1);
    }
    assert!(want[49] < 0.9 * want[0], "it has not learned: {want:?}");
}
