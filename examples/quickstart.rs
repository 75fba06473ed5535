//! A signature and its gradient: `cargo run --example quickstart`.

use std::error::Error;

use burn::tensor::Tensor;
use burn_sig::{NamedDevice, prelude::*};

fn main() -> Result<(), Box<dyn Error>> {
    // The best backend that has a device here, or the one that BURN_DEVICE names.
    let found = NamedDevice::open(None)?;
    println!("device: {found}");
    let device = found.device.autodiff();

    // Two paths of three points in the plane: right then up, and up then right.
    let points = [
        [[0., 0.], [1., 0.], [1., 1.]],
        [[0., 0.], [0., 1.], [1., 1.]],
    ];
    let path = Tensor::<3>::from_floats(points, &device).require_grad();

    // Both end where the other does: level 1 is the same, level 2 knows the order.
    let depth = 2;
    let terms = signature(path.clone(), depth);
    // Devices compute later: what went wrong on one is told when it is waited for.
    device.sync()?;
    println!("signature at depth {depth}, levels 1 and 2:\n{terms}");

    // The signed area between the channels, (S^{01} − S^{10}) / 2, and what each point does to it.
    let spec = SignatureSpec::new(2, depth);
    let term = |word: &[usize]| {
        let index = spec.word_index(word);
        terms.clone().slice([0..2, index..index + 1])
    };
    let area = (term(&[0, 1]) - term(&[1, 0])) * 0.5;
    println!("signed area:\n{area}");

    let gradients = area.sum().backward();
    println!(
        "its gradient:\n{}",
        path.grad(&gradients).expect("the path requires it")
    );
    Ok(())
}
