//! Gradients of the functions of signatures, log-signatures and paths, against differences of their
//! values.

use burn::tensor::{DType, Device, Tensor};
use sig_core::algebra::{
    multi_signature_combine, segment_signature, shuffle_product, signature_append,
    signature_inner_product, signature_prepend, signature_scale, signature_scale_channels,
    signature_scale_levels, tensor_exp, tensor_log,
};
use sig_core::inversion::invert_signature;
use sig_core::logsignatures::LogSignatureBasis::{self, Brackets, Expand, Hall, Words};
use sig_core::logsignatures::{
    LogSignatureOptions, logsignature_append, logsignature_change_basis, logsignature_combine,
    logsignature_scale_levels, logsignature_stream_with, logsignature_to_signature,
    signature_to_logsignature,
};
use sig_core::signatures::{
    Basepoint, RotationBasis, RotationInvariants, SignatureSpec, extract_signature_level,
    extract_signature_term, rotation_invariants, signature_ragged, sub_signature,
    sub_signature_stream,
};
use sig_core::transforms::{
    LeadLagOrder, LeadingMissing, basepoint, cumulative_sum, forward_fill, hold_last,
    invisibility_reset, lead_lag, project, scale, time_augment,
};
use sig_core::windows::{IndexedPath, MovingWindow, Windows, logsignature_windows};
use sig_core::words::WordSet;

use crate::support::compare::close;
use crate::support::engines::{targets, tolerance};
use crate::support::tensors::Array;

/// A function of so many numbers, all inputs one after another.
struct Case {
    name: String,
    numbers: usize,
    function: Box<dyn Fn(Inputs) -> Tensor<1>>,
}

/// Takes the inputs of a function from the numbers.
struct Inputs {
    numbers: Tensor<1>,
    taken: usize,
}

impl Inputs {
    fn next<const D: usize>(&mut self, shape: [usize; D]) -> Tensor<D> {
        let count = shape.iter().product();
        let tensor = self.numbers.clone().narrow(0, self.taken, count);
        self.taken += count;
        tensor.reshape(shape)
    }
}

fn flat<const D: usize>(tensor: Tensor<D>) -> Tensor<1> {
    let count = tensor.shape().num_elements();
    tensor.reshape([count])
}

fn case<const D: usize>(
    name: impl Into<String>,
    numbers: usize,
    function: impl Fn(&mut Inputs) -> Tensor<D> + 'static,
) -> Case {
    Case {
        name: name.into(),
        numbers,
        function: Box::new(move |mut inputs| flat(function(&mut inputs))),
    }
}

impl Case {
    /// `Σ_i cos(i) f_i` of the numbers, and its gradient.
    fn value_and_gradient(
        &self,
        numbers: &Array,
        device: &Device,
        dtype: DType,
    ) -> (f64, Vec<f64>) {
        let numbers = numbers.tensor::<1>(device, dtype).require_grad();
        let inputs = Inputs {
            numbers: numbers.clone(),
            taken: 0,
        };
        let result = (self.function)(inputs);
        let count = result.dims()[0];
        let weights = Array::new([count], (0..count).map(|i| (i as f64).cos()).collect());
        let sum = (result * weights.tensor(device, dtype)).sum();
        let gradient = numbers.grad(&sum.backward()).expect("the numbers have one");
        (Array::from(sum).values[0], Array::from(gradient).values)
    }
}

