//! A call on a device: what it allocates, and in which order it launches.

use std::cell::Cell;

use burn::backend::TensorMetadata;
use burn::tensor::{DType, Shape};
use burn_cubecl::kernel::untile;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;

use super::device::{assert_supported, limits};
use super::plan::{Limits, Pass, Plan, Problem};
use crate::operation::Signature;

pub(crate) struct Call {
    pub(super) path: CubeTensor,
    pub(super) problem: Problem,
    pub(super) limits: Limits,
    /// What is computed in: f32 for halves.
    pub(super) wide: DType,
    /// Kernels launched so far.
    pub(super) launches: Cell<usize>,
}

impl Call {
    pub(crate) fn new(path: CubeTensor, params: Signature) -> Self {
        let [paths, length, channels] = path.shape().dims();
        let wide = match path.dtype {
            DType::F64 => DType::F64,
            _ => DType::F32,
        };
        let properties = path.client.properties();
        assert_supported(properties, path.dtype);
        Self {
            problem: Problem {
                paths,
                steps: length - 1,
                channels,
                depth: params.depth,
                stream: params.stream,
                bytes: wide.size(),
            },
            limits: limits(properties),
            path: untile(path),
            wide,
            launches: Cell::new(0),
        }
    }

    /// The signature, `[paths, terms]` or `[paths, steps, terms]`.
    pub(crate) fn signature(&self) -> CubeTensor {
        let Problem {
            paths,
            steps,
            stream,
            ..
        } = self.problem;
        let plan = Plan::forward(&self.problem, &self.limits);
        let mut shape = vec![paths, plan.sizes.terms];
        if stream {
            shape.insert(1, steps);
        }
        let output = self.empty("the output", &shape, self.path.dtype);
        if plan.sizes.segments == 1 {
            self.assert_room(&plan, Pass::Forward);
            self.forward(&plan, output.clone());
        } else {
            let segments = self.segments(&plan);
            self.assert_room(&plan, Pass::Forward);
            self.forward(&plan, segments.clone());
            self.products(&plan, segments, output.clone(), false);
        }
        output
    }

    /// The gradient of the path.
    pub(crate) fn gradient(&self, output: CubeTensor) -> CubeTensor {
        let plan = Plan::backward(&self.problem, &self.limits);
        let split = (plan.sizes.segments > 1).then(|| {
            let forward = Plan::forward(&self.problem, &self.limits);
            (
                forward.with_segments_of(plan.sizes.segment_steps),
                self.segments(&plan),
                self.empty("the products of segments", &plan.around_shape(), self.wide),
            )
        });
        let checkpoints = match plan.block.state() {
            0 => self.unused(),
            _ => self.empty("checkpoints", &plan.checkpoints_shape(), self.wide),
        };
        let shape = plan.increments_shape();
        let increments = self.empty("the gradients of increments", &shape, self.wide);
        let shape = self.path.shape();
        let path = self.empty("the gradient of the path", &shape, self.path.dtype);
        self.assert_room(&plan, Pass::Backward);

        let around = match split {
            None => self.unused(),
            Some((forward, segments, around)) => {
                self.assert_room(&forward, Pass::Forward);
                self.forward(&forward, segments.clone());
                self.products(&plan, segments, around.clone(), true);
                around
            }
        };
        self.backward(&plan, output, around, checkpoints, increments.clone());
        self.finish(&plan, increments, path.clone());
        path
    }

    fn segments(&self, plan: &Plan) -> CubeTensor {
        self.empty(
            "the signatures of segments",
            &plan.segments_shape(),
            self.wide,
        )
    }

    fn empty(&self, what: &str, shape: &[usize], dtype: DType) -> CubeTensor {
        self.accepted(self.limits.buffer(what, shape, dtype.size()));
        let (client, device) = (self.path.client.clone(), self.path.device.clone());
        empty_device_contiguous_dtype(client, device, Shape::from(shape.to_vec()), dtype)
    }

    /// An argument that is not used.
    fn unused(&self) -> CubeTensor {
        self.empty("an argument that is not used", &[1], self.wide)
    }

    /// Panics if the device has no room for one of the launches of a plan.
    fn assert_room(&self, plan: &Plan, pass: Pass) {
        self.accepted(self.limits.plan(plan, &self.problem, pass));
        for cubes in self.all_cubes(plan, pass) {
            self.accepted(self.limits.grid(cubes));
        }
    }

    /// What the device has room for; panics with the reason where it has none.
    pub(super) fn accepted<T>(&self, room: Result<T, String>) -> T {
        room.unwrap_or_else(|reason| {
            let Problem {
                paths,
                steps,
                channels,
                depth,
                stream,
                ..
            } = self.problem;
            let stream = if stream { "_stream" } else { "" };
            panic!(
                "signature{stream}: the device {:?} cannot compute {paths} paths of {steps} steps, \
                 {channels} channels at depth {depth}: {reason}",
                self.path.client.properties().identity.name
            )
        })
    }
}
