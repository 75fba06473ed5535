//! Tests that several layers share.

use burn::module::Module;
use burn::store::ModuleRecord;
use burn::tensor::Tensor;

use crate::SignatureScaling;

pub(crate) const SCALINGS: [SignatureScaling; 5] = [
    SignatureScaling::None,
    SignatureScaling::Factorial,
    SignatureScaling::Learned,
    SignatureScaling::LayerNorm,
    SignatureScaling::SignedLog,
];

/// A layer predicts the same after its record was written and read into a new one.
pub(crate) fn record_round_trip<M: Module, const D: usize>(
    init: impl Fn() -> M,
    forward: impl Fn(&M) -> Tensor<D>,
) {
    let layer = init();
    let before = forward(&layer).into_data();
    let bytes = layer.into_record().into_bytes().unwrap();
    let loaded = init().load_record(ModuleRecord::from_bytes(bytes).unwrap());
    forward(&loaded).into_data().assert_eq(&before, true);
}

/// What `SigLayer` and `LogSigLayer` have in common, by the name of the configuration.
macro_rules! layer_tests {
    ($layer:ident, $config:ident, $zero:literal) => {
        fn path(device: &Device) -> Tensor<3> {
            Tensor::from_floats([[[0., 0.], [1., 0.], [1., 1.]]], device)
        }

        #[test]
        fn transforms_then_windows() {
            let device = Device::default();
            let config = $config::new(2)
                .with_transforms(vec![PathTransform::TimeAugment { end_time: 1.0 }])
                .with_windows(Some(Windows::Dyadic { levels: 1 }));
            let layer = config.init(&device);
            let timed = sig_core::transforms::time_augment(path(&device), 1.0);
            let plain = $config::new(2).init(&device);
            let whole = layer.forward(path(&device)).into_data();
            whole.assert_eq(&plain.forward(timed.clone()).into_data(), true);

            let output = layer.forward_windows(path(&device));
            assert_eq!(output.dims(), [1, 3, config.d_output(2)]);
            for (i, range) in [0..3, 0..2, 1..3].into_iter().enumerate() {
                let part = timed.clone().narrow(1, range.start, range.len());
                let window = output.clone().narrow(1, i, 1).squeeze_dim::<2>(1);
                let expected = plain.forward(part).into_data();
                window.into_data().assert_eq(&expected, true);
            }
            let shown = format!("{layer}");
            let added =
                ", transforms: [TimeAugment { end_time: 1.0 }], windows: Dyadic { levels: 1 }}";
            assert!(shown.ends_with(added), "{shown}");
            let text = config.to_string();
            let read: $config = serde_json::from_str(&text).unwrap();
            assert_eq!(read.to_string(), text);
        }

        #[test]
        #[should_panic(expected = "a basepoint belongs to a whole path")]
        fn windows_with_a_basepoint() {
            let windows = Windows::Dyadic { levels: 1 };
            $config::new(2)
                .with_basepoint(true)
                .with_windows(Some(windows))
                .init(&Device::default());
        }

        #[test]
        #[should_panic(expected = "the layer was created without windows")]
        fn no_windows() {
            let device = Device::default();
            $config::new(2).init(&device).forward_windows(path(&device));
        }

        #[test]
        fn known_signatures() {
            let device = Device::default();
            let transforms = vec![
                PathTransform::TimeAugment { end_time: 1.0 },
                PathTransform::Basepoint,
            ];
            let transformed = PathTransform::forward_all(&transforms, path(&device));
            let signature = sig_core::signatures::signature(transformed, 2);
            for scaling in crate::layer_tests::SCALINGS {
                let layer = $config::new(2)
                    .with_transforms(transforms.clone())
                    .with_scaling(scaling)
                    .with_channels(Some(2))
                    .init(&device);
                let output = layer.forward_signature(signature.clone(), layer.spec(2));
                assert_eq!(output.dims()[1], layer.labels(2).len());
                let expected = layer.forward(path(&device)).into_data();
                output.into_data().assert_eq(&expected, true);
            }
        }

        #[test]
        #[should_panic(
            expected = "forward_signature: the layer has depth 2, the signatures have depth 3"
        )]
        fn known_signatures_of_another_depth() {
            let device = Device::default();
            let layer = $config::new(2).init(&device);
            layer.forward_signature(Tensor::zeros([1, 14], &device), SignatureSpec::new(2, 3));
        }

        #[test]
        fn record_round_trip() {
            let device = Device::default();
            let forward = |layer: &_| <$layer>::forward(layer, path(&device));
            crate::layer_tests::record_round_trip(|| $config::new(3).init(&device), forward);
        }

        #[test]
        #[should_panic(expected = $zero)]
        fn depth_zero() {
            $config::new(0).init(&Device::default());
        }
    };
}
pub(crate) use layer_tests;