/// Two signatures of 2 channels at depth 3, or one of 3 channels where bases are told apart.
fn of_signatures() -> Vec<Case> {
    let (d, n) = (2, 3);
    let spec = SignatureSpec::new(d, n);
    let terms = |inputs: &mut Inputs| inputs.next([2, 14]);
    let mut cases = vec![
        case("signature_append", 32, move |x| {
            signature_append(terms(x), x.next([2, d]), n)
        }),
        case("signature_prepend", 32, move |x| {
            signature_prepend(terms(x), x.next([2, d]), n)
        }),
        case("segment_signature", 4, move |x| {
            segment_signature(x.next([2, d]), n)
        }),
        case("signature_scale", 28, move |x| {
            signature_scale(terms(x), -1.5, spec)
        }),
        case("signature_scale_channels", 32, move |x| {
            signature_scale_channels(terms(x), x.next([2, d]), spec)
        }),
        case("signature_scale_channels of one row", 30, move |x| {
            signature_scale_channels(terms(x), x.next([1, d]), spec)
        }),
        case("signature_scale_levels", 31, move |x| {
            signature_scale_levels(terms(x), x.next([n]), spec)
        }),
        case("tensor_exp", 28, move |x| tensor_exp(terms(x), spec)),
        case("tensor_log", 28, move |x| tensor_log(terms(x), spec)),
        case("shuffle_product", 56, move |x| {
            shuffle_product(terms(x), terms(x), spec)
        }),
        case("signature_inner_product", 56, move |x| {
            signature_inner_product(terms(x), terms(x))
        }),
        case("multi_signature_combine", 84, move |x| {
            multi_signature_combine(vec![terms(x), terms(x), terms(x)], spec)
        }),
        case("extract_signature_term", 28, move |x| {
            extract_signature_term(terms(x), &[1, 0], spec)
        }),
        case("extract_signature_level", 28, move |x| {
            extract_signature_level(terms(x), 2, spec)
        }),
        case("invert_signature", 32, move |x| {
            invert_signature(terms(x), spec, Some(x.next([2, d])))
        }),
    ];
    for basis in [Expand, Words, Brackets, Hall] {
        cases.extend(of_coordinates(basis));
    }
    cases
}

fn of_coordinates(basis: LogSignatureBasis) -> [Case; 6] {
    let (d, n) = (3, 3);
    let spec = SignatureSpec::new(d, n);
    let count = basis.terms(d, n);
    [
        case(
            format!("signature_to_logsignature {basis:?}"),
            39,
            move |x| signature_to_logsignature(x.next([1, 39]), spec, basis),
        ),
        case(
            format!("logsignature_to_signature {basis:?}"),
            count,
            move |x| logsignature_to_signature(x.next([1, count]), spec, basis),
        ),
        case(
            format!("logsignature_scale_levels {basis:?}"),
            2 * count + n,
            move |x| logsignature_scale_levels(x.next([2, count]), x.next([n]), spec, basis),
        ),
        case(
            format!("logsignature_combine {basis:?}"),
            2 * count,
            move |x| {
                let (a, b) = (x.next([1, count]), x.next([1, count]));
                logsignature_combine(a, b, spec, basis)
            },
        ),
        case(
            format!("logsignature_append {basis:?}"),
            count + d,
            move |x| logsignature_append(x.next([1, count]), x.next([1, d]), n, basis),
        ),
        case(
            format!("logsignature_change_basis {basis:?}"),
            count,
            move |x| logsignature_change_basis(x.next([1, count]), spec, basis, Hall),
        ),
    ]
}

/// What a window over all but the last point and over all but the first point is at depth 3.
fn moved(path: Tensor<3>) -> Tensor<2> {
    let [batch, length, channels] = path.dims();
    let point = |t| path.clone().narrow(1, t, 1).reshape([batch, channels]);
    let mut window = MovingWindow::new(3);
    (0..length - 1).for_each(|t| window.push(point(t)));
    let before = window.signature().expect("points");
    window.pop_front();
    window.push(point(length - 1));
    Tensor::cat(vec![before, window.signature().expect("points")], 1)
}

