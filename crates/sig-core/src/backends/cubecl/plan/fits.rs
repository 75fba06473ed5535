//! Whether a device has room for a launch, or why not.

use super::{Limits, Pass, Plan, Problem};

impl Limits {
    /// A grid of so many cubes, folded into two axes.
    pub(crate) fn grid(&self, cubes: usize) -> Result<[u32; 2], String> {
        let x = cubes.min(self.cubes[0]).max(1);
        let y = cubes.div_ceil(x);
        match y <= self.cubes[1] {
            true => Ok([x as u32, y as u32]),
            false => Err(format!(
                "{cubes} cubes are more than the grid of {} x {} that the device has; lower the \
                 depth, the number of channels or the batch",
                self.cubes[0], self.cubes[1]
            )),
        }
    }

    /// A buffer of numbers of so many bytes.
    pub(crate) fn buffer(&self, what: &str, shape: &[usize], bytes: usize) -> Result<(), String> {
        let total = shape
            .iter()
            .try_fold(bytes, |all, size| all.checked_mul(*size));
        if total.is_some_and(|total| total <= self.buffer_bytes) {
            return Ok(());
        }
        let sizes: Vec<_> = shape.iter().map(usize::to_string).collect();
        let total = total.map_or("more than can be addressed".into(), |total| {
            format!("{total} bytes")
        });
        Err(format!(
            "{what}, {} numbers of {bytes} bytes, are {total}, and the largest buffer of the device \
             has {} bytes; lower the batch, the length, the depth or the number of channels",
            sizes.join(" x "),
            self.buffer_bytes
        ))
    }

    /// What a unit and a cube of a plan need.
    pub(crate) fn plan(&self, plan: &Plan, problem: &Problem, pass: Pass) -> Result<(), String> {
        let shared = plan.memory.numbers() * problem.bytes;
        if shared > self.shared_bytes {
            return Err(format!(
                "a cube of {} units takes {shared} bytes of shared memory, and the device has {}; \
                 lower the depth or the number of channels",
                plan.cube, self.shared_bytes
            ));
        }
        if plan.cube > self.units {
            return Err(format!(
                "a cube has {} units, and those of the device have {} at most; use \
                 SignatureMethod::Parallel",
                plan.cube, self.units
            ));
        }
        let loops = plan.loops(problem, pass).max(plan.loops_around(problem));
        match self.loops {
            Some(most) if loops > most => Err(format!(
                "a unit runs through up to {loops} iterations of loops, and the device leaves all \
                 loops after {most}; shorten the path, lower the depth or use \
                 SignatureMethod::Parallel"
            )),
            _ => Ok(()),
        }
    }
}
