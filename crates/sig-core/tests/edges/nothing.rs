//! Results without elements.

use burn::tensor::{DType, Tensor};
use sig_core::logsignatures::{
    LogSignatureBasis, LogSignatureOptions, logsignature_stream, logsignature_with,
};
use sig_core::signatures::{signature, signature_ragged, signature_stream, sub_signature};
use sig_core::transforms::{LeadLagOrder, lead_lag, time_augment};
use sig_core::windows::{Windows, logsignature_windows, signature_windows};
use sig_core::words::WordSet;

use crate::support::engines::targets;

type Function<'a> = &'a dyn Fn(Tensor<3>) -> Tensor<1>;

/// They are in the graph of their input, so that training does not end at an
/// empty batch.
#[test]
fn nothing_has_a_gradient() {
    let words = WordSet::new(2, vec![vec![0, 1]]);
    let basis = LogSignatureBasis::Brackets;
    let windows = Windows::Dyadic { levels: 1 };
    let none = Windows::Intervals(Vec::new());
    let functions: [(&str, [usize; 3], Function); 12] = [
        ("signature", [0, 5, 2], &|path| signature(path, 2).sum()),
        ("stream", [0, 5, 2], &|path| signature_stream(path, 2).sum()),
        ("stream of a point", [2, 1, 2], &|path| {
            signature_stream(path, 2).sum()
        }),
        ("logsignature", [0, 5, 2], &|path| {
            let options = LogSignatureOptions::new().with_basis(basis);
            logsignature_with(path, 2, &options).sum()
        }),
        ("logsignature_stream", [0, 5, 2], &|path| {
            logsignature_stream(path, 2).sum()
        }),
        ("windows", [0, 5, 2], &|path| {
            signature_windows(path, 2, &windows).sum()
        }),
        ("no windows", [2, 5, 2], &|path| {
            signature_windows(path, 2, &none).sum()
        }),
        ("logsignature_windows", [0, 5, 2], &|path| {
            logsignature_windows(path, 2, &windows, basis).sum()
        }),
        ("sub_signature", [0, 5, 2], &|path| {
            sub_signature(path, &words).sum()
        }),
        ("signature_ragged", [0, 5, 2], &|path| {
            signature_ragged(path, &[], 2).sum()
        }),
        ("time_augment", [0, 5, 2], &|path| {
            time_augment(path, 1.0).sum()
        }),
        ("lead_lag", [0, 5, 2], &|path| {
            lead_lag(path, LeadLagOrder::LeadLag).sum()
        }),
    ];
    for target in targets() {
        for (name, shape, function) in functions {
            let device = target.device.clone().autodiff();
            let path = Tensor::<3>::zeros(shape, (&device, DType::F32)).require_grad();
            let gradients = function(path.clone()).backward();
            let gradient = path.grad(&gradients).map(|gradient| gradient.dims());
            assert_eq!(gradient, Some(shape), "{name} on {}", target.name);
        }
    }
}