/// Two paths of 5 points in 2 channels.
fn of_paths() -> Vec<Case> {
    let path = |inputs: &mut Inputs| inputs.next([2, 5, 2]);
    let words = WordSet::new(2, vec![vec![1, 0, 1], vec![0], vec![1, 1]]);
    let same_words = words.clone();
    let mut cases = vec![
        case("sub_signature", 20, move |x| sub_signature(path(x), &words)),
        case("sub_signature_stream", 20, move |x| {
            sub_signature_stream(path(x), &same_words)
        }),
        case("signature_ragged", 20, move |x| {
            signature_ragged(path(x), &[5, 3], 3)
        }),
        case("rotation_invariants", 20, move |x| {
            rotation_invariants(
                path(x),
                &RotationInvariants::new(4, RotationBasis::Independent),
            )
        }),
        case("MovingWindow", 20, move |x| moved(path(x))),
        case("hold_last", 20, move |x| hold_last(path(x), &[2, 4])),
        case("time_augment", 20, move |x| time_augment(path(x), 2.0)),
        case("basepoint", 24, move |x| {
            let path = path(x);
            basepoint(path, &Basepoint::Point(x.next([2, 2])))
        }),
        case("invisibility_reset", 20, move |x| {
            invisibility_reset(path(x))
        }),
        case("cumulative_sum", 20, move |x| cumulative_sum(path(x))),
        case("scale", 22, move |x| scale(path(x), x.next([2]))),
        case("project", 26, move |x| project(path(x), x.next([2, 3]))),
        case("forward_fill", 20, move |x| {
            forward_fill(path(x), LeadingMissing::Keep)
        }),
    ];
    for order in [LeadLagOrder::LeadLag, LeadLagOrder::LagLead] {
        cases.push(case(format!("{order:?}"), 20, move |x| {
            lead_lag(path(x), order)
        }));
    }
    for basis in [Expand, Words, Brackets, Hall] {
        let stream = move |x: &mut Inputs| {
            let options = LogSignatureOptions::new().with_basis(basis);
            logsignature_stream_with(x.next([1, 5, 3]), 3, &options)
        };
        cases.push(case(format!("logsignature_stream {basis:?}"), 15, stream));
        let windows = move |x: &mut Inputs| {
            let windows = Windows::Sliding { window: 3, hop: 1 };
            logsignature_windows(x.next([1, 5, 3]), 3, &windows, basis)
        };
        cases.push(case(format!("logsignature_windows {basis:?}"), 15, windows));
        // Over two blocks, which one of them takes whole.
        let intervals = move |x: &mut Inputs| {
            let path = IndexedPath::new(x.next([1, 80, 2]), 3);
            path.logsignatures(&[3..6, 20..79], basis)
        };
        cases.push(case(
            format!("Path::logsignatures {basis:?}"),
            160,
            intervals,
        ));
    }
    cases
}

/// In f64 as differences of values have it; in f32 as in f64.
#[test]
fn gradients_of_every_function() {
    for target in targets() {
        if target.widest() != DType::F64 {
            continue;
        }
        let device = target.device.clone().autodiff();
        for case in of_signatures().into_iter().chain(of_paths()) {
            let number = |i: usize| 0.4 * (1.3 * (i * i) as f64 + 0.5).sin();
            let numbers = Array::new([case.numbers], (0..case.numbers).map(number).collect());
            let numbers = numbers.rounded(DType::F32);
            let (_, gradient) = case.value_and_gradient(&numbers, &device, DType::F64);
            let step = 1e-5;
            let difference = |i: usize| {
                let moved = |step: f64| {
                    let mut numbers = numbers.clone();
                    numbers.values[i] += step;
                    case.value_and_gradient(&numbers, &device, DType::F64).0
                };
                (moved(step) - moved(-step)) / (2.0 * step)
            };
            let differences: Vec<f64> = (0..case.numbers).map(difference).collect();
            let named = |problem: String| panic!("{} on {}: {problem}", case.name, target.name);
            close(&gradient, &differences, 1e-3, 1e-8).unwrap_or_else(named);
            let (_, single) = case.value_and_gradient(&numbers, &device, DType::F32);
            close(&single, &gradient, 1e-3, tolerance(DType::F32)).unwrap_or_else(named);
        }
    }
}
