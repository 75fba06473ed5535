//! What is checked before anything is allocated.

mod operand;

pub(crate) use operand::{check_logsignature, check_pair, check_signature};

use burn::tensor::{DType, Device, Tensor};

use crate::devices::{assert_enabled, grants};
use crate::operation::Signature;
use crate::signatures::{Basepoint, SignatureMethod, SignatureOptions, SignatureSpec};

/// The sizes of one call, found to make sense.
pub(crate) struct Problem {
    pub(crate) spec: SignatureSpec,
    pub(crate) batch: usize,
    /// Increments, with the basepoint's.
    pub(crate) steps: usize,
    pub(crate) stream: bool,
    device: Device,
    dtype: DType,
}

impl Problem {
    /// Checks a call of `operation`, or panics with a message that names it.
    #[track_caller]
    pub(crate) fn new(
        operation: &str,
        path: &Tensor<3>,
        depth: usize,
        options: &SignatureOptions,
        stream: bool,
    ) -> Self {
        assert_enabled(operation, &path.device());
        let [batch, length, channels] = path.dims();
        assert!(
            length > 0,
            "{operation}: a path needs at least 1 point, got length = 0 \
             (axis 1 of the path [{batch}, {length}, {channels}])"
        );
        let spec = SignatureSpec::new_for(operation, channels, depth);
        let steps = match options.basepoint {
            Basepoint::None => length - 1,
            Basepoint::Zero | Basepoint::Point(_) => length,
        };
        let problem = Self {
            spec,
            batch,
            steps,
            stream,
            device: path.device(),
            dtype: path.dtype(),
        };
        problem.check_basepoint(operation, options);
        problem.check_initial(operation, options);
        problem.check_size(operation, options);
        problem
    }

    /// Device and dtype of the result.
    pub(crate) fn target(&self) -> (&Device, DType) {
        (&self.device, self.dtype)
    }

    /// Signatures of each path: one, or one for each of its prefixes.
    pub(crate) fn rows(&self) -> usize {
        if self.stream { self.steps } else { 1 }
    }

    /// Terms of the result, the scalar term among them if it is asked for.
    pub(crate) fn terms(&self, options: &SignatureOptions) -> usize {
        self.spec.terms() + usize::from(options.scalar_term)
    }

    /// What the backend is asked for.
    pub(crate) fn operation(&self, options: &SignatureOptions) -> Signature {
        Signature {
            depth: self.spec.depth(),
            stream: self.stream,
            method: options
                .method
                .resolve(&self.device, self.spec, self.batch, self.steps),
        }
    }

    #[track_caller]
    fn check_basepoint(&self, operation: &str, options: &SignatureOptions) {
        let Basepoint::Point(point) = &options.basepoint else {
            return;
        };
        let expected = [self.batch, self.spec.channels()];
        assert!(
            point.dims() == expected,
            "{operation}: basepoint must have the shape [batch, channels] = {expected:?}, got {:?}",
            point.dims()
        );
        self.check_dtype(operation, "basepoint", point.dtype());
    }

    #[track_caller]
    fn check_initial(&self, operation: &str, options: &SignatureOptions) {
        let Some(initial) = &options.initial else {
            return;
        };
        let scalar = usize::from(options.scalar_term);
        let expected = [self.batch, self.spec.terms() + scalar];
        assert!(
            initial.dims() == expected,
            "{operation}: initial must have the shape [batch, terms] = {expected:?} \
             ({} channels at depth {}{}), got {:?}",
            self.spec.channels(),
            self.spec.depth(),
            if options.scalar_term {
                ", with the scalar term"
            } else {
                ""
            },
            initial.dims()
        );
        self.check_dtype(operation, "initial", initial.dtype());
    }

    #[track_caller]
    fn check_dtype(&self, operation: &str, what: &str, dtype: DType) {
        assert!(
            dtype == self.dtype,
            "{operation}: {what} must have the dtype of the path, {:?}, got {dtype:?}",
            self.dtype
        );
    }

    /// The output, and what `Parallel` holds of all steps at once, must be of a size that can be
    /// addressed and that the device would grant.
    #[track_caller]
    fn check_size(&self, operation: &str, options: &SignatureOptions) {
        let rows = self.rows();
        let (terms, depth) = (self.spec.terms(), self.spec.depth());
        let below_top = terms - self.spec.level_terms(depth);
        let held = match self.operation(options).method {
            SignatureMethod::Parallel => [(rows, terms + 1), (self.steps, below_top)],
            _ => [(rows, terms + 1); 2],
        };
        let granted = held
            .into_iter()
            .all(|(rows, terms)| fits(&[self.batch, rows, terms], self.target()));
        assert!(
            granted,
            "{operation}: an output of {} x {rows} x {terms} terms (batch x rows x terms; {} \
             channels at depth {depth}, {} steps) cannot be allocated; lower the depth, the number \
             of channels, the length or the batch",
            self.batch,
            self.spec.channels(),
            self.steps,
        );
    }
}

/// Panics if an output of `[batch, rows, terms]` is larger than can be addressed or than the device
/// would grant.
#[track_caller]
pub(crate) fn assert_fits(operation: &str, shape: [usize; 3], target: (&Device, DType)) {
    let [batch, rows, terms] = shape;
    assert!(
        fits(&shape, target),
        "{operation}: an output of {batch} x {rows} x {terms} terms (batch x rows x terms) cannot be \
         allocated; lower the depth, the number of channels, of rows or of paths"
    );
}

/// Whether a tensor is of a size that can be addressed and that the device would grant.
pub(crate) fn fits(shape: &[usize], (device, dtype): (&Device, DType)) -> bool {
    let mut sizes = shape.iter();
    let bytes = sizes.try_fold(dtype.size(), |bytes, &size| bytes.checked_mul(size));
    bytes.is_some_and(|bytes| bytes <= MOST_BYTES && grants(device, bytes))
}

/// The address space that processors give a process today, 128 TiB; no device has as much memory.
const MOST_BYTES: usize = match usize::BITS {
    64 => 1 << 47,
    _ => isize::MAX as usize,
};
