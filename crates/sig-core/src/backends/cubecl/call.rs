//! A call on a device: what it allocates, and in which order it launches.

use std::cell::Cell;

use burn::backend::TensorMetadata;
use burn::tensor::{DType, Shape};
use burn_cubecl::kernel::untile;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;

use super::device::{assert_supported, limits};
use super::plan::{Limits, Pass, Plan, Problem};
use crate::{SignatureParams, SignatureSpec};

/// A call on a device.
pub(super) struct Call {
    pub(super) path: CubeTensor,
    pub(super) initial: Option<CubeTensor>,
    pub(super) params: SignatureParams,
    pub(super) problem: Problem,
    pub(super) limits: Limits,
    pub(super) spec: SignatureSpec,
    /// What is computed in: f32 for halves.
    pub(super) wide: DType,
    pub(super) launches: Cell<usize>,
}

impl Call {
    pub(super) fn new(
        path: CubeTensor,
        initial: Option<CubeTensor>,
        params: SignatureParams,
    ) -> Self {
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
            spec: SignatureSpec::new(channels, params.depth),
            path: untile(path),
            initial: initial.map(untile),
            params,
            wide,
            launches: Cell::new(0),
        }
    }

    /// Kernels launched so far.
    #[cfg(all(test, feature = "wgpu", feature = "flex"))]
    pub(super) fn launches(&self) -> usize {
        self.launches.get()
    }

    /// Cubes of the forward pass.
    #[cfg(all(test, feature = "wgpu", feature = "flex"))]
    pub(super) fn cubes(&self) -> usize {
        Plan::forward(&self.problem, &self.limits).cubes
    }

    /// What the device is taken to allow.
    #[cfg(all(test, feature = "wgpu", feature = "flex"))]
    pub(super) fn limits_mut(&mut self) -> &mut Limits {
        &mut self.limits
    }

    /// The signature, `[paths, terms]` or `[paths, steps, terms]`.
    pub(super) fn signature(&self) -> CubeTensor {
        let plan = Plan::forward(&self.problem, &self.limits);
        let Problem { paths, steps, .. } = self.problem;
        let terms = self.spec.terms();
        let output = match self.params.stream {
            false => self.empty("the output", &[paths, terms], self.path.dtype),
            true => self.empty("the output", &[paths, steps, terms], self.path.dtype),
        };
        let segments = (plan.segments > 1).then(|| self.segments(&plan));
        self.assert_room(&plan, Pass::Forward);
        match segments {
            None => self.forward(&plan, output.clone()),
            Some(segments) => {
                self.forward(&plan, segments.clone());
                self.products(&plan, segments, output.clone(), self.params.depth, false);
            }
        }
        output
    }

    /// The gradients of the path and of the initial signature.
    pub(super) fn gradient(&self, output: CubeTensor) -> (CubeTensor, Option<CubeTensor>) {
        let problem = &self.problem;
        let plan = Plan::backward(problem, &self.limits);
        let split = (plan.segments > 1).then(|| {
            let around = plan.around_shape(problem);
            (
                self.same_cut(&plan),
                self.segments(&plan),
                self.empty("the products of segments", &around, self.wide),
            )
        });
        let checkpoints = match plan.block.state() {
            0 => self.nothing(self.wide),
            _ => self.empty("checkpoints", &plan.checkpoints_shape(problem), self.wide),
        };
        let increments = plan.increments_shape(problem);
        let increments = self.empty("the gradients of increments", &increments, self.wide);
        let (starts, initial) = match &self.initial {
            None => (self.nothing(self.wide), self.nothing(self.path.dtype)),
            Some(initial) => (
                self.empty(
                    "the gradients of starts",
                    &plan.starts_shape(problem),
                    self.wide,
                ),
                self.empty(
                    "the gradient of the initial signature",
                    &initial.shape(),
                    self.path.dtype,
                ),
            ),
        };
        let path = self.empty(
            "the gradient of the path",
            &self.path.shape(),
            self.path.dtype,
        );
        self.assert_room(&plan, Pass::Backward);

        let around = match split {
            None => self.nothing(self.wide),
            Some((forward, segments, around)) => {
                self.assert_room(&forward, Pass::Forward);
                self.forward(&forward, segments.clone());
                self.products(&plan, segments, around.clone(), self.params.depth - 1, true);
                around
            }
        };
        let gradients = Gradients {
            increments,
            starts,
            initial,
        };
        self.backward(&plan, output, around, checkpoints, &gradients);
        self.finish(&plan, &gradients, path.clone());
        (path, self.initial.as_ref().map(|_| gradients.initial))
    }

    /// The plan of the forward pass with the segments of a plan of the backward pass.
    fn same_cut(&self, backward: &Plan) -> Plan {
        let plan = Plan::forward(&self.problem, &self.limits);
        plan.with_segments(backward.segments, backward.segment_steps, &self.problem)
    }

    fn segments(&self, plan: &Plan) -> CubeTensor {
        let shape = plan.segments_shape(&self.problem);
        self.empty("the signatures of segments", &shape, self.wide)
    }

    /// Panics if the device has no room for one of the launches of a plan.
    fn assert_room(&self, plan: &Plan, pass: Pass) {
        self.accepted(self.limits.plan(plan, &self.problem, pass));
        for cubes in self.all_cubes(plan, pass) {
            self.accepted(self.limits.grid(cubes));
        }
    }

    fn empty(&self, what: &str, shape: &[usize], dtype: DType) -> CubeTensor {
        self.accepted(self.limits.buffer(what, shape, dtype.size()));
        let (client, device) = (self.path.client.clone(), self.path.device.clone());
        empty_device_contiguous_dtype(client, device, Shape::from(shape.to_vec()), dtype)
    }

    /// An argument that is not used.
    fn nothing(&self, dtype: DType) -> CubeTensor {
        self.empty("an argument that is not used", &[1], dtype)
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
            let operation = if stream {
                "signature_stream"
            } else {
                "signature"
            };
            panic!(
                "{operation}: the device {:?} cannot compute {paths} paths of {steps} steps, \
                 {channels} channels at depth {depth}: {reason}",
                self.path.client.properties().identity.name
            )
        })
    }
}

/// What the gradient is put together from.
pub(super) struct Gradients {
    /// As the kernel of the backward pass writes them.
    pub(super) increments: CubeTensor,
    pub(super) starts: CubeTensor,
    /// Of the initial signature; what it has at the top level is written at once.
    pub(super) initial: CubeTensor,
}
