//! What the device has no room for: a message, and no launch.

use super::{Change, Inputs, UNCHANGED, on_device};

#[test]
#[should_panic(
    expected = "11 paths of 9 steps, 7 channels at depth 4: 22 cubes are more than the grid of \
                3 x 2 that the device has; lower the depth"
)]
fn more_cubes_than_a_grid_has() {
    let inputs = Inputs::new([11, 10, 7, 4], false, false);
    inputs.on_cube(false, |limits| limits.cubes = [3, 2]);
}

/// 178 MB, where WebGPU asks for buffers of 134 MB.
#[test]
#[should_panic(
    expected = "the output, 4 x 11111110 numbers of 4 bytes, are 177777760 bytes, and the largest \
                buffer of the device has 134217728 bytes; lower the batch"
)]
fn outputs_beyond_the_largest_buffer() {
    let inputs = Inputs::new([4, 2, 10, 7], false, false);
    let call = inputs.call(false, UNCHANGED);
    call.signature();
}

/// The signature has room where the checkpoints of its gradient have none.
#[test]
#[should_panic(
    expected = "checkpoints, 1 x 1 x 63 x 8 x 2000 numbers of 4 bytes, are 4032000 bytes"
)]
fn checkpoints_beyond_the_largest_buffer() {
    let inputs = Inputs::new([1, 1000, 10, 5], false, false);
    let change: Change = |limits| {
        limits.processors = Some(1);
        limits.loops = None;
        limits.buffer_bytes = 1 << 20;
    };
    inputs.call(false, change).signature();
    let call = inputs.call(false, change);
    call.gradient(on_device(&inputs.gradient));
}

#[test]
#[should_panic(
    expected = "of shared memory, and the device has 1024; lower the depth or the number of channels"
)]
fn more_shared_memory_than_there_is() {
    let inputs = Inputs::new([2, 3, 16, 2], false, false);
    inputs.on_cube(false, |limits| limits.shared_bytes = 1024);
}
